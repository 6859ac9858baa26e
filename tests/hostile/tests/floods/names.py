# why: a test's name is shown to a person, and is as long and as odd as its author likes
# rule: tests/failed
# says: fails
import pytest


@pytest.mark.parametrize("number", [1], ids=["\x1b[2J\u202e" + "x" * 100_000])
def test_fails(number):
    raise AssertionError
