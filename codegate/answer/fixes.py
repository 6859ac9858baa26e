"""What ruff's fixes of a recipe's rules make of a target: a rewriting that needs no model and no template."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, Final

from codegate import process
from codegate.core import Target
from codegate.errors import CodegateError
from codegate.recipes import Fixes
from codegate.recipes.facts.project import ProjectFacts
from codegate.recipes.matching import matches
from codegate.source import Language, find_symbol
from codegate.source.editing import Edit, Span, chosen, replaced
from codegate.source.linter import REINSTALL, ruff_environment, ruff_program

# One fix makes room for another: `%` becomes `.format`, and that an f-string.
_ROUNDS: Final = 8
_SECONDS: Final = 60.0


def fixed(language: Language, text: bytes, target: Target, fixes: Fixes) -> bytes:
    """Return UTF-8 text with ruff's fixes of a recipe's rules made in the target, and nowhere else.

    Fixes that ruff calls unsafe too: who names a rule asks for what it does. Raises UsageError for a symbol
    that is not there, CodegateError where ruff cannot be asked.
    """
    if b"\r\n" in text:
        return fixed(language, text.replace(b"\r\n", b"\n"), target, fixes).replace(b"\n", b"\r\n")
    for _ in range(_ROUNDS):
        again = _stepped(_round(language, text, target, fixes), language, target, fixes)
        if again == text:
            break
        text = again
    return text


def _round(language: Language, text: bytes, target: Target, fixes: Fixes) -> bytes:
    """Return the text after one round of fixes of the rules themselves."""
    groups = _chosen(language, text, target, fixes, fixes.rules) if fixes.rules else []
    return replaced(text.decode(), groups).encode()


def _stepped(text: bytes, language: Language, target: Target, fixes: Fixes) -> bytes:
    """Return the text after the fixes of rules that are steps, where one of the rules goes on from there."""
    if not fixes.through:
        return text
    steps = _chosen(language, text, target, fixes, fixes.through)
    tried = replaced(text.decode(), steps).encode()
    goals = [span for group in _chosen(language, tried, target, fixes, fixes.rules) for span in group]
    kept: list[list[Span]] = []
    moved = 0
    for step in sorted(steps):
        start, size = step[0][0] + moved, sum(end - start for start, end, _ in step)
        moved += sum(len(new) for _, _, new in step) - size
        if any(a < step[-1][1] + moved and start < b for a, b, _ in goals):
            kept.append(step)
    return replaced(text.decode(), kept).encode()


def _chosen(
    language: Language, text: bytes, target: Target, fixes: Fixes, rules: tuple[str, ...]
) -> list[list[Span]]:
    """Return the fixes of rules that can be made in the target together."""
    bounds = (0, len(text))
    if target.symbol is not None:
        symbol = find_symbol(text, language, target.symbol, target.path)
        bounds = (symbol.start, symbol.end)
    spared = matches(language, text, fixes.spare, target.symbol) if fixes.spare else []
    groups = _groups(_said(text, target.path, rules, fixes.project))
    places = [_in_characters(text, (m.start, m.end)) for m in spared]
    return chosen(text.decode(), groups, _in_characters(text, bounds), places)


def _in_characters(data: bytes, span: tuple[int, int]) -> tuple[int, int]:
    return len(data[: span[0]].decode()), len(data[: span[1]].decode())


def _said(text: bytes, path: str, rules: tuple[str, ...], project: ProjectFacts) -> list[dict[str, Any]]:
    version = f"py3{max(project.python[1], 7)}"
    ended = process.run(
        [
            ruff_program(), "check", "--isolated", "--no-cache", "--no-fix", "--exit-zero", "--quiet",
            "--select", ",".join(rules), "--target-version", version,
            "--line-length", str(project.line_length), "--output-format", "json",
            "--stdin-filename", "target.pyi" if path.endswith(".pyi") else "target.py", "-",
        ],
        env=ruff_environment(), stdin=text, timeout=_SECONDS,
    )  # fmt: skip
    try:
        if ended.timed_out or ended.returncode:
            raise ValueError(ended.stderr.decode("utf-8", "replace")[:300])
        return list(json.loads(ended.stdout))
    except ValueError as error:
        raise CodegateError(f"ruff's answer cannot be read: {error}", REINSTALL) from error


def _groups(said: list[dict[str, Any]]) -> Iterator[list[Edit]]:
    for entry in said:
        fix = entry.get("fix") or {}
        if fix.get("applicability") in ("safe", "unsafe"):
            yield [_edit(edit) for edit in fix["edits"]]


def _edit(edit: dict[str, Any]) -> Edit:
    start, end = edit["location"], edit["end_location"]
    return Edit((start["row"], start["column"]), (end["row"], end["column"]), edit["content"])
