"""The check `types`: a type checker finds nothing new in the changed files, whatever the base asks of it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Severity
from codegate.gates.contract.answer import Answer, counted, error
from codegate.gates.contract.reading import changed_targets
from codegate.gates.lint.jail import open_jail
from codegate.gates.types import new_errors
from codegate.gates.types.checkers import MYPY, configured, mypy_for

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

# So that a hint is held to what the body does. A body that ends without a value returns None then, which a
# hint may say; and a missing stub is nobody's fault.
_STRICT: Final = (
    "--check-untyped-defs", "--strict-optional", "--no-implicit-optional", "--no-warn-no-return",
    "--follow-imports=silent",
)  # fmt: skip
_LENIENT: Final = ("--ignore-missing-imports",)
_HINT: Final = "Write the type that the value has in every case, and import its name."
_INSTALL: Final = "Install mypy in the project's environment, or beside codegate."


def types(workspace: Workspace, rules: Rules) -> Answer:
    """Judge by mypy. Where there is none, a warning says so: hints were then not checked."""
    paths = sorted(changed_targets(workspace, rules.scope))
    if not paths:
        return Answer((), "types: no Python file changed")
    jail = open_jail(workspace, rules.config.tests)
    if all(jail.find(name) is None for name in MYPY.programs):
        message = "no type checker: hints were not checked"
        return Answer((Finding("contract/types", Severity.WARNING, message, hint=_INSTALL),), message)
    known = any(checker.name == MYPY.name for checker in configured(workspace.base_file))
    flags = _STRICT if known else (*_STRICT, *_LENIENT)
    mypy = mypy_for(workspace.base_file)
    mypy = replace(mypy, arguments=(*mypy.arguments, *flags, *paths))
    found = new_errors(jail, workspace, mypy, rules.config.tests.timeout)
    told = [
        error("types", f"{said.message} [{said.code}]", said.path or None, said.line or None, _HINT)
        for said in found
        if said.path in paths
    ]
    return Answer(tuple(told), f"{counted(len(told), 'new error')} of mypy")
