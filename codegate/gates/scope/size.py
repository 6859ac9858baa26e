"""Is the change small enough for a person to read?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Finding
from codegate.gates.scope.agreement import MAX_DIFF

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

# So many bytes for each line that is allowed: 20 MB in one line are not one line to read.
_BYTES_PER_LINE: Final = 200


def sizes(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each of the base's limits (files, lines, and bytes for them) that is passed.

    And for a diff that is too large to be read twice, whatever the base allows.
    """
    changes, limits = workspace.candidate.changes, rules.config.scope
    lines = sum((c.added or 0) + (c.removed or 0) for c in changes)
    measured = (
        ("files", len(changes), limits.max_files, "scope.max_files"),
        ("lines", lines, limits.max_lines, "scope.max_lines"),
        ("bytes", len(workspace.candidate.diff), limits.max_lines * _BYTES_PER_LINE, "scope.max_lines"),
    )
    if measured[-1][1] > MAX_DIFF:
        message = f"{measured[-1][1]:,} bytes in one diff: a second reader reads {MAX_DIFF:,}"
        yield Finding("scope/size", rules.by_hand, message, hint="Split it.")
    for what, found, limit, key in measured:
        if found > limit:
            message = f"{found:,} {what} in one diff: the base allows {limit:,}"
            hint = f"Split it, or raise `{key}` in the base."
            yield Finding("scope/size", rules.by_hand, message, hint=hint)
