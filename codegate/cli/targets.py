"""What a person typed as TARGET, made into targets of the request."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from pathlib import Path

from codegate.core import Target
from codegate.errors import UsageError
from codegate.pipeline import Project
from codegate.source import language_of

# A directory is a convenience for a handful of files; a prompt cannot hold more anyway.
MAX_FILES = 40


def read_targets(project: Project, given: list[str], start: Path) -> tuple[Target, ...]:
    """Return the targets that a command line names, directories as the source files git tracks in them.

    Raises UsageError for none, for a path outside the repository, and for targets that overlap.
    """
    if not given:
        raise UsageError(
            "no TARGET was named, so there is nothing that may change",
            "name a file, or a symbol in it: codegate suggest '…' src/bank.py::Account",
        )
    targets: dict[str, Target] = {}
    for text in given:
        for target in _read(project, text, start):
            if str(target) in targets:
                raise UsageError(f"{target} is named twice")
            targets[str(target)] = target
    _refuse_overlap(list(targets.values()))
    return tuple(targets.values())


def _read(project: Project, text: str, start: Path) -> Iterator[Target]:
    name, separator, symbol = text.partition("::")
    if separator and not symbol.strip():
        raise UsageError(
            f"“{text}” names no symbol", "write path::symbol, or the path alone for the whole file"
        )
    try:
        yield from _found(project, text, project.repository.relative(name, start), symbol.strip())
    except OSError as error:
        raise UsageError(f"“{name}” cannot be a path here: {error.strerror}") from error


def _found(project: Project, text: str, path: str, symbol: str) -> Iterator[Target]:
    name, separator, _ = text.partition("::")
    on_disk = project.repository.top / path
    if on_disk.is_dir() and not on_disk.is_symlink():
        if separator:
            raise UsageError(f"{name} is a directory: it has no symbol “{symbol}”")
        yield from _files(project, path)
    elif not on_disk.exists() and (separator or not on_disk.parent.is_dir()):
        raise UsageError(f"there is no file {path}", _nearest(project, path))
    else:
        yield Target(path, symbol or None)


def _files(project: Project, folder: str) -> Iterator[Target]:
    repository = project.repository
    paths = ["" if folder == "." else folder]
    entries = repository.entries(repository.tree(repository.head()), [p for p in paths if p], recursive=True)
    found = [path for path in sorted(entries) if language_of(path) is not None]
    if not found:
        raise UsageError(
            f"git tracks no source file in {folder or '.'}", "commit it first, or name the file itself"
        )
    if len(found) > MAX_FILES:
        raise UsageError(
            f"{folder or '.'} holds {len(found)} source files; at most {MAX_FILES} fit", "name a smaller part"
        )
    yield from (Target(path) for path in found)


def _refuse_overlap(targets: list[Target]) -> None:
    for one in targets:
        for other in targets:
            inside = one.path == other.path and one is not other
            if inside and (one.symbol is None or (other.symbol or "").startswith(f"{one.symbol}.")):
                raise UsageError(f"{one} already holds {other}", "name one of the two")


def _nearest(project: Project, path: str) -> str:
    repository = project.repository
    tracked = repository.entries(repository.tree(repository.head()), recursive=True)
    near = difflib.get_close_matches(path, tracked, n=3)
    return (
        f"did you mean {' or '.join(near)}?"
        if near
        else "paths are read from the folder you are in, as git reads them"
    )
