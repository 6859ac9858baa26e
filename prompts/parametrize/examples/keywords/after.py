import pytest


@pytest.mark.parametrize(
    ("value", "lower", "upper", "expected"),
    [
        (0, 0, 1, 0),
        (-1, 0, 1, 0),
    ],
)
def test_clamp(value, lower, upper, expected):
    assert clamp(value, lower=lower, upper=upper) == expected
