# why: a new test file can rewrite the old ones before they are read
# rule: tests/base-failed
# place: test_a.py
from pathlib import Path

Path("test_calc.py").write_text("def test_add():\n    pass\n\n\ndef test_add_nothing():\n    pass\n")


def test_nothing():
    pass
