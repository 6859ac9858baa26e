"""What of an answer ruff can put right by itself: what can be computed is not left to a model.

Only what the answer brought is touched: safe fixes of diagnostics that are new against the base, and the
layout of a file that the base keeps as `ruff format` has it. The person sees the result, the gates judge it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from codegate.gates.lint.comparison import new_diagnostics
from codegate.gates.lint.project import NOTEBOOK, Project, is_linted
from codegate.source.editing import edited

if TYPE_CHECKING:
    from codegate.workspace import Workspace

MAX_BYTES: Final = 1_000_000
# One fix makes room for another: an import is taken out, then the rest is sorted.
_ROUNDS: Final = 3


def mended(workspace: Workspace) -> dict[str, bytes]:
    """Return new bytes for the changed files that ruff can put right under the base's configuration.

    Raises CodegateError where ruff cannot be asked; the gate `lint` will say the same.
    """
    changed = [
        (c.path, workspace.after(c.path)) for c in workspace.candidate.changes if is_linted(c, workspace)
    ]
    texts = {
        path: data
        for path, data in changed
        if data is not None and _is_simple(data) and not path.endswith(NOTEBOOK)
    }
    if not texts:
        return {}
    project = Project.read(workspace, list(texts))
    fixed = dict(texts)
    for _ in range(_ROUNDS):
        before, after = project.diagnose(workspace, result=fixed.get)
        new = new_diagnostics(before, after)
        again = {path: edited(data, [d.edits for d in new if d.path == path]) for path, data in fixed.items()}
        if again == fixed:
            break
        fixed = again
    result = _laid_out(project, workspace, fixed)
    return {path: data for path, data in result.items() if data != texts[path]}


def _laid_out(project: Project, workspace: Workspace, texts: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the texts, formatted where the base's file is: then only what is new can change."""
    bases = {
        path: base for path in texts if (base := workspace.before(path)) is not None and _is_simple(base)
    }
    kept = [path for path, data in project.formatted(bases).items() if data == bases[path]] if bases else []
    return {**texts, **(project.formatted({path: texts[path] for path in kept}) if kept else {})}


def _is_simple(data: bytes) -> bool:
    """Say whether rows and columns mean the same to ruff and to us: UTF-8 without a mark, plain newlines."""
    if len(data) > MAX_BYTES or b"\r" in data or b"\x0c" in data or data.startswith(b"\xef\xbb\xbf"):
        return False
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True
