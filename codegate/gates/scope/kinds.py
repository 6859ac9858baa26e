"""Is every change one of text in an ordinary file?"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Change, Finding
from codegate.gates.scope.protection import allowing
from codegate.globs import Globs

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

SYMLINK: Final = "120000"
GITLINK: Final = "160000"
_EXECUTABLE: Final = "100755"
# What is run when it is loaded and can be written without a NUL byte: a pickle of protocol 0 is plain ASCII.
_LOADED: Final = re.compile(
    r"\.(py[cod]|so(\.[0-9.]+)?|dll|dylib|class|jar|wasm|pkl|pickle|joblib|dill|whl|egg)$", re.IGNORECASE
)


def kinds(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each deletion, link, submodule, change of mode and binary that is not allowed."""
    allowed = Globs(rules.config.scope.allow)
    for change in workspace.candidate.changes:
        said = _kind(change, workspace)
        if said is not None and change.path not in allowed:
            rule, message = said
            yield Finding(f"scope/{rule}", rules.by_hand, message, change.path, hint=allowing(change.path))


def _kind(change: Change, workspace: Workspace) -> tuple[str, str] | None:
    if change.is_deletion:
        return "deletion", "this deletes the file"
    if change.new_mode == GITLINK:
        return "submodule", "this is a submodule, whose content is in no diff"
    if change.new_mode == SYMLINK:
        return "symlink", _link(change.path, workspace.after(change.path) or b"")
    if not change.is_new and change.old_mode != change.new_mode:
        return "mode", f"the mode changes from {change.old_mode} to {change.new_mode}"
    if change.is_new and change.new_mode == _EXECUTABLE:
        return "mode", "this is a new executable"
    if is_binary(change, workspace.after(change.path)):
        return "binary", "this is a binary, which no one can review"
    if _LOADED.search(change.path.rpartition("/")[2]):
        return "binary", "by its name this is compiled or pickled code, which no one can review"
    return None


def is_binary(change: Change, after: bytes | None) -> bool:
    """Say whether git shows no lines of this change, or no one could."""
    return change.added is None or (after is not None and b"\0" in after)


def _link(path: str, target: bytes) -> str:
    to = os.fsdecode(target)
    lands = posixpath.normpath(posixpath.join(posixpath.dirname(path), to))
    leaves = to.startswith("/") or lands == ".." or lands.startswith("../")
    return f"this is a symbolic link to {to}" + (", outside the repository" if leaves else "")
