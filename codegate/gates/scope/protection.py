"""Does the change touch what steers a gate, a build or a hook?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Finding
from codegate.gates.lines import new_lines
from codegate.gates.scope.names import folded
from codegate.gates.scope.steering import PROTECTED
from codegate.globs import Globs

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

# Most patterns are names, and a name is looked up sooner than a pattern is matched.
_NAMES: Final = {
    name.casefold(): what
    for what, patterns in PROTECTED.items()
    for name in patterns
    if not set(name) & set("*?[/")
}
_GROUPS: Final = [
    (what, Globs((p for p in patterns if p.casefold() not in _NAMES), fold=True))
    for what, patterns in PROTECTED.items()
]

# The one who reads it may be that person, who did it by hand already.
_BY_HAND: Final = "A person may do this, a model may not."


def protected(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each changed path that the base protects, by default or by its `scope.protect`."""
    own, allowed = Globs(rules.config.scope.protect, fold=True), Globs(rules.config.scope.allow)
    for change in workspace.candidate.changes:
        asked = "/".join(folded(part) for part in change.path.split("/"))
        if pattern := own.matching(asked):
            message = f"the base protects this path (`{pattern}`)"
            yield Finding("scope/protected", rules.by_hand, message, change.path, hint=_BY_HAND)
            continue
        what = _steered(asked)
        if what is not None and change.path not in allowed:
            hint = allowing(change.path)
            yield Finding("scope/protected", rules.by_hand, f"this steers {what}", change.path, hint=hint)


def _steered(path: str) -> str | None:
    """Return what a path, or a folder that it is in, steers."""
    named = next((_NAMES[part] for part in path.split("/") if part in _NAMES), None)
    return named or next((what for what, globs in _GROUPS if path in globs), None)


def plugins(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each new line that has pytest load a plug-in: it decides the outcomes of all."""
    allowed = Globs(rules.config.scope.allow)
    for change in workspace.candidate.changes:
        after = workspace.after(change.path)
        if after is None or not change.path.casefold().endswith(".py") or change.path in allowed:
            continue
        for number, line in new_lines(workspace.before(change.path), after):
            if b"pytest_plugins" in line:
                message, hint = "this has pytest load a plug-in", allowing(change.path)
                yield Finding("scope/plugins", rules.by_hand, message, change.path, number, hint=hint)


def allowing(path: str) -> str:
    """Return the hint that tells whose such a change is, and how a base allows it for good."""
    return f'{_BY_HAND} To allow it for good, commit `scope.allow = ["{path}"]` to codegate\'s configuration.'
