# why: a test that is skipped has not failed
# rule: tests/skipped
# place: calc.py
import pytest


def add(a, b):
    pytest.skip("not today")
