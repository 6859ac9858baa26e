"""Hostile test files against the real gate in the real sandbox: each is refused, and none leaves a trace.

A file of `hostile/tests/` says in its header what must become of it:

- `why`: what it is after, in one line;
- `rule`: the rule that must refuse it (one of them: limits bite an ordinary user elsewhere than root);
- `says`: a pattern that the refusing finding must contain, so that nothing is refused for a boring reason;
- `contained`: there is no rule, since it may do in there what it likes: what must be true outside;
- `open`: it gets through, and why: a strict xfail, and part of docs/limits.md;
- `place`: where the candidate puts it (`test_hostile.py`); a forgery always comes with a broken `calc.py`;
- `without a jail`: `succeeds` where `sandbox = "none"` lets it get what it is after.

An escape *passes* as a test if it succeeds. Whatever becomes of it, nothing outside may have changed.
"""

from __future__ import annotations

import contextlib
import ctypes
import dataclasses
import hashlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest
from conftest import GitRepo
from driver import terminal
from judging import verdict_of

from codegate.core import Outcome, Severity, Verdict
from codegate.gates.tests import Tests

FOLDER: Final = Path(__file__).parent / "hostile" / "tests"
TOKEN: Final = "token-of-the-shell"
CALC: Final = "def add(a, b):\n    return a + b\n"
BROKEN: Final = "def add(a, b):\n    return a - b\n"
TEST_CALC: Final = """\
from calc import add


def test_add():
    assert add(1, 2) == 3


def test_add_nothing():
    assert add(1, -1) == 0
"""
# The seconds that a run may take are many, for a busy machine; few where nothing but their end ends it.
SECONDS: Final = {"patient": 60, "hasty": 10}
TEST_ABOUT: Final = "import calc\n\n\ndef test_it_is_there():\n    assert callable(calc.add)\n"
LIMITS: Final = {"memory": 256, "processes": 64, "output": 1, "disk": 64}
PR_SET_CHILD_SUBREAPER: Final = 36
# One of each kind that is judged alone in the default run, too.
SAMPLE: Final = frozenset([
    "escapes/core_file", "floods/disk", "floods/files", "floods/fork_bomb", "floods/memory_of_many",
    "floods/output", "floods/page_tables", "floods/semaphores", "forgeries/exit_at_import",
    "forgeries/own_report_in_any_pipe", "forgeries/patched_function", "forgeries/pytest_exit",
    "forgeries/report_plugin", "forgeries/rewrite_tests", "forgeries/silenced_report",
])  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Case:
    """One hostile file and what its header says."""

    name: str
    text: str
    header: dict[str, str]

    @property
    def rules(self) -> list[str]:
        return re.split(r",\s*", self.header["rule"]) if "rule" in self.header else []

    @property
    def place(self) -> str:
        return self.header.get("place", "test_hostile.py")

    @property
    def files(self) -> dict[str, str | bytes]:
        """Return the change: a forgery hides that `add` subtracts."""
        broken = {"calc.py": BROKEN} if self.name.startswith("forgeries/") else {}
        return {**broken, self.place: self.text}

    @property
    def pace(self) -> str:
        return "hasty" if "tests/timeout" in self.rules else "patient"

    @property
    def is_quiet(self) -> bool:
        """Say whether it disturbs no other test of the same run."""
        return self.name.startswith("escapes/") and self.rules in ([], ["tests/failed"])


def cases() -> list[Case]:
    found = []
    for path in sorted(FOLDER.glob("*/*.py")):
        text = path.read_text(encoding="utf-8")
        head = [line for line in text.partition("\n\n")[0].split("\n") if line.startswith("# ")]
        header = dict(line[2:].split(": ", 1) for line in head)
        found.append(Case(path.relative_to(FOLDER).with_suffix("").as_posix(), text, header))
    return found


CASES: Final = {case.name: case for case in cases()}
QUIET: Final = [case for case in CASES.values() if case.is_quiet and case.rules]
CONTAINED: Final = [case for case in CASES.values() if case.is_quiet and not case.rules]


class World:
    """A project and its surroundings, in which every trace of an escape can be seen."""

    def __init__(self, top: Path) -> None:
        self.home, self.outside, self.project = top / "home", top / "outside", top / "project"
        for folder in (self.home / ".ssh", self.outside, self.project):
            folder.mkdir(parents=True)
        (self.home / ".ssh" / "id_ed25519").write_text("a private key")
        (self.outside / "canary.txt").write_text("as it was")
        self.servers = [self._server(socket.AF_INET, ("127.0.0.1", 0))]
        self.servers.append(self._server(socket.AF_UNIX, f"\0codegate-hostile-{os.getpid()}-{id(self)}"))
        self.servers.append(self._server(socket.AF_UNIX, str(self.outside / "agent.sock")))
        self.screen, self.terminal = os.openpty()
        os.set_blocking(self.screen, False)
        self.bystander = subprocess.Popen(["sleep", "3600"], env={**os.environ, "CODEGATE_BYSTANDER": "1"})
        self.before = _children()
        self.repo = GitRepo(self.project)
        self.repo.git("init", "-q", "-b", "main")
        self.repo.git("config", "user.name", "A Developer")
        self.repo.git("config", "user.email", "dev@example.com")
        self.bases = {
            (sandbox, pace): self._base(sandbox, pace)
            for sandbox in ("none", "bubblewrap")
            for pace in SECONDS
        }
        (self.project / "out").symlink_to(self.outside)
        os.link(self.outside / "canary.txt", self.project / "twin.txt")
        os.mkfifo(self.project / "pipe")
        self.pipe = os.open(self.project / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        self.gate = Tests()

    def _server(self, family: socket.AddressFamily, address: str | tuple[str, int]) -> socket.socket:
        server = socket.socket(family)
        server.bind(address)
        server.listen()
        server.setblocking(False)
        return server

    def _base(self, sandbox: str, pace: str) -> str:
        env = {
            "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",  # starts twice as fast
            "OWNERS_HOME": str(self.home), "OUTSIDE": str(self.outside), "JUDGE_PID": str(os.getpid()),
            "TCP_PORT": str(self.servers[0].getsockname()[1]), "TERMINAL": os.ttyname(self.terminal),
            "ABSTRACT": self.servers[1].getsockname()[1:].decode(),
        }  # fmt: skip
        lines = ["[tests]", f'sandbox = "{sandbox}"', f"timeout = {SECONDS[pace]}"]
        lines += [*(f"{key} = {n}" for key, n in LIMITS.items())]
        lines += ["[tests.env]", *(f"{name} = {json.dumps(value)}" for name, value in env.items())]
        ignored = "out\ntwin.txt\npipe\n__pycache__/\n.pytest_cache/\n"
        return self.repo.commit(
            {
                "calc.py": CALC, "test_about.py": TEST_ABOUT, "test_calc.py": TEST_CALC,
                "codegate.toml": "\n".join(lines) + "\n", ".gitignore": ignored,
            }
        )  # fmt: skip

    def commit(self, files: dict[str, str | bytes], base: str) -> str:
        """Make a candidate, and return its commit; the checkout stays at the base."""
        self.repo.git("reset", "-q", "--hard", base)
        result = self.repo.commit(files)
        self.repo.git("reset", "-q", "--hard", base)
        return result

    def judge(self, files: dict[str, str | bytes], pace: str = "patient") -> Verdict:
        """Return the gate's verdict, having seen that nothing outside was changed, reached or left."""
        base = self.bases["bubblewrap", pace]
        result = self.commit(files, base)
        before = self.state()
        verdict = verdict_of(self.gate, self.project, base, result)
        assert self.left_over() == []
        assert self.reached() == []
        after = self.state()
        assert {p: s for p, s in after.items() if before.get(p) != s} == {}
        assert before.keys() - after.keys() == set()
        return verdict

    def state(self) -> dict[str, str]:
        """Return a digest of all that must not change, by path."""
        seen = {}
        for top in (self.home, self.outside, self.project):
            for path in (top, *sorted(top.rglob("*"))):
                found = path.lstat()
                data = path.read_bytes() if path.is_file() and not path.is_symlink() else b""
                text = f"{found.st_mode} {found.st_uid} {found.st_mtime_ns if path.is_file() else ''}"
                seen[str(path)] = f"{text} {hashlib.sha256(data).hexdigest()}"
        return seen

    def reached(self) -> list[str]:
        """Return what of outside was spoken to: servers, terminal, pipe."""
        found = []
        for server in self.servers:
            with contextlib.suppress(BlockingIOError):
                server.accept()[0].close()
                found.append(f"a server at {server.getsockname()!r}")
        for name, descriptor in (("terminal", self.screen), ("pipe", self.pipe)):
            with contextlib.suppress(BlockingIOError):
                if said := os.read(descriptor, 4096):
                    found.append(f"the {name}: {said!r}")
        return found

    def left_over(self) -> list[str]:
        """Return the processes that outlive a run, and end them: orphans come to us, a subreaper."""
        deadline = time.monotonic() + 3
        while (alive := _children() - self.before) and time.monotonic() < deadline:
            for pid in alive:
                with contextlib.suppress(ChildProcessError):
                    os.waitpid(pid, os.WNOHANG)
            time.sleep(0.02)
        found = []
        for pid in alive:
            found.append(Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " "))
            os.kill(pid, signal.SIGKILL)
        return found

    def close(self) -> None:
        self.bystander.kill()
        self.bystander.wait()
        for server in self.servers:
            server.close()
        for descriptor in (self.screen, self.terminal, self.pipe):
            os.close(descriptor)


def _children() -> set[int]:
    found = set()
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if int(path.read_text().rpartition(")")[2].split()[1]) == os.getpid():
                found.add(int(path.parent.name))
    return found


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    world = World(tmp_path_factory.mktemp("hostile"))
    yield world
    world.close()
    ctypes.CDLL(None).prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


@pytest.fixture
def world(made: World, home: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    """The module's world, as codegate finds it: with its home, and a token in the environment."""
    monkeypatch.setenv("HOME", str(made.home))
    monkeypatch.setenv("CODEGATE_TEST_TOKEN", TOKEN)
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    return made


def refusing(verdict: Verdict, case: Case, path: str | None = None) -> list[str]:
    """Return the messages of the errors by which a case's rule refuses it."""
    return [
        finding.message
        for finding in verdict.findings
        if finding.severity is Severity.ERROR and finding.rule in case.rules and path in (None, finding.path)
    ]


def parameters() -> list[object]:
    """Return every case: a sample for the default run, the rest for the full one."""
    found = []
    for case in CASES.values():
        marks = [] if case.name in SAMPLE else [pytest.mark.slow]
        if "open" in case.header:
            marks.append(pytest.mark.xfail(reason=case.header["open"], raises=AssertionError, strict=True))
        found.append(pytest.param(case, id=case.name, marks=marks))
    return found


@pytest.mark.parametrize("case", parameters())
def test_is_refused_by_its_rule_and_leaves_no_trace(world: World, case: Case) -> None:
    """Alone in a candidate: refused for the reason that its header gives, and nothing outside has changed."""
    verdict = world.judge(case.files, case.pace)
    assert verdict.seconds < 90
    assert len(verdict.findings) <= 51
    if case.rules:
        assert verdict.outcome is Outcome.FAILED
        said = refusing(verdict, case)
        assert said, verdict.findings
        assert re.search(case.header.get("says", ""), "\n".join(said)), said


@pytest.mark.parametrize("group", [QUIET[::2], QUIET[1::2]], ids=["even", "odd"])  # a verdict has 50 findings
def test_quiet_escapes_are_refused_together(world: World, group: list[Case]) -> None:
    """All that disturb no other test, in one candidate: each is refused, for its own reason."""
    files = {f"test_{case.name.rpartition('/')[2]}.py": case for case in group}
    verdict = world.judge({path: case.text for path, case in files.items()})
    said = {path: "\n".join(refusing(verdict, case, path)) for path, case in files.items()}
    wrong = {path: text for path, text in said.items() if not re.search(files[path].header["says"], text)}
    assert not wrong, verdict


def test_what_may_be_done_in_there_is_done_without_a_trace(world: World) -> None:
    """All that have no rule, in one candidate: nothing outside has changed, nothing is left."""
    files = {f"test_{case.name.rpartition('/')[2]}.py": case for case in CONTAINED}
    verdict = world.judge({path: case.text for path, case in files.items()})
    assert verdict.outcome in (Outcome.PASSED, Outcome.FAILED)


def test_nothing_that_tests_say_acts_on_the_screen(world: World) -> None:
    """The titles, cursors and directions of writing that a failing test prints are shown, never obeyed."""
    files = {f"test_{name}.py": CASES[name].text for name in ("escapes/terminal_codes", "floods/names")}
    base = world.bases["bubblewrap", "patient"]
    result = world.commit({path.replace("/", "_"): text for path, text in files.items()}, base)
    with terminal(world.project, "check", "--range", f"{base}..{result}", "--gate", "tests") as session:
        assert session.ends() == 1
    assert "it says so" in session.seen
    assert [
        code for code in ("\x1b]", "\x1b[2", "\x9b", "\u202e", "\u2066", "\u200b") if code in session.seen
    ] == []


def test_without_a_jail_the_same_files_get_what_they_are_after(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The refusals are the sandbox's doing, and the traces are such that they would be seen."""
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)
    cases = [case for case in CASES.values() if "without a jail" in case.header]
    files = {f"test_{case.name.rpartition('/')[2]}.py": case.text for case in cases}
    with contextlib.closing(World(tmp_path)) as world:
        base = world.bases["none", "patient"]
        before = world.state()
        result = world.commit({**files}, base)
        verdict = verdict_of(world.gate, world.project, base, result)
        assert (verdict.outcome, verdict.findings) == (Outcome.PASSED, ())
        assert len(world.reached()) == 4
        changed = [Path(path).name for path, seen in world.state().items() if before.get(path) != seen]
        assert {"canary.txt", "trace.txt"} <= set(changed)
    assert len(cases) > 10


def test_an_honest_candidate_passes(world: World) -> None:
    """The same world lets good work through, after all the rest: the refusals are not for nothing."""
    assert world.judge({"calc.py": CALC.replace("a + b", "b + a")}).outcome is Outcome.PASSED


def test_every_file_says_what_must_become_of_it() -> None:
    """Each has a reason, and a rule or a containment; none of the sample is missing."""
    assert len(CASES) > 120
    assert CASES.keys() >= SAMPLE
    for case in CASES.values():
        assert case.header.keys() <= {"why", "rule", "says", "contained", "open", "place", "without a jail"}
        assert case.header["why"]
        assert ("rule" in case.header) != ("contained" in case.header), case.name
