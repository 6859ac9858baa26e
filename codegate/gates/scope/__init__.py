"""Does the change touch only what the request and the base's rules allow?

Judged on git's own answer about two trees and on the two texts of each file; a parse of the diff by someone
else stands beside it and must agree. What a person may do and a model may not is an error for one and a
warning for the other; what no one may do is an error from both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from codegate.gates import conclude
from codegate.gates.scope.agreement import disagreements
from codegate.gates.scope.contract import contract
from codegate.gates.scope.identifiers import lookalikes
from codegate.gates.scope.kinds import kinds
from codegate.gates.scope.names import collisions, names
from codegate.gates.scope.protection import plugins, protected
from codegate.gates.scope.size import sizes
from codegate.gates.scope.target import nodes, outside
from codegate.gates.scope.text import encodings, endings, hidden

if TYPE_CHECKING:
    from codegate.core import Finding, Verdict
    from codegate.gates import Rules
    from codegate.workspace import Workspace

    Question = Callable[[Workspace, Rules], Iterable[Finding]]

QUESTIONS: Final[tuple[Question, ...]] = (
    disagreements, names, collisions, outside, nodes, contract, protected, plugins, kinds, hidden, lookalikes,
    encodings, endings, sizes,
)  # fmt: skip


class Scope:
    """The gate `scope`."""

    name = "scope"

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        findings = [finding for question in QUESTIONS for finding in question(workspace, rules)]
        count = len(workspace.candidate.changes)
        return conclude(self.name, findings, f"{count} file{'' if count == 1 else 's'}")
