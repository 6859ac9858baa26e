"""How strong the tests are is told: which changed lines none of them ran, and how many ran the change."""

from __future__ import annotations

import sys

import pytest
from conftest import GitRepo
from suites import CALC, TEST_CALC, judge

from codegate.core import Outcome, Verdict

GROWN = (
    CALC
    + """

def double(a):
    if a < 0:
        print(
            "negative",
        )
        return -2
    return a + a


def never(a):
    # no test comes here
    b = a
    return b
"""
)
TEST_DOUBLE = """\
from calc import add, double


def test_double():
    assert double(2) == 4


def test_other():
    assert add(1, 1) == 2
"""


@pytest.fixture(autouse=True)
def _this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.fixture
def project(git_repo: GitRepo) -> GitRepo:
    git_repo.commit({"calc.py": CALC, "test_calc.py": TEST_CALC, "conftest.py": ""})
    return git_repo


def unexecuted(verdict: Verdict) -> list[tuple[str | None, int | None, str]]:
    found = [f for f in verdict.findings if f.rule == "tests/not-executed"]
    assert all(f.severity.value == "note" for f in found)
    return [(f.path, f.line, f.message.partition("in ")[2]) for f in found]


def test_changed_lines_that_no_test_runs(project: GitRepo) -> None:
    """Each stretch is told once, by its first line; what was there before is not told of."""
    verdict = judge(project, {"calc.py": GROWN, "test_double.py": TEST_DOUBLE}, coverage=True)
    assert verdict.outcome is Outcome.PASSED
    assert unexecuted(verdict) == [("calc.py", 7, "lines 7 to 10"), ("calc.py", 16, "lines 16 to 17")]
    assert verdict.summary.startswith("5 passed, 1 ran the change")


def test_a_file_that_nothing_imports(project: GitRepo) -> None:
    """None of it ran, and no test ran the change."""
    verdict = judge(project, {"other.py": "def other():\n    return 1\n"}, coverage=True)
    assert unexecuted(verdict) == [("other.py", 1, "lines 1 to 2")]
    assert verdict.summary.startswith("3 passed, 0 ran the change")


def test_many_places_are_counted(project: GitRepo) -> None:
    """Twenty are told one by one, the others in one."""
    text = "".join(f"def f{n}(a):\n    return {n}\n\n\n\n\n" for n in range(30))
    verdict = judge(project, {"other.py": text, "conftest.py": "import other\n"}, coverage=True)
    assert len(unexecuted(verdict)) == 21
    assert verdict.findings[-1].message == "nor 10 more changed statements in 10 other places"


def test_the_base_can_do_without(project: GitRepo) -> None:
    """With `coverage = false` nothing is measured and nothing said of it."""
    verdict = judge(project, {"calc.py": GROWN}, coverage=False)
    assert (unexecuted(verdict), "ran the change" in verdict.summary) == ([], False)


@pytest.mark.slow
def test_a_project_that_measures_by_itself(project: GitRepo) -> None:
    """pytest-cov in the project's own configuration, and a threshold of its own, work as ever."""
    project.commit({"pytest.ini": "[pytest]\naddopts = --cov=calc --cov-fail-under=10\n"})
    env = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": ""}
    verdict = judge(project, {"calc.py": GROWN, "test_double.py": TEST_DOUBLE}, env=env, coverage=True)
    assert (verdict.outcome, len(unexecuted(verdict))) == (Outcome.PASSED, 2)


def test_a_test_that_traces(project: GitRepo) -> None:
    """It gets the trace function for itself; then nothing is known, and that is said."""
    tracing = "import sys\ndef test_trace():\n    sys.settrace(None)\n    assert sys.gettrace() is None\n"
    project.commit({"test_trace.py": tracing})
    verdict = judge(project, {"calc.py": GROWN}, coverage=True)
    assert (verdict.outcome, unexecuted(verdict)) == (Outcome.PASSED, [])
    assert "how many ran the change is not known: a test traces by itself" in verdict.summary


@pytest.mark.slow
def test_workers_of_xdist_are_heard(project: GitRepo) -> None:
    """What ran in any process ran."""
    env = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": ""}
    files = {"calc.py": GROWN, "test_double.py": TEST_DOUBLE}
    verdict = judge(project, files, env=env, command="python -m pytest -n 2", coverage=True)
    assert (verdict.outcome, len(unexecuted(verdict))) == (Outcome.PASSED, 2), verdict.findings
    assert verdict.summary.startswith("5 passed, 1 ran the change")
