"""What is about to be done to a checkout, on disk before it is begun: all that a later process needs."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from codegate.apply.checkout import Content, split
from codegate.errors import CodegateError, RepositoryError
from codegate.store.record import from_json, to_json

NAME: Final = "journal.json"
_DRAFT: Final = "journal.json.new"
_LONGEST: Final = 255  # NAME_MAX, in bytes


@dataclass(frozen=True, slots=True)
class Step:
    """One path that goes from `old` to `new`, None being nothing, by way of a file `temporary` beside it.

    `permissions` are those that a file which comes anew is to have; None leaves them to git's mode.
    """

    path: str
    temporary: str
    old: Content | None
    new: Content | None
    permissions: int | None = None


@dataclass(frozen=True, slots=True)
class Journal:
    """One application or undoing.

    `receipt` and `stamp` (`Receipt.applied_at` or `undone_at`) are what the store holds once, and only if,
    it is committed. `worktree` leads from the common git directory to the checkout, so that a repository
    that was moved can still be mended. `made` are directories to make, outermost first; `emptied` those to
    remove after the commit if nothing is left in them. While `exchanging` is false every temporary file is
    ours, whole or not.
    """

    kind: Literal["application", "undoing"]
    receipt: str
    stamp: str
    worktree: str
    algorithm: str
    steps: tuple[Step, ...]
    made: tuple[str, ...] = ()
    emptied: tuple[str, ...] = ()
    exchanging: bool = False

    def begun(self) -> Journal:
        """Return the journal of the next phase, in which user's bytes stand in temporary files."""
        return replace(self, exchanging=True)


def temporary_for(path: str, token: str) -> str:
    """Return the path of a hidden file beside `path` that no editor or compiler takes for a source."""
    folder, slash, name = path.rpartition("/")
    tail = f".codegate-{token}~"
    room = _LONGEST - len(tail) - 2  # the dot before, and the `~` that an exchange by links adds
    short = os.fsencode(name)[:room].decode("utf-8", "ignore")
    return f"{folder}{slash}.{short}{tail}"


def write(state: Path, journal: Journal) -> None:
    """Put the journal on the disk's surface in one step."""
    draft = state / _DRAFT
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(to_json(journal))
        stream.flush()
        os.fsync(descriptor)
    os.replace(draft, state / NAME)
    _sync(state)


def read(state: Path) -> Journal | None:
    """Return the journal of what was interrupted, None if nothing was.

    Raises CodegateError if it is damaged.
    """
    path = state / NAME
    try:
        text = path.read_text(encoding="ascii")
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise _damaged(path) from error
    try:
        journal = from_json(Journal, text)
        for step in journal.steps:
            _check(step)
        for folder in (*journal.made, *journal.emptied):
            split(folder)
    except (ValueError, RepositoryError) as error:
        raise _damaged(path) from error
    return journal


def remove(state: Path) -> None:
    """Forget the journal: what it speaks of is done or undone."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(state / NAME)
    remove_draft(state)
    _sync(state)


def remove_draft(state: Path) -> None:
    """Remove a journal that was never finished: nothing was begun on its word."""
    with contextlib.suppress(FileNotFoundError):
        os.unlink(state / _DRAFT)


def _check(step: Step) -> None:
    split(step.path)
    here, there = step.path.rpartition("/")[0], step.temporary.rpartition("/")[0]
    if here != there or ".codegate-" not in split(step.temporary)[-1] or step.old == step.new:
        raise ValueError("a temporary file is somewhere else")


def _damaged(path: Path) -> CodegateError:
    return CodegateError(
        f"the journal of an interrupted application cannot be read: {path}",
        "see with `git status` how the checkout stands (files named .*.codegate-*~ hold what was there "
        "before), put it right by hand, then delete that journal",
    )


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
