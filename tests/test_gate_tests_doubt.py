"""A base whose run breaks off, or tells of no test: what mends it passes, and nothing passes more easily."""

from __future__ import annotations

import sys

import pytest
from conftest import GitRepo
from suites import CALC, TEST_CALC, judge, rules_of

from codegate.core import Origin, Outcome, Verdict
from codegate.gates.tests import Tests

pytestmark = pytest.mark.slow  # several runs in the sandbox each

ENDLESS = "def add(a, b):\n    while a == 1 and b == 2:\n        pass\n    return a + b\n"
DEADLY = ENDLESS.replace("pass", "import os; os.kill(os.getpid(), 9)")
OTHER = "def test_other():\n    pass\n\n\ndef test_last():\n    pass\n"
UNKNOWN = [("tests/base-unknown", "warning")]


@pytest.fixture(autouse=True)
def _this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.fixture
def project(git_repo: GitRepo) -> GitRepo:
    """The first test is the end of the run."""
    git_repo.commit({"calc.py": DEADLY, "test_calc.py": TEST_CALC, "test_other.py": OTHER, "conftest.py": ""})
    return git_repo


def is_broken(verdict: Verdict) -> bool:
    return verdict.outcome is Outcome.BROKEN and "cannot be run on the base" in verdict.summary


def test_a_fix_of_a_crash(project: GitRepo) -> None:
    """All is green, so it passes, with a warning; and nothing of such a base is remembered."""
    gate = Tests()
    for text in (CALC, CALC + "#\n"):
        verdict = judge(project, {"calc.py": text}, gate=gate)
        assert (verdict.outcome, rules_of(verdict)) == (Outcome.PASSED, UNKNOWN), verdict
        assert "the tests cannot be run on the base (exit status 137)" in verdict.findings[0].message
        assert verdict.summary.startswith("5 passed")


def test_a_fix_of_an_endless_loop(project: GitRepo) -> None:
    """A limit that ends the base's run is like a crash; one that ends the result's as well is not passed."""
    project.commit({"calc.py": ENDLESS})
    limit = "the tests did not end within 20 s on the base already"
    verdict = judge(project, {"calc.py": CALC}, timeout=20.0)
    assert (verdict.outcome, rules_of(verdict)) == (Outcome.PASSED, UNKNOWN), verdict
    assert limit in verdict.findings[0].message
    verdict = judge(project, {"calc.py": ENDLESS + "#\n"}, timeout=20.0)
    assert (verdict.outcome, limit in verdict.summary) == (Outcome.BROKEN, True), verdict


@pytest.mark.parametrize(
    "files",
    [
        {"calc.py": DEADLY + "#\n"},
        {"calc.py": CALC.replace("a + b", "b and a + b")},
        {
            "calc.py": CALC,
            "test_other.py": OTHER.replace("pass", "import unittest; raise unittest.SkipTest", 1),
        },
        {"calc.py": f"import os\n{CALC.replace('    ', '    os._exit(0)' + chr(10) + '    ')}"},
        {"calc.py": f"import _pytest.python\n_pytest.python.Function.runtest = repr\n{DEADLY}"},
    ],
    ids=["deadly still", "red", "silent", "gone in a test", "never failing"],
)
def test_what_is_not_wholly_green(project: GitRepo, files: dict[str, str]) -> None:
    """It cannot be compared, so it is not passed."""
    verdict = judge(project, files)
    assert is_broken(verdict), verdict


@pytest.mark.parametrize(
    ("files", "rule"),
    [
        ({"test_other.py": OTHER.replace("test_last", "no_test")}, "tests/removed"),
        ({"conftest.py": "collect_ignore = ['test_other.py']\n"}, "tests/missing"),
    ],
    ids=["by its text", "by a hook"],
)
def test_tests_that_are_gone_are_missed(project: GitRepo, files: dict[str, str], rule: str) -> None:
    """Though the base's run never came to them: they are listed there."""
    verdict = judge(project, {"calc.py": CALC, **files})
    assert verdict.outcome is Outcome.FAILED
    assert (rule, "error") in rules_of(verdict)


@pytest.mark.parametrize(("origin", "severity"), [(Origin.MODEL, "error"), (Origin.PERSON, "warning")])
def test_an_expectation_that_moves_meanwhile(project: GitRepo, origin: Origin, severity: str) -> None:
    """The base's tests must pass on the new code, those of which its run said nothing as well."""
    files = {
        "calc.py": CALC.replace("a + b", "a + b + (b == 0)"),
        "test_calc.py": TEST_CALC.replace("== a", "== a + 1"),
    }
    verdict = judge(project, files, origin=origin)
    assert [rule for rule in rules_of(verdict) if rule[0] == "tests/base-failed"] == [
        ("tests/base-failed", severity)
    ] * 2


@pytest.mark.parametrize(
    "base",
    [
        {"test_calc.py": TEST_CALC, "calc.py": ""},
        {"calc.py": CALC, "README": ""},
        {"conftest.py": "import calc\n"},
    ],
    ids=["a name that is not there", "a file that is not there", "a conftest that cannot be loaded"],
)
def test_a_base_without_a_test_that_can_be_collected(git_repo: GitRepo, base: dict[str, str]) -> None:
    """What brings the name or the file that its tests lack passes if it is green, and not if it is red."""
    git_repo.commit(base)
    good = {"calc.py": CALC + "#\n", "test_calc.py": TEST_CALC}
    command = [sys.executable, "-m", "pytest", "test_calc.py"]
    verdict = judge(git_repo, good, command=command)
    assert (verdict.outcome, rules_of(verdict)) == (Outcome.PASSED, UNKNOWN), verdict
    bad = {**good, "calc.py": CALC.replace("+", "-")}
    verdict = judge(git_repo, bad, command=command)
    assert (verdict.outcome, "cannot be run on the base" in verdict.summary) == (Outcome.BROKEN, True), (
        verdict
    )


def test_a_crash_of_unittest(project: GitRepo) -> None:
    """Its tests are listed, too, and one that is taken away is missed."""
    case = "import calc, unittest\nclass TestCalc(unittest.TestCase):\n    def test_add(self):\n        "
    case += "self.assertEqual(calc.add(1, 2), 3)\n"
    last = "    def test_zero(self):\n        pass\n"
    project.commit({"test_calc.py": case + last, "test_other.py": ""})
    command = [sys.executable, "-m", "unittest"]
    verdict = judge(project, {"calc.py": CALC}, command=command)
    assert (verdict.outcome, rules_of(verdict)) == (Outcome.PASSED, UNKNOWN), verdict
    verdict = judge(project, {"calc.py": CALC, "test_calc.py": case}, command=command)
    assert verdict.outcome is Outcome.FAILED, verdict


def test_a_base_whose_tests_cannot_be_listed(git_repo: GitRepo) -> None:
    """An import that never ends hides which tests there are: nobody could miss one."""
    git_repo.commit({"calc.py": "while True:\n    pass\n", "test_calc.py": TEST_CALC})
    verdict = judge(git_repo, {"calc.py": CALC}, timeout=10.0)
    assert (verdict.outcome, "on the base already" in verdict.summary) == (Outcome.BROKEN, True), verdict


def test_a_long_name_is_cut_where_it_is_told(git_repo: GitRepo) -> None:
    """A test's name of 100,000 characters makes a short finding, and is still one test among others."""
    long = 'import calc, pytest\nLONG = "x" * 100_000\n'
    long += '@pytest.mark.parametrize("n", [1, 2], ids=[LONG, LONG + "y"])\n'
    long += "def test_long(n):\n    assert calc.add(n, 0) == n\n"
    git_repo.commit({"calc.py": CALC, "test_calc.py": TEST_CALC, "test_long.py": long})
    verdict = judge(git_repo, {"calc.py": CALC.replace("a + b", "a + b if a < 2 else 0")})
    long_one = next(f for f in verdict.findings if f.path == "test_long.py")
    assert len(verdict.findings) == 2
    assert len(long_one.message) < 3000
    assert long_one.message.startswith("test_long.py::test_long[xxx")
    assert "xy] fails" in long_one.message.partition("\n")[0]
