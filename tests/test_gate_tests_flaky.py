"""Chance decides nothing: a test that is red by chance is told of, one that a change breaks refuses it."""

from __future__ import annotations

import sys

import pytest
from conftest import GitRepo
from suites import CALC, judge, rules_of

from codegate.core import Outcome

REFUSED = (Outcome.FAILED, [("tests/failed", "error")])
EXCUSED = (Outcome.PASSED, [("tests/flaky", "warning")])


@pytest.fixture(autouse=True)
def _this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.mark.parametrize(
    ("runs", "answer"),
    [
        pytest.param("P F PP", EXCUSED, id="passes when repeated"),
        pytest.param("P F PF", REFUSED, id="passes alone only"),
        pytest.param("P F F FPF", EXCUSED, id="both on the base", marks=pytest.mark.slow),
        pytest.param("P F F PPF", EXCUSED, id="once red on the base"),
        pytest.param("P F F PPP", REFUSED, id="never red on the base"),
        pytest.param("P F F FFF F", EXCUSED, id="red on the base with others", marks=pytest.mark.slow),
        pytest.param("P F F FFF P", REFUSED, id="red on the base alone only", marks=pytest.mark.slow),
    ],
)
def test_what_repetition_shows(git_repo: GitRepo, runs: str, answer: tuple[Outcome, object]) -> None:
    """The base, the result, the result's test alone; then the result with all, or the base some times more.

    Without a jail the test can count its runs in a file outside, and pass and fail as is written here.
    """
    script = git_repo.path.parent / "script"
    script.write_text(runs.replace(" ", ""))
    test = f"""
def test_chance():
    runs = open({str(script)!r}).read()
    open({str(script)!r}, "w").write(runs[1:])
    assert runs[0] == "P"
"""
    git_repo.commit({"calc.py": CALC, "test_chance.py": test, "test_other.py": "def test_other(): pass\n"})
    verdict = judge(git_repo, {"calc.py": CALC + "#\n"}, sandbox="none")
    assert (verdict.outcome, rules_of(verdict)) == answer
    assert script.read_text() == ""


def test_a_test_that_leans_on_another_is_no_chance(git_repo: GitRepo) -> None:
    """It fails alone on the base, too; and still what breaks it is refused."""
    leaning = """
import calc
def test_first():
    calc.seen = calc.add(1, 1)
def test_second():
    assert calc.seen == 2
"""
    git_repo.commit({"calc.py": CALC + "\n\nseen = 0\n", "test_calc.py": leaning, "conftest.py": ""})
    verdict = judge(git_repo, {"calc.py": CALC.replace("+", "-") + "\n\nseen = 0\n"})
    assert (verdict.outcome, rules_of(verdict)) == REFUSED
