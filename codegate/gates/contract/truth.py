"""The check `docstring-true`: what a docstring says of its function, the code says too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from codegate.gates.contract.answer import Answer, counted, error
from codegate.gates.contract.reading import ask, changed_targets, texts_of

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

_HINT: Final = "Say what the code does, of each parameter that it has, and nothing that it does not do."


def docstring_true(workspace: Workspace, rules: Rules) -> Answer:
    """Judge the changed docstrings of the targets, in Google's, NumPy's or Sphinx's style."""
    targets = changed_targets(workspace, rules.scope)
    findings = [
        error("docstring-true", message, path, line, _HINT)
        for path, symbols in targets.items()
        for line, message in ask("docstrings", *texts_of(workspace, path), symbols)
    ]
    return Answer(tuple(findings), f"docstrings of {counted(len(targets), 'file')}")
