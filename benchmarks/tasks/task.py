"""A task: what is asked of which library, and the hidden check that says whether the answer is right."""

from __future__ import annotations

import hashlib
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.tasks.editing import Edit
from benchmarks.tasks.library import Library
from codegate.core import Target

FOLDER: Final = Path(__file__).parent
_LIBRARIES: Final = "libraries.toml"


@dataclass(frozen=True, slots=True)
class Task:
    """A request in the words of a person, and its check.

    `target` is what a recipe is asked of; `writes` is the new file that its answer is, where that is another
    than the target's. `prepare` is done by rule to the library before anyone is asked. `reference` makes a
    right answer out of that, and each of `wrong` a wrong one out of the right one; without a reference the
    library's own text is the right answer. `tests` are the library's own that are run as the tests gate.
    """

    family: str
    library: str
    target: str
    instruction: str
    check: str
    recipe: str = ""
    inputs: dict[str, str] = field(default_factory=dict)
    writes: str = ""
    prepare: tuple[Edit, ...] = ()
    reference: tuple[Edit, ...] | None = None
    wrong: tuple[tuple[Edit, ...], ...] = ()
    tests: tuple[str, ...] = ()
    note: str = ""

    @property
    def id(self) -> str:
        """One name in the whole set: family, library and what the task is about."""
        what = self.note or (self.at.symbol or Path(self.at.path).name)
        return f"{self.family}/{self.library}/{what}"

    @property
    def asked_inputs(self) -> dict[str, str]:
        """What its recipe is given: of a new file also what that is about."""
        return {"of": self.target} | self.inputs if self.writes else self.inputs

    @property
    def at(self) -> Target:
        path, _, symbol = self.target.partition("::")
        return Target(path, symbol or None)


@dataclass(frozen=True, slots=True)
class TaskSet:
    """All tasks of a version. `sha256` is that of its files: results of two sets do not mix."""

    version: int
    libraries: dict[str, Library]
    environment: tuple[str, ...]
    tasks: tuple[Task, ...]
    sha256: str


def load_tasks(folder: Path = FOLDER) -> TaskSet:
    """Return the task set of a folder. Raises ValueError that names the file of a mistake."""
    files = sorted(folder.glob("*.toml"))
    texts = {path.name: path.read_bytes() for path in files}
    checks = [path.read_bytes() for path in sorted((FOLDER / "checks").glob("*.py"))]
    digest = hashlib.sha256(b"".join([*checks, *(name.encode() + texts[name] for name in texts)]))
    listed: dict[str, Any] = tomllib.loads(texts.pop(_LIBRARIES).decode())
    libraries = {name: Library(name, **one) for name, one in listed["library"].items()}
    tasks = [task for name, text in texts.items() for task in _tasks(name, tomllib.loads(text.decode()))]
    ids = [task.id for task in tasks]
    if twice := sorted({one for one in ids if ids.count(one) > 1}):
        raise ValueError(f"two tasks are called {twice[0]}: give one a `note`")
    if unknown := [task.id for task in tasks if task.library not in libraries]:
        raise ValueError(f"{unknown[0]}: its library is not in {_LIBRARIES}")
    return TaskSet(
        listed["version"], libraries, tuple(listed["environment"]), tuple(tasks), digest.hexdigest()
    )


def _tasks(name: str, listed: dict[str, Any]) -> list[Task]:
    family = name.removesuffix(".toml")
    shared = {key: value for key, value in listed.items() if key != "task"}
    try:
        return [_task(family, shared | one) for one in listed["task"]]
    except (KeyError, TypeError) as error:
        raise ValueError(f"{name}: {error}") from error


def _task(family: str, given: dict[str, Any]) -> Task:
    for key in ("prepare", "reference"):
        if key in given:
            given[key] = _edits(given[key])
    given["wrong"] = tuple(_edits(edits) for edits in given.get("wrong", []))
    given["tests"] = tuple(given.get("tests", []))
    return Task(**({"family": family, "recipe": family} | given))


def _edits(listed: list[list[str]]) -> tuple[Edit, ...]:
    return tuple(Edit(verb, tuple(arguments)) for verb, *arguments in listed)
