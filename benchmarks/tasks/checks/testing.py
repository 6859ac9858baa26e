"""Whether tests pass on the right code, and on no other."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from .case import CASE, node


def new_tests() -> list[str]:
    """Return the files of tests that the result brings or changes. It must change nothing else."""
    changed = [file for file, text in CASE.after.items() if CASE.before.get(file) != text]
    tests = [file for file in changed if re.search(r"(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$", file)]
    assert tests, "there is no test"
    assert tests == changed, f"it changes {sorted(set(changed) - set(tests))}"
    return [file for file in tests if not file.endswith("conftest.py")]


def pytest(*files: str) -> tuple[int, str, int]:
    """Run pytest on files and return its status, its last line, and how many tests passed."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--noconftest",
               "-o", "addopts=", "-c", "/dev/null", "--rootdir", ".", *files]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    said = done.stdout.strip() or done.stderr.strip()
    passed = re.search(r"(\d+) passed", said)
    faults = re.findall(r"^E\s+(.*)", said, re.M)
    return done.returncode, (faults or [said.rpartition("\n")[2]])[0], int(passed[1]) if passed else 0


def kills(*mutants: tuple[str, str], file: str = "", at_least: int = 1, select: str = "") -> None:
    """Refuse tests that fail on the right code, or pass with the code broken as each mutant breaks it.

    A mutant is a text of the code's `file` and what takes its place. `select` is the one test to run.
    """
    tests = [f"{one}::{select}" if select else one for one in new_tests()]
    status, said, passed = pytest(*tests)
    assert status == 0, f"they fail on the right code: {said}"
    assert passed >= at_least, f"{passed} tests, not {at_least}"
    place = Path(file or CASE.path)
    right = place.read_text("utf-8")
    survived = []
    for old, new in mutants:
        start = 0 if file else _start(right)
        assert old in right[start:], f"no mutant, not in the code: {old!r}"
        place.write_text(right[:start] + right[start:].replace(old, new, 1), "utf-8")
        if pytest(*tests)[0] == 0:
            survived.append(f"{old.strip()} → {new.strip()}")
        place.write_text(right, "utf-8")
    assert not survived, f"they pass with: {survived}"


def _start(text: str) -> int:
    """Return where the target begins in the text of its file."""
    lines = text.splitlines(keepends=True)
    return len("".join(lines[: node(text=text).lineno - 1]))


def one_by_one(cases: int, *mutants: tuple[str, str], file: str) -> None:
    """Refuse a test that is not `cases` cases or more by a parametrisation, fails, or lets a mutant live."""
    decorators = [ast.unparse(one) for one in node().decorator_list]
    assert sum("parametrize" in one for one in decorators) == 1, "it is not parametrized, or more than once"
    assert not any(isinstance(one, ast.For | ast.While) for one in ast.walk(node())), "it still loops"
    kills(*mutants, file=file, at_least=cases, select=CASE.name)
