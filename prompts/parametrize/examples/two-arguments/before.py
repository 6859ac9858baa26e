from calc import add


def test_add():
    """Sums are right."""
    assert add(1, 2) == 3
    assert add(0, 0) == 0
    assert add(-1, "a") is None
