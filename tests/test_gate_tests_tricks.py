"""What no run can tell is told from the text: files in the runner's place, code that knows it is tested."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from conftest import GitRepo
from judging import said, verdict_of

from codegate.core import Origin, Verdict
from codegate.gates.tests import Tests

pytestmark = pytest.mark.slow  # several runs in the sandbox each

BASE: dict[str, str | bytes] = {
    "calc.py": "def add(a, b):\n    return a + b\n",
    "src/known/__init__.py": "",
    "tests/test_calc.py": "from calc import add\n\n\ndef test_add():\n    assert add(1, 2) == 3\n",
    "conftest.py": "",
}


@pytest.fixture(autouse=True)
def _this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.fixture
def project(git_repo: GitRepo) -> GitRepo:
    git_repo.commit(BASE)
    return git_repo


def judged(project: GitRepo, files: dict[str, str | bytes], origin: Origin = Origin.MODEL) -> Verdict:
    base = project.git("rev-parse", "HEAD").strip()
    project.commit(files)
    return verdict_of(Tests(), Path(project.path), base, project.git("rev-parse", "HEAD").strip(), origin)


@pytest.mark.parametrize(
    "path",
    [
        "json.py",
        "src/pluggy.py",
        "tests/secrets.py",
        "random/__init__.py",
        "lib/_pytest/x.py",
        "sitecustomize.py",
    ],
)
def test_a_file_in_the_place_of_another_module(project: GitRepo, path: str) -> None:
    """A new module that is found before the standard library's, or before a part of pytest, is told."""
    verdict = judged(project, {path: "x = 1\n"})
    assert ("tests/shadow", "error", path, None) in said(verdict)


@pytest.mark.parametrize(
    "path",
    ["known/json.py", "src/known/json.py", "src/fresh/types.py", "docs/random.md", "test/x.py", "calc2.py"],
)
def test_a_file_in_nobodys_place(project: GitRepo, path: str) -> None:
    """In a package it hides nothing."""
    verdict = judged(project, {path: "x = 1\n"}, Origin.PERSON)
    assert [f.rule for f in verdict.findings if f.rule == "tests/shadow"] == []


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("import pytest", True),
        ("import _pytest.python as p", True),
        ("from _pytest import runner", True),
        ("if 'pytest' in sys.modules: pass", True),
        ("tested = 'PYTEST_CURRENT_TEST' in os.environ", True),
        ("tested = 'unittest' in sys.modules", True),
        ("if getattr(sys, '_called_from_test', 0): pass", True),
        ("class Any:\n    def __eq__(self, other):\n        return True", True),
        ("class Any:\n    def __ne__(self, other: object) -> bool: return False", True),
        ("found = [name for name in sys.modules if name.startswith('codegate_')]", True),
        ("plugin = 'codegate_more'", False),
        ("# run pytest to try this", False),
        ("help = 'run pytest to try this'", False),
        ("class One:\n    def __eq__(self, other):\n        return self is other", False),
        ("from unittest import mock", False),
    ],
)
def test_code_that_knows_that_it_is_tested(project: GitRepo, line: str, told: bool) -> None:
    """A new line that names a runner, or makes any comparison true, is told; a word in a text is not."""
    verdict = judged(project, {"calc.py": f"import os, sys\n{line}\n{BASE['calc.py']!s}"})
    assert bool([f for f in verdict.findings if f.rule == "tests/aware"]) == told


def test_code_that_knew_it_before(project: GitRepo) -> None:
    """In a plug-in of pytest's that word is no news; nor is it in tests."""
    project.commit({"plugin.py": "import pytest\n"})
    verdict = judged(
        project, {"plugin.py": "import pytest\n\nx = pytest.fixture\n", "tests/helper.py": "import pytest\n"}
    )
    # What no test ran is told only where there was time to measure it.
    assert {f.rule for f in verdict.findings} <= {"tests/not-executed"}


def test_tests_that_cannot_be_run_are_compared_all_the_same(git_repo: GitRepo) -> None:
    """A project without Python tests and without a command: what a change takes from the others is told."""
    text = 'test("total", () => {\n  assert.equal(total([1]), 1);\n});\n'
    git_repo.commit({"total.js": "x;\n", "test/total.test.js": text})
    verdict = judged(git_repo, {"test/total.test.js": text.replace('test("total"', 'test.skip("total"')})
    assert "tests/skip" in [rule for rule, *_ in said(verdict)]
    assert verdict.outcome == "failed"
    unchanged = judged(git_repo, {"total.js": "y;\n"})
    assert (unchanged.outcome, unchanged.findings) == ("skipped", ())
