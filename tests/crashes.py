"""Runs apply, undo and recover in children of its own and kills them, step by step; says what was left.

    python crashes.py (apply|undo|recover|leave) (changes|lines) [INT] [without-renameat2]

in a folder made for it. With `changes` a kill comes at each line of codegate.apply and codegate.store at
which the disk is no longer as it was at the line before, with `lines` at every third line. Needs no other
program, so that it works everywhere. `recover` kills recoveries: of some crashes of apply, or with `lines`
of all that leave the disk different, and lets another recovery finish. `leave` kills an apply when all files
are written and nothing is committed, and leaves it so. INT interrupts, as ^C does, where otherwise it kills.
"""

from __future__ import annotations

import errno
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

from approvals import Tree, approve, candidate, look, reader

import codegate.apply
import codegate.store
from codegate.apply import apply, recover, undo
from codegate.core import Approved
from codegate.repo import Repository
from codegate.store import Store

FILES = {
    "README.md": (b"# After\n", "100644"),
    "src/app.py": (b"print('after')\r\n\xff", "100644"),
    "src/new.py": (b"", "100644"),
    "src/deep/er/new.py": (b"x = 1\n", "100755"),
    "old.py": None,
    "run.sh": (b"#!/bin/sh\n", "100755"),
}
ROOMS = tuple(os.path.dirname(room.__file__) for room in (codegate.apply, codegate.store))
INTERRUPTED = 130
QUIET = ("record.py", "records.py", "lock.py")


class Scene:
    """One repository, put back to where it was for each kill."""

    def __init__(self, top: Path, undoing: bool) -> None:
        self.top = top
        self.undoing = undoing
        self.repository = Repository.discover(top)
        self.state = self.repository.state()
        self.approved: Approved = approve(candidate(top, FILES))
        start = look(top)
        self.git = _git_files(top)
        if undoing:
            self.act()
        self.before = look(top)
        self.saved = Path(tempfile.mkdtemp(dir=top.parent))
        for source, name in ((top, "tree"), (self.state, "state")):
            shutil.copytree(source, self.saved / name, ignore=shutil.ignore_patterns(".git"), symlinks=True)
        self.after = start if undoing else self._after()

    def act(self, undo_it: bool = False) -> None:
        with Store(self.state) as store:
            if undo_it:
                undo(self.repository, store)
            else:
                apply(self.approved, self.repository, reader(self.top), store=store, instruction="do")

    def perform(self) -> None:
        self.act(self.undoing)

    def mend(self) -> list[str]:
        with Store(self.state) as store:
            return recover(self.repository, store)

    def reset(self) -> None:
        for path in self.top.iterdir():
            if path.name != ".git":
                shutil.rmtree(path) if path.is_dir() else path.unlink()
        shutil.rmtree(self.state, ignore_errors=True)
        shutil.copytree(self.saved / "tree", self.top, dirs_exist_ok=True, symlinks=True)
        shutil.copytree(self.saved / "state", self.state)
        assert look(self.top) == self.before

    def check(self, told: list[str], where: str) -> str:
        """The tree is before or after and nothing else, the store agrees, and so do the words."""
        now = look(self.top)
        assert now in (self.before, self.after), (
            f"{where}: torn: {_differences(now, self.before, self.after)}"
        )
        side = "after" if now == self.after else "before"
        with Store(self.state) as store:
            receipts = store.receipts()
        undone = [r.undone_at for r in receipts]
        if self.undoing:
            assert len(receipts) == 1
            assert (undone != [None]) == (side == "after"), where
        else:
            assert (len(receipts) == 1) == (side == "after"), where
        assert not told or f" as {side} it." in told[0], (where, told)
        assert len(told) <= 1, (where, told)
        left = {p.name for p in self.state.iterdir()} - {"state.sqlite-wal", "state.sqlite-shm"}
        assert left <= {"state.sqlite", "lock"}, f"{where}: left {left}"
        assert _git_files(self.top) == self.git, f"{where}: the git directory was touched"
        return side

    def _after(self) -> Tree:
        self.act()
        after = look(self.top)
        self.reset()
        return after


def kill_at(step: int, action: Callable[[], Any], by: int = signal.SIGKILL) -> bool:
    """Run `action` in a child that dies at its line number `step`; say whether it lived to its end."""
    child = os.fork()
    if not child:
        lines = 0

        def on_line(frame: FrameType, event: str, _: object) -> Any:
            nonlocal lines
            if event == "line":
                lines += 1
                if lines == step:
                    os.kill(os.getpid(), by)
            return on_line

        _run(on_line, action)
    _, status = os.waitpid(child, 0)
    assert status in (0, signal.SIGKILL, INTERRUPTED << 8), f"step {step}: status {status}"
    return status == 0


def steps_of(scene: Scene, action: Callable[[], Any]) -> tuple[list[int], int]:
    """Return the numbers of the lines before which the disk changed, and how many lines there are."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        lines, last, steps = 0, _disk(scene), [1]

        def on_line(frame: FrameType, event: str, _: object) -> Any:
            nonlocal lines, last
            if event == "line":
                lines += 1
                if (now := _disk(scene)) != last:
                    last = now
                    steps.append(lines)
            return on_line

        def whole() -> None:
            action()
            sys.settrace(None)
            os.write(write, " ".join(map(str, [*steps, lines])).encode())

        _run(on_line, whole)
    os.close(write)
    with os.fdopen(read) as stream:
        numbers = [int(n) for n in stream.read().split()]
    assert os.waitpid(child, 0)[1] == 0
    return numbers[:-1], numbers[-1]


def in_child(action: Callable[[], list[str]]) -> list[str]:
    """Run a recovery in a process that knows nothing of what happened."""
    read, write = os.pipe()
    child = os.fork()
    if not child:
        os.close(read)
        _run(None, lambda: os.write(write, "\n".join(action()).encode()))
    os.close(write)
    with os.fdopen(read) as stream:
        told = stream.read().splitlines()
    assert os.waitpid(child, 0)[1] == 0
    return told


def _run(trace: Any, action: Callable[[], Any]) -> None:
    """Trace the lines of the rooms that write, run, and end this process: nothing of pytest or atexit."""

    def on_call(frame: FrameType, event: str, _: object) -> Any:
        name = frame.f_code.co_filename
        return trace if name.startswith(ROOMS) and not name.endswith(QUIET) else None

    try:
        sys.settrace(on_call if trace else None)
        action()
        sys.settrace(None)
        os._exit(0)
    except KeyboardInterrupt:
        os._exit(INTERRUPTED)
    except BaseException:
        sys.settrace(None)
        traceback.print_exc()
        os._exit(70)


def _disk(scene: Scene) -> object:
    found = []
    for root in (scene.top, scene.state):
        for folder, folders, files in os.walk(root):
            if ".git" in folders:
                folders.remove(".git")
            for name in (*folders, *files):
                at = os.lstat(os.path.join(folder, name))
                found.append((folder, name, at.st_ino, at.st_size, at.st_mode, at.st_mtime_ns, at.st_nlink))
    return sorted(found)


def _git_files(top: Path) -> dict[str, bytes]:
    folder = top / ".git"
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in folder.rglob("*")
        if p.is_file() and "codegate" not in p.parts
    }


def _differences(now: Tree, before: Tree, after: Tree) -> str:
    return repr(
        {
            path: (now.get(path), before.get(path), after.get(path))
            for path in now.keys() | before.keys() | after.keys()
            if not now.get(path) == before.get(path) == after.get(path)
        }
    )


def make(top: Path) -> None:
    """Make the repository of the scene."""
    top.mkdir()
    for name, data in {
        "README.md": b"# Before\n", "src/app.py": b"print('before')\n", "old.py": b"gone\n",
        "run.sh": b"#!/bin/sh\n", "keep.py": b"keep\n",
    }.items():  # fmt: skip
        path = top / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(data)
    (top / "README.md").chmod(0o640)
    for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "base"]):
        subprocess.run(
            ["git", "-c", "user.name=A", "-c", "user.email=a@example.com", *command], cwd=top, check=True
        )
    (top / "notes.txt").write_text("untracked\n")
    (top / "keep.py").write_text("edited and not committed\n")


def leave(scene: Scene) -> None:
    """Kill an apply at the last moment at which it is to be rolled back."""
    child = os.fork()
    if not child:

        def on_call(frame: FrameType, event: str, _: object) -> None:
            if frame.f_code.co_name == "put_receipt":
                os.kill(os.getpid(), signal.SIGKILL)

        sys.settrace(on_call)
        scene.perform()
    assert os.waitpid(child, 0)[1] == signal.SIGKILL


def by_the_clock(rounds: int) -> None:
    """Kill applications at random moments, the last ones beyond their end."""
    make(Path.cwd() / "project")
    scene = Scene(Path.cwd() / "project", False)
    scene.reset()
    chance = random.Random(3)
    started = time.monotonic()
    scene.perform()
    longest = 1.3 * (time.monotonic() - started)
    for number in range(rounds):
        scene.reset()
        child = os.fork()
        if not child:
            _run(None, scene.perform)
        wait = chance.random() * longest
        time.sleep(wait)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        scene.check(in_child(scene.mend), f"killed after {wait} s, round {number}")


CALLS = (
    "renameat2", "rename", "renameat", "unlink", "unlinkat", "mkdir", "mkdirat", "rmdir", "link", "linkat",
    "fsync", "fdatasync", "write", "pwrite64", "ftruncate", "fchmod", "fchown", "fsetxattr",
)  # fmt: skip


def by_system_call(undoing: bool) -> int:
    """Kill at every system call that changes a disk, and return how many there are."""
    make(Path.cwd() / "project")
    scene = Scene(Path.cwd() / "project", undoing)
    sides = {"before": 0, "after": 0}
    for call in CALLS:
        number = 1
        while killed_by_strace(scene, call, number):
            sides[scene.check(in_child(scene.mend), f"killed at {call} number {number}")] += 1
            number += 1
    assert min(sides.values()) > 0, sides
    return sum(sides.values())


def killed_by_strace(scene: Scene, call: str, number: int) -> bool:
    """Act in a child that dies as it enters a system call; say whether it came that far."""
    scene.reset()
    go, start = os.pipe()
    child = os.fork()
    if not child:
        os.close(start)
        os.read(go, 1)
        _run(None, scene.perform)
    os.close(go)
    inject = f"inject={call}:signal=KILL:when={number}"
    with subprocess.Popen(
        ["strace", "-o", "/dev/null", "-e", f"trace={call}", "-e", inject, "-p", str(child)],
        stderr=subprocess.PIPE, text=True,
    ) as tracer:  # fmt: skip
        assert tracer.stderr is not None
        told = tracer.stderr.readline()
        os.write(start, b"x")
        os.close(start)
        status = os.waitpid(child, 0)[1]
    if "attached" not in told:
        raise SystemExit(f"cannot trace: {told}")
    assert status in (0, signal.SIGKILL), status
    return status != 0


def without_renameat2() -> None:
    """Let this process and its children know no `renameat2`, as on an old kernel or another system."""
    import pyseccomp

    rules = pyseccomp.SyscallFilter(pyseccomp.ALLOW)
    rules.add_rule(pyseccomp.ERRNO(errno.ENOSYS), "renameat2")
    rules.load()


def main(what: str, every: str, *options: str) -> None:
    top = Path.cwd() / "project"
    make(top)
    if "without-renameat2" in options:
        without_renameat2()
    scene = Scene(top, what == "undo")
    scene.reset()
    if what == "leave":
        leave(scene)
        return
    steps, lines = steps_of(scene, scene.perform)
    sides = {"before": 0, "after": 0}
    if what == "recover":
        kill_recovery(scene, steps if every == "lines" else [*steps[5:-4:7], *steps[-4::2]], sides)
    else:
        by = signal.SIGINT if "INT" in options else signal.SIGKILL
        for step in range(1, lines + 1, 3) if every == "lines" else steps:
            scene.reset()
            assert not kill_at(step, scene.perform, by), f"step {step} was not reached"
            sides[scene.check(in_child(scene.mend), f"{what} killed at step {step}")] += 1
            assert in_child(scene.mend) == []
    assert min(sides.values()) > 0, sides
    print(len(steps), lines, sides)


def kill_recovery(scene: Scene, steps: list[int], sides: dict[str, int]) -> None:
    for step in steps:
        scene.reset()
        kill_at(step, scene.perform)
        for again in steps_of(scene, scene.mend)[0]:
            scene.reset()
            kill_at(step, scene.perform)
            kill_at(again, scene.mend)
            told = in_child(scene.mend)
            sides[scene.check(told, f"apply killed at {step}, recovery at {again}")] += 1


if __name__ == "__main__":
    main(*sys.argv[1:])
