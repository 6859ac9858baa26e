import pytest
from calc import add


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        (1, 2, 3),
        (0, 0, 0),
        (-1, "a", None),
    ],
)
def test_add(left, right, expected):
    """Sums are right."""
    assert add(left, right) == expected
