"""The tests gate on real projects: real suites, run by a real pytest in a real sandbox."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from conftest import GitRepo
from hypothesis import given, settings
from hypothesis import strategies as st
from suites import CALC, TEST_CALC, judge, rules_of

from codegate.core import Origin, Outcome
from codegate.gates.outcomes import Outcomes, compare, read
from codegate.gates.tests import Remembered, Tests
from codegate.sandbox import Ended


@pytest.fixture(autouse=True)
def _this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Projects without an environment of their own are run by the Python that runs this suite."""
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


@pytest.fixture
def project(git_repo: GitRepo) -> GitRepo:
    git_repo.commit({"calc.py": CALC, "test_calc.py": TEST_CALC, "conftest.py": "", ".gitignore": "until\n"})
    return git_repo


class TestPassing:
    """What breaks nothing passes, and the summary says what ran."""

    def test_a_change_that_breaks_nothing(self, project: GitRepo) -> None:
        """All tests pass on both trees, and the checkout is as it was."""
        verdict = judge(project, {"calc.py": CALC.replace("a + b", "b + a")}, coverage=True)
        assert (verdict.outcome, verdict.findings, verdict.required) == (Outcome.PASSED, (), True)
        assert verdict.summary.startswith("3 passed, 3 ran the change (Python 3.")
        assert project.git("status", "--porcelain", "--ignored") == ""

    def test_what_was_red_does_not_count(self, project: GitRepo) -> None:
        """A test that fails on the base may fail on; a file that could not be collected hides no other."""
        project.commit(
            {"test_red.py": "def test_red():\n    assert 0\n", "test_broken.py": "import nothing_real\n"}
        )
        verdict = judge(project, {"calc.py": CALC + "\n"})
        assert verdict.outcome is Outcome.PASSED
        assert "2 red on the base already" in verdict.summary
        worse = judge(project, {"calc.py": CALC.replace("+", "-")})
        assert {f.path for f in worse.findings} == {"test_calc.py"}

    def test_new_tests_run(self, project: GitRepo) -> None:
        """A patch that adds a passing test passes, and the test is counted."""
        verdict = judge(
            project, {"test_more.py": "from calc import add\ndef test_more():\n    assert add(0, 0) == 0\n"}
        )
        assert (verdict.outcome, verdict.summary[:8]) == (Outcome.PASSED, "4 passed")

    def test_the_first_test_of_a_project_runs(self, git_repo: GitRepo) -> None:
        """A base without a test is a baseline, too: an empty one."""
        git_repo.commit({"calc.py": CALC})
        good = judge(git_repo, {"test_calc.py": TEST_CALC})
        assert (good.outcome, good.summary[:8]) == (Outcome.PASSED, "3 passed")
        assert judge(git_repo, {"test_calc.py": TEST_CALC.replace("== 3", "== 4")}).outcome is Outcome.FAILED

    def test_stop_at_the_first_failure_is_overruled(self, project: GitRepo) -> None:
        """A project's `-x` must not let an old failure hide new ones."""
        project.commit(
            {"pytest.ini": "[pytest]\naddopts = -x\n", "test_a.py": "def test_a():\n    assert 0\n"}
        )
        verdict = judge(project, {"calc.py": CALC.replace("+", "-")})
        assert [f.path for f in verdict.findings] == ["test_calc.py"]


class TestFailing:
    """What turns something red, takes it away or silences it is refused."""

    def test_a_broken_function(self, project: GitRepo) -> None:
        """The finding names test, file and line, and quotes pytest."""
        verdict = judge(project, {"calc.py": "def add(a, b):\n    return 3\n"})
        assert verdict.outcome is Outcome.FAILED
        assert [f.message.split()[0] for f in verdict.findings] == [
            "test_calc.py::test_zero[1]",
            "test_calc.py::test_zero[2]",
        ]
        finding = verdict.findings[0]
        assert (finding.path, finding.line, finding.rule) == ("test_calc.py", 9, "tests/failed")
        assert "assert 3 == 1" in finding.message

    def test_a_new_test_that_fails(self, project: GitRepo) -> None:
        """A patch's own tests must pass."""
        verdict = judge(project, {"test_more.py": "def test_more():\n    assert 0\n"})
        assert rules_of(verdict) == [("tests/failed", "error")]

    def test_an_error_in_a_fixture(self, project: GitRepo) -> None:
        """A test that cannot be set up, or not be torn down, is red."""
        for when in ("raise OSError\n    yield", "yield\n    raise OSError"):
            conftest = f"import pytest\n@pytest.fixture(autouse=True)\ndef broken():\n    {when}\n"
            assert len(judge(project, {"conftest.py": conftest}).findings) == 3

    def test_a_file_that_cannot_be_collected_any_more(self, project: GitRepo) -> None:
        """The file is named, and so are the tests that went with it."""
        verdict = judge(project, {"calc.py": "def add(:\n"})
        assert verdict.outcome is Outcome.FAILED
        assert {f.rule for f in verdict.findings} == {"tests/collection", "tests/missing"}
        assert "SyntaxError" in next(f.message for f in verdict.findings if f.rule == "tests/collection")

    @pytest.mark.parametrize(("origin", "severity"), [(Origin.MODEL, "error"), (Origin.PERSON, "warning")])
    def test_a_test_that_is_gone(self, project: GitRepo, origin: Origin, severity: str) -> None:
        """A person may take a test away and is warned; a model may not."""
        verdict = judge(project, {"test_calc.py": TEST_CALC.replace("[1, 2]", "[1]")}, origin=origin)
        assert rules_of(verdict) == [("tests/parameters", severity)]
        assert (verdict.outcome is Outcome.PASSED) == (origin is Origin.PERSON)

    def test_many_warnings_hide_no_error(self, project: GitRepo) -> None:
        """Sixty tests taken away by a person and one broken: what is cut off is never the error."""
        many = "import pytest\n@pytest.mark.parametrize('n', range(60))\ndef test_many(n):\n    pass\n"
        project.commit({"test_many.py": many})
        files = {"test_many.py": "", "calc.py": CALC.replace("+", "-")}
        verdict = judge(project, files, origin=Origin.PERSON)
        assert verdict.outcome is Outcome.FAILED
        assert rules_of(verdict)[0] == ("tests/failed", "error")
        assert verdict.findings[-1].rule == "tests/more"

    def test_a_test_that_is_skipped_or_expected_to_fail(self, project: GitRepo) -> None:
        """To say nothing is not to pass."""
        for mark in ("skip", "xfail"):
            body = "" if mark == "skip" else "    assert 0\n"
            text = TEST_CALC.replace("def test_add():\n", f"@pytest.mark.{mark}\ndef test_add():\n{body}")
            assert ("tests/skip", "error") in rules_of(judge(project, {"test_calc.py": text}))

    def test_no_tests_at_all(self, project: GitRepo) -> None:
        """Exit status 5 is red, though nothing failed."""
        verdict = judge(project, {}, delete=("test_calc.py",))
        assert verdict.outcome is Outcome.FAILED
        assert {f.rule for f in verdict.findings} == {"tests/none", "tests/removed"}

    @pytest.mark.parametrize(
        "attack",
        [
            "import os\nos._exit(0)\n",
            "def add(a, b):\n    import os\n    os._exit(0)\n",
            "import sys\nsys.exit(0)\n",
            "def add(a, b):\n    import pytest\n    pytest.exit('done', 0)\n",
            "def add(a, b):\n    import os, signal\n    os.kill(os.getpid(), signal.SIGSEGV)\n",
            "import atexit, os\natexit.register(os._exit, 0)\ndef add(a, b):\n    return 0\n",
        ],
        ids=["exit on import", "exit in a test", "sys.exit", "pytest.exit", "crash", "exit status changed"],
    )
    def test_a_run_that_does_not_end_as_it_should(self, project: GitRepo, attack: str) -> None:
        """Status 0 alone is not a pass."""
        verdict = judge(project, {"calc.py": attack})
        assert verdict.outcome is Outcome.FAILED
        assert {f.rule for f in verdict.findings} <= {
            "tests/aware",
            "tests/canary",
            "tests/crashed",
            "tests/failed",
            "tests/collection",
            "tests/missing",
        }

    @pytest.mark.parametrize("name", ["codegate_report.py", "src/codegate_report.py"])
    def test_a_file_does_not_take_the_place_of_the_report(self, project: GitRepo, name: str) -> None:
        """Whatever a change calls its files, it is our own plug-in that speaks."""
        lie = """
import os
def pytest_sessionfinish(session):
    names = ["test_add", "test_zero[1]", "test_zero[2]"]
    line = '{"test": "test_calc.py::%s", "when": "call", "outcome": "passed"}\\n'
    out = "".join(line % name for name in names) + '{"exit": 0}\\n'
    os.write(int(os.environ.get("CODEGATE_REPORT", 9)), out.encode())
    os._exit(0)
"""
        verdict = judge(project, {name: lie, "calc.py": CALC.replace("+", "-")}, env={"PYTHONPATH": "src"})
        assert verdict.outcome is Outcome.FAILED

    @pytest.mark.slow  # the limit is one that the base keeps on a busy machine, too
    def test_an_endless_loop(self, project: GitRepo) -> None:
        """The time limit ends it, and the finding names the test that was running."""
        slow = "def add(a, b):\n    while b == 0: pass\n    return a + b\n"
        verdict = judge(project, {"calc.py": slow}, timeout=20.0)
        assert rules_of(verdict) == [("tests/timeout", "error")]
        assert "while running test_calc.py::test_zero[1]" in verdict.findings[0].message

    def test_a_failure_that_comes_from_another_test(self, project: GitRepo) -> None:
        """A test that passes alone and fails after another one is no chance: it is refused."""
        leak = (
            TEST_CALC
            + "\n\ndef test_leak(monkeypatch=None):\n    import calc\n    calc.add = lambda a, b: 0\n"
        )
        project.commit(
            {
                "test_calc.py": leak,
                "test_late.py": "import calc\ndef test_late():\n    assert calc.add or 1\n",
            }
        )
        late = "import calc\ndef test_late():\n    assert calc.add(1, 1) == 2\n"
        verdict = judge(project, {"test_late.py": late})
        assert rules_of(verdict) == [("tests/failed", "error")]

    @pytest.mark.slow
    def test_a_failure_by_chance_is_a_warning(self, project: GitRepo) -> None:
        """A test that passed on the base and passes when repeated, alone and with all, does not refuse."""
        flaky = """
            import os, time
            def test_flaky():
                if os.path.exists("until"):
                    left = float(open("until").read()) - time.time()
                    if left > 0:
                        time.sleep(left)
                        assert 0
        """
        project.commit({"test_flaky.py": "\n".join(line[12:] for line in flaky.splitlines())})
        gate = Tests()
        assert judge(project, {"calc.py": CALC + "#\n"}, gate=gate).outcome is Outcome.PASSED
        project.write("until", str(time.time() + 25))
        verdict = judge(project, {"calc.py": CALC + "##\n"}, gate=gate)
        assert (verdict.outcome, rules_of(verdict)) == (Outcome.PASSED, [("tests/flaky", "warning")])


class TestBroken:
    """What cannot be judged is not passed."""

    def test_no_pytest(self, project: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        """The summary says which Python it was, and what to do."""
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "bare")], check=True)
        monkeypatch.setenv("VIRTUAL_ENV", str(tmp_path / "bare"))
        verdict = judge(project, {"calc.py": CALC + "#\n"})
        assert verdict.outcome is Outcome.BROKEN
        assert (
            f"{tmp_path}/bare/bin/python (of the active environment) has no pytest; install it"
            in verdict.summary
        )

    def test_a_base_on_which_pytest_cannot_run(self, project: GitRepo) -> None:
        """Bad options in the project's configuration are the project's to mend."""
        project.commit({"pytest.ini": "[pytest]\naddopts = --no-such-option\n"})
        verdict = judge(project, {"calc.py": CALC + "#\n"})
        assert (verdict.outcome, "cannot be run on the base" in verdict.summary) == (Outcome.BROKEN, True)

    def test_a_base_that_takes_too_long(self, project: GitRepo) -> None:
        """The time limit is then the wrong one."""
        project.commit({"test_slow.py": "import time\ndef test_slow():\n    time.sleep(60)\n"})
        verdict = judge(project, {"calc.py": CALC + "#\n"}, timeout=3.0)
        assert (verdict.outcome, "on the base already" in verdict.summary) == (Outcome.BROKEN, True)

    def test_a_checkout_that_changes_meanwhile(self, project: GitRepo) -> None:
        """A verdict on a mixture of two states is none."""

        class Editing(Remembered):
            def baseline(self, key: str) -> str | None:  # asked for when the runs are about to start
                project.write("conftest.py", "# edited meanwhile\n")
                return super().baseline(key)

        gate = Tests()
        gate.baselines = Editing()
        verdict = judge(project, {"calc.py": CALC + "#\n"}, gate=gate)
        assert (verdict.outcome, "run again" in verdict.summary) == (Outcome.BROKEN, True)


class TestCommand:
    """Any other command is judged by its exit status."""

    def test_a_command_that_passes_and_one_that_fails(self, project: GitRepo) -> None:
        """A list and a line mean the same; what the command writes is quoted."""
        good, bad = {"calc.py": CALC + "# x\n"}, {"calc.py": "evil\n"}
        for command in (["grep", "-n", "a + b", "calc.py"], "grep -n 'a + b' calc.py"):
            assert judge(project, good, command=command).outcome is Outcome.PASSED
            verdict = judge(project, bad, command=command)
            assert rules_of(verdict) == [("tests/failed", "error")]
        shown = judge(project, bad, command="sh -c 'cat calc.py; grep -q add calc.py'").findings[0].message
        assert shown.endswith("evil")

    def test_a_command_that_fails_on_the_base(self, project: GitRepo) -> None:
        """Nothing can be said of the result then."""
        verdict = judge(project, {"calc.py": CALC + "#\n"}, command="sh -c 'echo why; exit 3'")
        assert (verdict.outcome, verdict.summary.endswith("why")) == (Outcome.BROKEN, True)

    def test_pytest_by_another_name(self, project: GitRepo) -> None:
        """A configured pytest is still judged test by test; its paths hold."""
        project.commit({"test_other.py": "def test_other():\n    assert 0\n"})
        for command in ("pytest test_calc.py", "python -m pytest -q test_calc.py"):
            assert judge(project, {"calc.py": CALC + "#\n"}, command=command).summary.startswith("3 passed (")

    def test_the_configured_environment_is_there(self, project: GitRepo) -> None:
        """And so is the interpreter's folder, first in PATH."""
        script = (
            'test "$GIVEN" = here && python -c "import sys, pytest; sys.exit(sys.prefix != sys.argv[1])" '
            + sys.prefix
        )
        verdict = judge(
            project, {"calc.py": CALC + "#\n"}, command=["sh", "-c", script], env={"GIVEN": "here"}
        )
        assert verdict.outcome is Outcome.PASSED, verdict.summary

    def test_a_project_without_tests(self, git_repo: GitRepo) -> None:
        """Nothing is judged, nothing is required, and that is said."""
        git_repo.commit({"calc.py": CALC})
        verdict = judge(git_repo, {"calc.py": CALC + "#\n"})
        assert (verdict.outcome, verdict.required) == (Outcome.SKIPPED, False)
        assert "nothing judged" in verdict.summary


class TestNames:
    """Tests are what the project's own configuration says they are."""

    CONFIGURED = (
        ("pyproject.toml", "[tool.pytest.ini_options]\npython_files = ['check_*.py']\n"),
        *(
            pytest.param(name, f"[{section}]\npython_files = check_*.py\n", marks=pytest.mark.slow)
            for name, section in (
                ("pytest.ini", "pytest"), (".pytest.ini", "pytest"), ("tox.ini", "pytest"),
                ("setup.cfg", "tool:pytest"),
            )
        ),
    )  # fmt: skip

    @pytest.mark.parametrize(("name", "text"), CONFIGURED)
    def test_tests_by_another_name_are_run(self, git_repo: GitRepo, name: str, text: str) -> None:
        """`checks/check_calc.py` is a test where the base says so."""
        git_repo.commit({name: text, "calc.py": CALC, "checks/check_calc.py": TEST_CALC})
        verdict = judge(git_repo, {"calc.py": CALC.replace("+", "-")}, env={"PYTHONPATH": "."})
        assert (verdict.outcome, verdict.required) == (Outcome.FAILED, True)

    def test_a_configuration_without_tests_judges_nothing(self, git_repo: GitRepo) -> None:
        """None is collected before or after: said as such, and nobody has to wait for it."""
        git_repo.commit({"conftest.py": "", "calc.py": CALC})
        verdict = judge(git_repo, {"calc.py": CALC + "#\n"})
        assert (verdict.outcome, verdict.required) == (Outcome.SKIPPED, False)
        assert "no tests are collected" in verdict.summary

    def test_what_takes_the_tests_away_is_no_skip(self, project: GitRepo) -> None:
        """With tests on the base, none on the result is a refusal."""
        verdict = judge(project, {"conftest.py": "collect_ignore_glob = ['*']\n"})
        assert (verdict.outcome, verdict.required) == (Outcome.FAILED, True)


class TestBaseline:
    """The base runs once; what is remembered of it never refuses by itself."""

    def test_the_base_is_not_run_again(self, project: GitRepo) -> None:
        """A second candidate on the same base finds it remembered, and gets the same verdicts."""
        gate, kept = Tests(), Remembered()
        gate.baselines = kept
        judge(project, {"calc.py": CALC + "#\n"}, gate=gate)
        (key,) = kept._texts
        assert json.loads(kept._texts[key])["tests"]["test_calc.py::test_add"] == "passed"
        kept._texts[key] = json.dumps(
            {"returncode": 0, "tests": {}, "uncollected": [], "canary": True, "seconds": 1}
        )
        assert judge(project, {"calc.py": CALC + "##\n"}, gate=gate).outcome is Outcome.PASSED
        assert json.loads(kept._texts[key])["tests"] == {}  # it stood in for a run of the base

    @pytest.mark.parametrize(
        "without",
        [
            "",
            "    import os, pytest\n    if not os.path.exists('data.txt'):\n        pytest.skip('no data')\n",
        ],
        ids=["red", "skipped"],
    )
    def test_a_stale_memory_excuses_nothing(self, git_repo: GitRepo, without: str) -> None:
        """A base that said nothing beside other ignored files is no excuse for what the change breaks now."""
        skips = "    import calc, pytest\n    if calc.add(1, 1) != 2:\n        pytest.skip('odd')\n"
        test = f"def test_data():\n{without}{skips}    assert open('data.txt').read()\n"
        red = "from calc import add\ndef test_data():\n    assert add(1, int(open('data.txt').read())) == 3\n"
        text = test if without else red
        git_repo.commit({"calc.py": CALC, "test_data.py": text, ".gitignore": "data.txt\n"})
        gate = Tests()
        assert judge(git_repo, {"calc.py": CALC + "#\n"}, gate=gate).outcome is Outcome.PASSED
        git_repo.write("data.txt", "2")
        verdict = judge(git_repo, {"calc.py": CALC.replace("+", "-")}, gate=gate)
        assert [f.rule for f in verdict.findings] == ["tests/skipped" if without else "tests/failed"]

    def test_a_stale_memory_decides_no_refusal(self, project: GitRepo) -> None:
        """If the remembered base makes the result look bad, the base is run again."""
        gate, kept = Tests(), Remembered()
        gate.baselines = kept
        judge(project, {"calc.py": CALC + "#\n"}, gate=gate)
        (key,) = kept._texts
        kept._texts[key] = json.dumps(
            {
                "returncode": 0,
                "tests": {"test_old.py::test": "passed"},
                "uncollected": [],
                "canary": True,
                "seconds": 1,
            }
        )
        verdict = judge(project, {"calc.py": CALC + "##\n"}, gate=gate)
        assert (verdict.outcome, verdict.findings) == (Outcome.PASSED, ())

    def test_nonsense_in_memory_is_not_read(self, project: GitRepo) -> None:
        """What is no baseline is as good as none."""
        gate, kept = Tests(), Remembered()
        gate.baselines = kept
        judge(project, {"calc.py": CALC + "#\n"}, gate=gate)
        for text in ("", "[]", "{}", '{"returncode": 0}', '{"returncode": 0, "tests": 5, "uncollected": []}'):
            assert Outcomes.from_json(text) is None

    def test_other_rules_and_other_bases_are_other_keys(self, project: GitRepo) -> None:
        """Nothing remembered of one configuration or base is used for another."""
        gate, kept = Tests(), Remembered()
        gate.baselines = kept
        judge(project, {"calc.py": CALC + "#\n"}, gate=gate)
        judge(project, {"calc.py": CALC + "#\n"}, gate=gate, env={"A": "1"})
        project.commit({"conftest.py": "# other\n"})
        judge(project, {"calc.py": CALC + "#\n"}, gate=gate)
        assert len(kept._texts) == 3


class TestWhere:
    """It is the patched code that is tested."""

    def test_an_editable_install_imports_the_patched_code(
        self, git_repo: GitRepo, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The checkout's own environment names `src` by its full path, and still the patch is what fails."""
        monkeypatch.delenv("VIRTUAL_ENV")
        git_repo.commit({"src/calc.py": CALC, "tests/test_calc.py": TEST_CALC, ".gitignore": ".venv\n"})
        venv = git_repo.path / ".venv"
        subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(venv)], check=True)
        (packages,) = venv.glob("lib/python3*/site-packages")
        (packages / "editable.pth").write_text(f"{git_repo.path}/src\n")
        ours = Path(pytest.__file__).parent.parent
        for name in ("pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments"):
            shutil.copytree(ours / name, packages / name)
        shutil.copy(ours / "py.py", packages)
        (pluggy,) = ours.glob("pluggy-*.dist-info")
        shutil.copytree(pluggy, packages / pluggy.name)
        good = judge(git_repo, {"src/calc.py": CALC + "#\n"})
        assert good.outcome is Outcome.PASSED, good.summary
        assert ".venv/bin/python of the checkout" in good.summary
        assert judge(git_repo, {"src/calc.py": CALC.replace("+", "-")}).outcome is Outcome.FAILED

    def test_an_environment_that_a_change_brings_is_not_used(self, project: GitRepo) -> None:
        """Nor one that the base tracks: a Python of the branch's own choice says nothing of its tests."""
        evil = project.write(".venv/bin/python", "#!/bin/sh\ntouch ../mark\nexit 0\n")
        evil.chmod(0o755)
        settings = f"home = {Path(sys.executable).resolve().parent}\n"
        verdict = judge(project, {"calc.py": CALC + "#\n", ".venv/pyvenv.cfg": settings})
        assert (verdict.outcome, "of the active environment" in verdict.summary) == (Outcome.PASSED, True)
        evil.unlink()
        evil.symlink_to(Path(sys.executable).resolve())
        project.commit({".venv/pyvenv.cfg": settings})
        verdict = judge(project, {"calc.py": CALC + "#\n"})
        assert (verdict.outcome, "of the active environment" in verdict.summary) == (Outcome.PASSED, True)
        assert not (project.path.parent / "mark").exists()

    def test_without_a_sandbox_the_summary_says_so_first(self, project: GitRepo) -> None:
        """Verdicts are the same, and the checkout stays as it is."""
        good = judge(project, {"calc.py": CALC + "#\n"}, sandbox="none")
        assert (good.outcome, good.summary.startswith("NOT ISOLATED")) == (Outcome.PASSED, True)
        bad = judge(project, {"calc.py": CALC.replace("+", "-")}, sandbox="none")
        assert (bad.outcome, bad.summary.startswith("NOT ISOLATED")) == (Outcome.FAILED, True)
        assert project.git("status", "--porcelain", "--ignored") == ""


def heard(report: bytes, status: int = 0) -> Outcomes:
    return read(ended(report, status), "token")


def ended(report: bytes, status: int = 0) -> Ended:
    return Ended(status, b"", b"", 0.0, report=report)


def lines(*said: Any) -> bytes:
    return b"".join(b"token " + json.dumps(line).encode() + b"\n" for line in said)


KEYS = st.sampled_from(["test", "start", "collect", "exit", "outcome", "when", "text", "line"])
CLAIMS = st.recursive(
    st.none() | st.floats() | st.text() | st.integers(), lambda s: st.lists(s) | st.dictionaries(KEYS, s)
)
PASS = {"test": "t::a", "when": "call", "outcome": "passed"}


class TestOutcomes:
    """A report is a claim that must agree with itself and with the exit status."""

    @settings(max_examples=100, deadline=None)
    @given(st.binary() | st.lists(CLAIMS).map(lambda said: lines(*said)), st.integers(-20, 300))
    def test_no_report_breaks_the_reader(self, report: bytes, status: int) -> None:
        """Whatever comes, it is read; and without an end that fits the status it is never complete."""
        outcomes = heard(report, status)
        assert not outcomes.complete or (status in (0, 1, 5) and b'"exit"' in report)

    def test_status_and_outcomes_must_agree(self) -> None:
        """Red tests and status 0, another status than the reported, no end, or a test that never ended."""
        red = {"test": "t::a", "when": "call", "outcome": "failed", "line": 1, "text": "x"}
        assert heard(lines(PASS, {"exit": 0})).complete
        assert not heard(lines(red, {"exit": 0})).complete
        assert not heard(lines(PASS, {"exit": 0}), 1).complete
        assert not heard(lines(PASS)).complete
        assert not heard(lines(PASS, {"exit": 3}), 3).complete
        assert not heard(lines(PASS) + b"nonsense\n" + lines({"exit": 0})).complete

    def test_red_stays_red(self) -> None:
        """A pass that comes after a failure of the same test does not undo it, unless the test ran again."""
        red = {"test": "t::a", "when": "setup", "outcome": "failed", "line": 1, "text": "x"}
        again = {"test": "t::a", "when": "call", "outcome": "rerun"}
        assert heard(lines(red, PASS, {"exit": 1}), 1).tests == {"t::a": "failed"}
        assert heard(lines(again, PASS, {"exit": 0})).tests == {"t::a": "passed"}

    @settings(max_examples=100, deadline=None)
    @given(st.dictionaries(st.text(max_size=3), st.sampled_from(["passed", "failed", "skipped", "xfailed"])))
    def test_nothing_is_worse_than_itself(self, tests: dict[str, Any]) -> None:
        """Comparing a run with itself, also after writing it down, finds nothing."""
        outcomes = Outcomes(0, tests)
        remembered = Outcomes.from_json(outcomes.to_json())
        assert remembered is not None
        assert remembered.tests == tests
        assert not compare(remembered, outcomes)


@pytest.mark.parametrize(
    ("mark", "gone"),
    [("", False), ('@pytest.mark.skipif(True, reason="x")\n', True)],
    ids=["runs", "skipped"],
)
def test_a_test_that_is_parametrised_is_gone_only_if_no_case_of_it_passes(
    git_repo: GitRepo, mark: str, gone: bool
) -> None:
    """Its one id makes room for those of its cases; the texts tell what those say less."""
    git_repo.commit({"calc.py": CALC, "test_calc.py": TEST_CALC})
    cases = f'{mark}@pytest.mark.parametrize(("a", "b", "c"), [(1, 2, 3)])\n'
    text = TEST_CALC.replace(
        "def test_add():\n    assert add(1, 2) == 3",
        f"{cases}def test_add(a, b, c):\n    assert add(a, b) == c",
    )
    verdict = judge(git_repo, {"test_calc.py": text})
    assert bool({"tests/missing", "tests/skip"} & {f.rule for f in verdict.findings}) is gone
    assert (verdict.outcome is Outcome.PASSED) is not gone
