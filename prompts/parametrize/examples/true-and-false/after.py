import pytest


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (1, True),
        (2, False),
    ],
)
def test_odd(value, expected):
    assert odd(value) is expected
