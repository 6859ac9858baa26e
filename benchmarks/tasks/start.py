"""What a task starts from: a commit of the library, with the task's files and the rules of codegate."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Final

from benchmarks.projects import git
from benchmarks.tasks.checking import Desk
from benchmarks.tasks.task import Task

_PYTEST: Final = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir=.")
_TESTS_SECONDS: Final = 300


@contextmanager
def started(desk: Desk, task: Task) -> Iterator[Path]:
    """Yield a repository of the library with a commit on top: the task's files, made ready, and the rules."""
    with desk.shelf.workplace(desk.libraries[task.library]) as top:
        _lay_out(desk, task, top)
        yield top


def _lay_out(desk: Desk, task: Task, top: Path) -> None:
    git(top, "checkout", "-q", "--force", "--detach", "library")
    git(top, "clean", "-fdq")
    for path, text in (desk.prepared(task) | {"codegate.toml": _rules(desk, task, top)}).items():
        if text or (top / path).exists():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(text, "utf-8")
    git(top, "add", "-A", "-f")
    git(top, "commit", "-q", "-m", "what the task starts from")


def _rules(desk: Desk, task: Task, at: Path) -> str:
    """Return the configuration of the base: the library's tests that are about the target, and new ones."""
    tests = list(task.tests) or _tests_of(at, task)
    sources = f"{at / desk.libraries[task.library].source}:{at}"
    folders = sorted(
        {str(PurePosixPath(path).parent) for path in [*tests, *([task.writes] if task.writes else [])]}
    )
    names = " ".join(PurePosixPath(path).name for path in [*tests, task.writes] if path)
    command = [
        str(desk.shelf.python), *_PYTEST, "-o", f"python_files={names}", "--import-mode=importlib", *folders,
    ]  # fmt: skip
    if not tests:
        command = [str(desk.shelf.python), "-c", "pass"]
    return (
        f"[tests]\ncommand = {json.dumps(command)}\ntimeout = {_TESTS_SECONDS}\n"
        f"env = {{ PYTHONPATH = {json.dumps(sources)} }}\n"
    )


def _tests_of(top: Path, task: Task) -> list[str]:
    """Return the test file that is named after the target's, or the target itself where it is one."""
    path = PurePosixPath(task.at.path)
    if path.name.startswith("test_"):
        return [str(path)]
    stem = path.stem.strip("_")
    listed = subprocess.run(["git", "ls-files", f"*test_{stem}.py"], cwd=top, text=True, capture_output=True)
    return listed.stdout.split()[:1]
