"""The base's tests, as the base has them, on the change's code: what a change says of itself counts less."""

from __future__ import annotations

import sys

import pytest
from conftest import GitRepo
from suites import CALC, TEST_CALC, judge, rules_of

from codegate.core import Origin, Outcome, Verdict

RENAMED = {
    "calc.py": CALC.replace("add", "plus"),
    "test_calc.py": TEST_CALC.replace("import add", "import plus").replace(" add(", " plus("),
}
BY_HAND = [
    (Origin.MODEL, "error"),
    pytest.param(Origin.PERSON, "warning", marks=pytest.mark.slow),  # the same runs, weighed otherwise
]


@pytest.fixture(autouse=True)
def _this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.fixture
def project(git_repo: GitRepo) -> GitRepo:
    git_repo.commit({"calc.py": CALC, "test_calc.py": TEST_CALC, "conftest.py": ""})
    return git_repo


def held(verdict: Verdict) -> list[tuple[str, str]]:
    """Return what the base's own tests say, without what the texts of the changed ones tell."""
    return [said for said in rules_of(verdict) if said[0] == "tests/base-failed"]


@pytest.mark.parametrize(("origin", "severity"), BY_HAND)
def test_a_rename_with_its_tests(project: GitRepo, origin: Origin, severity: str) -> None:
    """A person may rename a function and its tests, and is told; a model may not."""
    verdict = judge(project, RENAMED, origin=origin)
    assert held(verdict) == [("tests/base-failed", severity)]
    assert verdict.findings[0].path == "test_calc.py"
    assert "cannot be collected any more as the base has it" in verdict.findings[0].message
    assert (verdict.outcome is Outcome.PASSED) == (origin is Origin.PERSON)


@pytest.mark.parametrize(("origin", "severity"), BY_HAND)
def test_an_expectation_that_moves_with_the_code(project: GitRepo, origin: Origin, severity: str) -> None:
    """The test is named with its line and what it said; the summary says that it ran twice."""
    files = {"calc.py": CALC.replace("a + b", "a + b + 1")}
    files["test_calc.py"] = TEST_CALC.replace("== 3", "== 4").replace("== a", "== a + 1")
    verdict = judge(project, files, origin=origin, coverage=True)
    # What their texts say of the same tests is not repeated.
    assert rules_of(verdict) == [("tests/base-failed", severity)] * 3
    assert verdict.findings[0].message.startswith(
        "test_calc.py::test_add fails as the base has it; the change makes it pass"
    )
    assert (verdict.findings[0].line, "assert 4 == 3" in verdict.findings[0].message) == (5, True)
    assert "3 passed, 3 ran the change; the base's own tests on the new code: 3 failed" in verdict.summary


@pytest.mark.parametrize(("origin", "severity"), BY_HAND)
def test_data_of_tests_counts_as_tests(git_repo: GitRepo, origin: Origin, severity: str) -> None:
    """An expected result in a file beside the tests is the base's to state."""
    test = (
        "from calc import add\ndef test_add():\n    assert add(1, 2) == int(open('tests/three.txt').read())\n"
    )
    git_repo.commit({"calc.py": CALC, "tests/test_calc.py": test, "tests/three.txt": "3", "conftest.py": ""})
    files = {"calc.py": CALC.replace("+", "-"), "tests/three.txt": "-1"}
    assert rules_of(judge(git_repo, files, origin=origin)) == [("tests/base-failed", severity)]


def test_new_tests_and_new_code_together(project: GitRepo) -> None:
    """What adds and breaks nothing passes, though it brings tests, fixtures and configuration."""
    files = {
        "calc.py": CALC + "\n\ndef double(a):\n    return a + a\n",
        "test_double.py": "from calc import double\ndef test_double(two):\n    assert double(two) == 4\n",
        "conftest.py": "import pytest\n@pytest.fixture\ndef two():\n    return 2\n",
    }
    verdict = judge(project, files, coverage=True)
    assert (verdict.outcome, verdict.findings) == (Outcome.PASSED, ())
    assert verdict.summary.startswith(
        "4 passed, 1 ran the change; the base's own tests on the new code: 3 passed"
    )


@pytest.mark.parametrize(
    "files",
    [
        {"calc.py": CALC + "#\n"},
        {"test_calc.py": TEST_CALC + "\n\ndef test_more():\n    assert add(0, 0) == 0\n"},
        {"calc.py": CALC + "#\n", "pyproject.toml": "[project]\nname = 'calc'\nversion = '2'\n"},
    ],
    ids=["code", "tests", "a version"],
)
def test_one_run_where_another_would_say_the_same(project: GitRepo, files: dict[str, str]) -> None:
    """Code alone, tests alone, and configuration of other tools cost no second run."""
    assert "the base's own tests" not in judge(project, files).summary


def test_doctests_are_not_what_their_module_is(git_repo: GitRepo) -> None:
    """A module with tests in its docstrings is still the code that is judged."""
    doctest = 'def add(a, b):\n    """\n    >>> add(1, 1)\n    2\n    """\n    return a + b\n'
    git_repo.commit(
        {
            "pytest.ini": "[pytest]\naddopts = --doctest-modules\n",
            "calc.py": doctest,
            "test_calc.py": TEST_CALC.replace("== 3", "== 3 or True"),
            "conftest.py": "",
        }
    )
    files = {"calc.py": CALC.replace("a + b", "a + b + 1"), "test_calc.py": "def test_add(): pass\n"}
    verdict = judge(git_repo, files, origin=Origin.PERSON)
    assert ("tests/base-failed", "warning") in rules_of(verdict)
