"""The check `round-trip`: `__repr__`, `__eq__` and `__hash__` hold for the instances that the tests make."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Final

from codegate.core import Finding
from codegate.errors import CodegateError
from codegate.gates.contract.answer import Answer, counted, error, note
from codegate.gates.contract.reading import ask, changed_targets, texts_of
from codegate.gates.contract.running import fitting, run

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

_NAME: Final = "round-trip"


def round_trip(workspace: Workspace, rules: Rules) -> Answer:
    """Judge the changed methods of the target classes. What could not be tried is said in a note."""
    classes = [
        {"path": path, "name": name, "members": changed}
        for path, symbols in changed_targets(workspace, rules.scope).items()
        for name, changed in ask("members", *texts_of(workspace, path), symbols).items()
    ]
    if not classes:
        return Answer((), "no special method changed")
    tried = _tried(workspace, rules, classes)
    findings = [said for one in classes for said in _told(one, tried[one["path"], one["name"]])]
    counts = (
        f"{name}: {counted(int(said.get('instances', 0)), 'instance')}" for (_, name), said in tried.items()
    )
    return Answer(tuple(findings), f"round trips of {', '.join(counts)}")


def _tried(
    workspace: Workspace, rules: Rules, classes: list[dict[str, Any]]
) -> dict[tuple[str, str], dict[str, Any]]:
    """Return what became of each class in one run of the tests."""
    wanted = {(one["path"], one["name"]) for one in classes}
    try:
        suite = fitting(workspace, rules)
    except CodegateError as why:
        return {one: {"untried": why.message} for one in wanted}
    outcomes = run(workspace, suite, workspace.overlay(), (), {}, {"instances": classes})
    found = {(str(said.get("path")), str(said.get("class"))): said for said in outcomes.trial}
    if not outcomes.tests:
        return {one: {"untried": "there are no tests"} for one in wanted}
    if missing := wanted - found.keys():
        raise CodegateError(f"{_NAME}: nothing was said of {min(missing)[1]}")
    return {one: found[one] for one in sorted(wanted)}


def _told(asked: dict[str, Any], tried: dict[str, Any]) -> Iterator[Finding]:
    path, name = asked["path"], asked["name"]
    hint = "Let it name what the class takes, in the way that it takes it, and compare the same."
    for what in tried.get("wrong", []):
        yield error(_NAME, f"{name}: {what}", path, hint=hint)
    if "untried" in tried:
        yield note(_NAME, f"{name}: not tried: {tried['untried']}", path)
    elif not tried["instances"]:
        yield note(_NAME, f"{name}: not tried: no test makes an instance", path)
    elif "__repr__" in asked["members"] and not tried["repr"]:
        yield note(_NAME, f"{name}: no text of an instance is a call that can be evaluated", path)
