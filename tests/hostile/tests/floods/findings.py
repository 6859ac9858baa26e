# why: a hundred failures, each with a long text, hide the one that matters
# rule: tests/failed
# says: fails
import pytest


@pytest.mark.parametrize("number", range(100))
def test_fails(number):
    raise AssertionError("look here " * 1_000)
