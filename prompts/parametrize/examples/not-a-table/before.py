from calc import add


def test_add():
    total = add(1, 2)
    assert total == 3
