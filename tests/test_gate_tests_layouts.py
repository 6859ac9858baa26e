"""Projects of every shape: their tests are run as their own developers run them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from conftest import GitRepo
from suites import CALC, TEST_CALC, judge, rules_of

from codegate.core import Outcome

pytestmark = pytest.mark.slow  # several runs in the sandbox each

BROKEN = CALC.replace("a + b", "a - b - 1")
CASES = """\
import unittest

{}


class TestCalc(unittest.TestCase):
    def test_add(self):
        self.assertEqual(add(1, 2), 3)

    def test_parts(self):
        for b in (1, 2):
            with self.subTest(b=b):
                self.assertEqual(add(0, b), b)

    @unittest.skip("later")
    def test_later(self):
        pass

    @unittest.expectedFailure
    def test_expected(self):
        self.assertEqual(add(1, 1), 3)
"""
UNITTEST = CASES.format("from calc import add")
FORGED = """
import unittest

unittest.TestCase.assertEqual = lambda *args, **kwargs: None
unittest.TestCase._callTestMethod = lambda self, method: None
"""


@pytest.fixture(autouse=True)
def _this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment without pytest, and without anything else."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
    monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "bare"))
    return tmp_path / "bare"


@pytest.mark.parametrize(
    ("files", "configured"),
    [
        ({"calc.py": CALC, "test_calc.py": TEST_CALC}, {}),
        ({"calc.py": CALC, "tests/__init__.py": "", "tests/test_calc.py": TEST_CALC}, {}),
        ({"calc.py": CALC, "tests/test_calc.py": TEST_CALC}, {}),
        ({"src/calc.py": CALC, "tests/test_calc.py": TEST_CALC}, {"env": {"PYTHONPATH": "src"}}),
        (
            {
                "src/calc.py": CALC,
                "tests/test_calc.py": TEST_CALC,
                "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['src']\n",
            },
            {},
        ),
        (
            {
                "src/calc.py": CALC,
                "tests/test_calc.py": TEST_CALC,
                "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = 'src'\n"
                "addopts = '--import-mode=importlib'\n",
            },
            {},
        ),
        (
            {
                "src/space/one/calc.py": CALC,
                "tests/test_calc.py": TEST_CALC.replace("from calc", "from space.one.calc"),
                "pyproject.toml": "[tool.pytest.ini_options]\npythonpath = ['src']\n",
            },
            {},
        ),
    ],
    ids=["flat", "package of tests", "folder of tests", "src", "src, configured", "importlib", "namespace"],
)
def test_layouts_of_projects(git_repo: GitRepo, files: dict[str, str], configured: dict[str, object]) -> None:
    """What is imported is the patched code: a good change passes, a bad one does not."""
    git_repo.commit(dict(files))
    (path,) = (path for path in files if path.endswith("calc.py") and not path.endswith("test_calc.py"))
    good = judge(git_repo, {path: CALC.replace("a + b", "b + a")}, coverage=True, **configured)
    assert (good.outcome, good.summary[:26]) == (Outcome.PASSED, "3 passed, 3 ran the change"), good
    assert judge(git_repo, {path: BROKEN}, **configured).outcome is Outcome.FAILED


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize("path", ["test_calc.py", "tests/test_calc.py", "test/test_calc.py"])
def test_unittest_where_there_is_no_pytest(git_repo: GitRepo, path: str) -> None:
    """Judged test by test as pytest's are: outcomes, subtests, lines that ran."""
    made = {"test/__init__.py": ""} if path.startswith("test/") else {}
    git_repo.commit({"calc.py": CALC, path: UNITTEST, **made})
    good = judge(git_repo, {"calc.py": CALC.replace("a + b", "b + a")}, coverage=True)
    assert good.outcome is Outcome.PASSED, good
    assert good.summary.startswith("2 passed, 1 skipped, 1 xfailed, 3 ran the change (unittest, Python 3.")
    bad = judge(git_repo, {"calc.py": BROKEN})
    assert rules_of(bad) == [("tests/failed", "error")] * 2
    assert [f.message.split()[0] for f in bad.findings] == [
        f"{path}::TestCalc::test_add",
        f"{path}::TestCalc::test_parts",
    ]
    assert (bad.findings[0].path, bad.findings[0].line) == (path, 7)
    assert "-2 != 3" in bad.findings[0].message


@pytest.mark.usefixtures("bare")
@pytest.mark.parametrize(
    "attack",
    [
        FORGED,
        "import os\nos._exit(0)\n",
        "import atexit, os\natexit.register(os._exit, 0)\n",
        "import sys\nsys.exit(0)\n",
    ],
    ids=["assertions", "exit", "status", "sys.exit"],
)
def test_forged_passes_of_unittest(git_repo: GitRepo, attack: str) -> None:
    """Tests that must fail must be seen failing there, too, and the run must end as one does."""
    git_repo.commit({"calc.py": CALC, "test_calc.py": UNITTEST})
    assert judge(git_repo, {"calc.py": attack + BROKEN}).outcome is Outcome.FAILED


@pytest.mark.usefixtures("bare")
def test_a_file_that_unittest_cannot_load(git_repo: GitRepo) -> None:
    """It is named, and what was in it is missed."""
    git_repo.commit({"calc.py": CALC, "test_calc.py": UNITTEST})
    verdict = judge(git_repo, {"calc.py": "def add(:\n"})
    assert {f.rule for f in verdict.findings} == {"tests/collection", "tests/missing"}


def test_unittest_by_command(git_repo: GitRepo) -> None:
    """Where the base says so, it is unittest though there is a pytest."""
    git_repo.commit({"calc.py": CALC, "checks/test_calc.py": UNITTEST})
    command = "python -m unittest discover -s checks -t checks -q"
    good = judge(git_repo, {"calc.py": CALC + "\n\nx = 1\n"}, command=command, coverage=True)
    assert good.summary.startswith("2 passed, 1 skipped, 1 xfailed, 0 ran the change (unittest")
    assert judge(git_repo, {"calc.py": BROKEN}, command=command).outcome is Outcome.FAILED


def test_a_build_step(git_repo: GitRepo) -> None:
    """It runs on each tree before its tests; where it fails nothing else is said."""
    build = "text = open('calc.in').read()\nassert text, 'no code'\nopen('calc.py', 'w').write(text)\n"
    git_repo.commit({"build.py": build, "calc.in": CALC, "test_calc.py": TEST_CALC, "conftest.py": ""})
    for command in ("python build.py", ["python", "build.py"]):
        assert judge(git_repo, {"calc.in": CALC + "#\n"}, build=command).outcome is Outcome.PASSED
    failed = judge(git_repo, {"calc.in": BROKEN}, build="python build.py")
    assert {f.rule for f in failed.findings} == {"tests/failed"}
    unbuilt = judge(git_repo, {"calc.in": ""}, build="python build.py")
    assert (rules_of(unbuilt), "no code" in unbuilt.findings[0].message) == ([("tests/build", "error")], True)
    broken = judge(git_repo, {"calc.in": CALC + "#\n"}, build="false")
    assert (broken.outcome, "`false` fails on the base already" in broken.summary) == (Outcome.BROKEN, True)
    assert not (git_repo.path / "calc.py").exists()


def test_tests_of_another_language(git_repo: GitRepo) -> None:
    """`make check` of a shell script: its exit status decides, and the base's own tests hold."""
    git_repo.commit(
        {
            "Makefile": "check:\n\tsh tests/check.sh\n",
            "add.sh": "echo $(($1 + $2))\n",
            "tests/check.sh": 'test "$(sh add.sh 1 2)" = 3\n',
        }
    )
    assert judge(git_repo, {"add.sh": "echo $(($2 + $1))\n"}, command="make check").outcome is Outcome.PASSED
    bad = {"add.sh": "echo $(($1 - $2))\n"}
    assert rules_of(judge(git_repo, bad, command="make check")) == [("tests/failed", "error")]
    for lie in ({"tests/check.sh": "true\n"}, {"Makefile": "check:\n\ttrue\n"}):
        verdict = judge(git_repo, bad | lie, command="make check")
        assert ("tests/base-failed", "error") in rules_of(verdict)


@pytest.mark.parametrize(
    ("limit", "body", "rule"),
    [
        ({"memory": 300}, "x = bytearray(600 << 20)", "tests/failed"),
        ({"output": 1}, "print('x' * (3 << 20))", "tests/output"),
        ({"disk": 8}, "open('big', 'wb').write(bytes(64 << 20))", "tests/failed"),
        (
            {"processes": 30},
            "import threading, time\n"
            "    for _ in range(60): threading.Thread(target=time.sleep, args=(5,)).start()",
            "tests/",
        ),
    ],
    ids=["memory", "output", "disk", "processes"],
)
def test_the_base_limits_what_tests_use(
    git_repo: GitRepo, limit: dict[str, int], body: str, rule: str
) -> None:
    """In MiB, and in processes; beyond it the tests fail."""
    git_repo.commit({"calc.py": CALC, "test_calc.py": TEST_CALC, "conftest.py": ""})
    greedy = f"def add(a, b):\n    {body}\n    return a + b\n"
    command = "python -m pytest -s -x"
    verdict = judge(git_repo, {"calc.py": greedy}, command=command, coverage=False, **limit)
    assert verdict.outcome is Outcome.FAILED
    assert any(f.rule.startswith(rule) for f in verdict.findings), verdict.findings
    assert judge(git_repo, {"calc.py": CALC + "#\n"}, command=command, **limit).outcome is Outcome.PASSED
