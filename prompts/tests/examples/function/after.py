import pytest
from text import initials


def test_initials() -> None:
    assert initials("a b") == "AB"
    assert initials("") == ""
    assert initials("x y z w") == "XYZ"


def test_initials_raises_value_error() -> None:
    with pytest.raises(ValueError):
        initials("ab", 0)
