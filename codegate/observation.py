"""What expressions come to on the base's code, seen in the sandbox: values that no model need guess."""

from __future__ import annotations

import ast
import json
import secrets
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from codegate.core import Observation
from codegate.errors import CodegateError
from codegate.gates.suite import open_suite, tail
from codegate.workspace import Workspace

if TYPE_CHECKING:
    from codegate.core import Base
    from codegate.pipeline import Project

_SECONDS: Final = 60.0
_MOST: Final = 64


def observe(project: Project, base: Base, setup: str, expressions: Sequence[str]) -> list[Observation]:
    """Return what each expression came to, after `setup`, on the base's code in the base's sandbox.

    One that could not be evaluated in time is an Observation that raised `Timeout`. What is said comes from
    the process that runs the code: it is data for a proposal that is judged like any other, and what calls
    itself a literal, or a name, is one. Raises
    CodegateError where the setup itself fails, SandboxError where there is no sandbox.
    """
    if not expressions:
        return []
    rules = project.config(base.commit).tests
    workspace = Workspace(
        project.repository, project.stage, project.stage.between(base.commit, base.tree, base.tree)
    )
    suite = open_suite(workspace.root, rules, workspace.tracks)
    suite = replace(suite, limits=replace(suite.limits, seconds=min(_SECONDS, suite.limits.seconds)))
    asked = list(expressions)[:_MOST]
    with tempfile.TemporaryDirectory(prefix="codegate-asked-") as folder:
        token, question = secrets.token_hex(16), Path(folder) / "asked.json"
        question.write_text(json.dumps({"token": token, "setup": setup, "expressions": asked}), "utf-8")
        ended = suite.evaluate(workspace.base_overlay(), question)
    said = {one["at"]: one for one in _lines(ended.stdout, token)}
    if not said:
        raise CodegateError(
            f"the code cannot be run: {tail(ended)}",
            "its module must be importable in the sandbox: see docs/sandbox.md",
        )
    return [_observation(expression, said.get(at)) for at, expression in enumerate(asked)]


def _lines(output: bytes, token: str) -> Iterator[dict[str, Any]]:
    for line in output.decode("utf-8", "replace").split("\n"):
        if line.startswith(token):
            try:
                said = json.loads(line.removeprefix(token))
            except (ValueError, RecursionError):
                continue
            if isinstance(said, dict) and isinstance(said.get("at"), int):
                yield said


def _observation(expression: str, said: dict[str, Any] | None) -> Observation:
    if said is None:
        return Observation(expression, raised="Timeout")
    raised, value = _named(said, "raised"), _text(said, "value")
    return Observation(
        expression,
        value=value,
        raised=raised,
        module=_named(said, "module") if raised else "",
        type=_named(said, "type"),
        is_literal=said.get("literal") is True and _is_literal(value),
        is_stable=said.get("stable") is True,
        message=_text(said, "message"),
    )


def _text(said: dict[str, Any], key: str) -> str:
    return str(said.get(key, "")).encode("utf-8", "backslashreplace").decode()


def _named(said: dict[str, Any], key: str) -> str:
    """Return a dotted name; of what was defined in a function there is none by which it can be reached."""
    text = _text(said, key)
    return text if all(map(str.isidentifier, text.split("."))) else "_" if text else ""


def _is_literal(text: str) -> bool:
    """Say whether a text is a literal of one line, with nothing behind or below it."""
    try:
        ast.literal_eval(text)
    except (ValueError, TypeError, SyntaxError, RecursionError, MemoryError):
        return False
    return text.isprintable()
