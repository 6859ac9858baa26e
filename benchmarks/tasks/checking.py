"""A task's hidden check, asked of a result in the sandbox."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.tasks.editing import Files, edited
from benchmarks.tasks.library import Library, Shelf
from benchmarks.tasks.task import Task
from codegate.gates.interpreter import find_interpreter
from codegate.sandbox import Limits, Overlay, open_sandbox

_CHECKS: Final = Path(__file__).with_name("checks")
_PLACE: Final = ".hidden-check"
# The folder goes last on the path: no name of ours hides one of the library's.
_RUN: Final = f"import sys; sys.path.append({_PLACE!r}); import checks.__main__"
_SECONDS: Final = 120.0
_REGULAR: Final = 0o100644


@dataclass(frozen=True, slots=True)
class Desk:
    """Where tasks are laid out: the text of a task's files at each stage, and what its check says of them."""

    shelf: Shelf
    libraries: Mapping[str, Library]

    def top(self, task: Task) -> Path:
        return self.shelf.checkout(self.libraries[task.library])

    def read(self, task: Task, path: str) -> str:
        """Return the library's own text of a file, "" if it has none."""
        place = self.top(task) / path
        return place.read_text("utf-8") if place.exists() else ""

    def prepared(self, task: Task) -> Files:
        """Return the files as they are when someone is asked: made ready, and the target's own."""
        own = {task.at.path: self.read(task, task.at.path)}
        return edited(own, task.at, task.prepare, lambda path: self.read(task, path))

    def reference(self, task: Task) -> Files:
        """Return the files of a right answer."""
        files = self.prepared(task)
        if task.reference is None:
            return {path: self.read(task, path) for path in files}
        return edited(files, task.at, task.reference, lambda path: self.read(task, path))

    def wrong(self, task: Task) -> list[Files]:
        """Return the files of each wrong answer."""
        right = self.reference(task)
        return [edited(right, task.at, edits, lambda path: self.read(task, path)) for edits in task.wrong]

    def fault(self, task: Task, after: Files) -> str:
        """Return what the check says against a result, "" if nothing."""
        before = self.prepared(task)
        library = self.libraries[task.library]
        case = {
            "target": task.target, "source": library.source, "before": before, "after": before | after,
            "check": task.check,
        }  # fmt: skip
        files = {path: text.encode() for path, text in (before | after).items()}
        files |= {f"{_PLACE}/checks/{path.name}": path.read_bytes() for path in _CHECKS.glob("*.py")}
        files[f"{_PLACE}/case.json"] = json.dumps(case).encode()
        top = self.top(task)
        python = find_interpreter(top, str(self.shelf.python))
        ended = open_sandbox("bubblewrap").run(
            [str(python.program), "-P", "-B", "-c", _RUN, f"{_PLACE}/case.json"],
            overlay=Overlay(top, {path: (data, _REGULAR) for path, data in files.items()}),
            env={
                "PYTHONPATH": str(top / library.source),
                "PYTHONHASHSEED": "0",
                "PYTHONDONTWRITEBYTECODE": "1",
            },
            limits=Limits(seconds=_SECONDS),
            readable=python.readable,
        )
        if ended.stopped:
            return f"the check was stopped: {ended.stopped}"
        said = (ended.stderr or ended.stdout).decode(errors="replace").strip()
        return "" if ended.returncode == 0 else said.rpartition("\n")[2] or f"ended with {ended.returncode}"
