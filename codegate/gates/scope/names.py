"""Can every name be written anywhere without meaning something else there?"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING

from codegate.core import Finding, Severity
from codegate.visible import is_hidden, visible

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

# The name that an 8.3 file system gives to a longer one: CONFTE~1.PY is conftest.py there.
_SHORT_NAME = re.compile(r"[^.~]{1,6}~[0-9]{1,2}(\.[^.]{0,3})?")
_DRIVE = re.compile(r"[A-Za-z]:")
_MAX_NAME = 255
_GIT_DIRECTORY = re.compile(r"\.git|git~[0-9]+")
_FEW = 10
_UNDECODABLE = re.compile("[\udc80-\udcff]")


def folded(name: str) -> str:
    """Return a name as the most forgiving of file systems takes it: two that fold alike are one file there.

    HFS+ ignores characters without ink and, as APFS does, case and composition; NTFS ignores case, dots and
    spaces at the end, and takes what follows a colon for a stream of the file.
    """
    inked = "".join(c for c in name if not is_hidden(c))
    plain = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", inked).casefold())
    return plain.partition(":")[0].rstrip(". ")


def is_git_directory(name: str) -> bool:
    """Say whether one component of a path means `.git` on some file system."""
    return _GIT_DIRECTORY.fullmatch(folded(name)) is not None


def names(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each changed path that leaves the repository, means `.git`, or hides its name."""
    for change in workspace.candidate.changes:
        path = change.path
        parts = re.split(r"[/\\]", path)
        if path.startswith("/") or any(part in ("", ".", "..") for part in parts):
            yield _error("outside-repository", path, "this path leads out of the repository")
        if any(is_git_directory(part) for part in parts):
            yield _error("git-directory", path, "some file systems take this for git's own `.git`")
        if not change.is_deletion:
            yield from _unclear(path, parts, rules)


def _unclear(path: str, parts: list[str], rules: Rules) -> Iterator[Finding]:
    readable = _UNDECODABLE.sub("", path)
    if hidden := next((c for c in readable if is_hidden(c)), None):
        message = f"the name holds {visible(hidden)}, which cannot be told by eye"
        yield _error("hidden-name", path, message)
    elif readable != path:
        yield Finding("scope/name", rules.by_hand, "the name is not UTF-8", path, hint=_RENAME)
    if _DRIVE.match(path):
        yield Finding("scope/name", rules.by_hand, "on Windows this begins with a drive", path, hint=_RENAME)
    if any(len(os.fsencode(part)) > _MAX_NAME for part in parts):
        message = f"no file system keeps a name of more than {_MAX_NAME} bytes"
        yield _error("name", path, message)
    if "\\" in path:
        yield Finding("scope/name", rules.by_hand, "on Windows a backslash parts folders", path, hint=_RENAME)
    if any(_SHORT_NAME.fullmatch(part) for part in parts):
        message = "on Windows this is the short name of another file"
        yield Finding("scope/name", rules.by_hand, message, path, hint=_RENAME)


def collisions(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield an error for each new path that some file systems cannot tell from another of the result."""
    new = {change.path for change in workspace.candidate.changes if change.is_new}
    levels = sorted({level for path in new for level in _levels(path)})
    folders = {folder for folder, _ in levels}
    # A folder is listed in time that does not grow with the repository. Only what is found there, and what
    # stands in many folders, is worth the listing of everything, which alone tells an emptied folder.
    if len(folders) <= _FEW and not _twins(levels, {f: workspace.names(f.rstrip("/")) for f in folders}):
        return
    gone = {change.path for change in workspace.candidate.changes if change.is_deletion}
    result = [path for path in workspace.base_files() if path not in gone] + sorted(new)
    known = {folder: frozenset(_within(result, folder)) for folder in folders}
    for path, twin in _twins(levels, known):
        message = f"some file systems cannot tell this name from {visible(twin)}"
        yield _error("collision", path, message)


_RENAME = "Choose another name."


def _error(rule: str, path: str, message: str) -> Finding:
    return Finding(f"scope/{rule}", Severity.ERROR, message, path, hint=_RENAME)


def _levels(path: str) -> Iterator[tuple[str, str]]:
    """Yield each folder on the way to a path, with what stands in it: ("", "a"), ("a/", "b.py")."""
    parts = path.split("/")
    for depth, part in enumerate(parts):
        yield "".join(f"{parent}/" for parent in parts[:depth]), part


def _within(paths: list[str], folder: str) -> Iterator[str]:
    """Yield the names that stand in a folder."""
    return (path[len(folder) :].partition("/")[0] for path in paths if path.startswith(folder))


def _twins(levels: list[tuple[str, str]], known: dict[str, frozenset[str]]) -> list[tuple[str, str]]:
    """Return each of the names that folds as another one of its folder does, with that other one."""
    groups: dict[tuple[str, str], set[str]] = {}
    for folder, names_there in known.items():
        for name in names_there:
            groups.setdefault((folder, folded(name)), set()).add(name)
    found = [(folder, name, groups.get((folder, folded(name)), set()) - {name}) for folder, name in levels]
    return [(folder + name, folder + min(others)) for folder, name, others in found if others]
