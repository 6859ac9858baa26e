# why: a new test file can put right what it is about to test
# rule: tests/base-failed
# place: test_a.py
from pathlib import Path

Path("calc.py").write_text("def add(a, b):\n    return a + b\n")


def test_nothing():
    pass
