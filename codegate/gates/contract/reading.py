"""What the texts of a change tell, read in a child."""

from __future__ import annotations

import json
import sys
from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Final

from codegate import process
from codegate.errors import CodegateError, UsageError
from codegate.source import read_document

if TYPE_CHECKING:
    from codegate.core import Scope
    from codegate.workspace import Workspace

_TIMEOUT: Final = 30.0


def ask(question: str, *arguments: object) -> Any:
    """Return what the child answers. Raises CodegateError where a text cannot be read there."""
    done = process.run(
        [sys.executable, "-I", "-m", "codegate.gates.contract"],
        stdin=json.dumps([question, arguments]).encode(), env=process.environment(), timeout=_TIMEOUT,
    )  # fmt: skip
    if done.returncode or done.truncated:
        said = done.stderr.decode(errors="replace").strip().splitlines()
        why = said[-1] if said else f"it ended with {done.returncode}"
        raise CodegateError(f"what it is about cannot be read: {why}", "Mend its syntax first.")
    return json.loads(done.stdout)


def texts_of(workspace: Workspace, path: str) -> tuple[str, str]:
    """Return a changed file of Python before and after; what is not there is empty."""
    return _text(path, workspace.before(path)), _text(path, workspace.after(path))


def base_text(workspace: Workspace, path: str) -> str:
    """Return a file of Python as the base tree has it, changed or not."""
    return _text(path, workspace.of_base(path))


def changed_targets(workspace: Workspace, scope: Scope) -> dict[str, list[str | None]]:
    """Return the changed files of Python that are targets, with the symbols of each that are; None is all."""
    paths: Collection[str] = [c.path for c in workspace.candidate.changes if not c.is_deletion]
    return {
        path: [target.symbol for target in scope.targets_in(path)]
        for path in paths
        if path.endswith((".py", ".pyi")) and scope.targets_in(path)
    }


def _text(path: str, data: bytes | None) -> str:
    try:
        return read_document(path, data or b"").text.decode()
    except UsageError as error:
        raise CodegateError(error.message, error.hint) from error
