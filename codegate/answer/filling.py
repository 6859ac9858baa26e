"""A skeleton's holes filled by an answer: their texts are checked again, whatever the model was held to."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from codegate.answer.peel import blocks
from codegate.core import Hole
from codegate.errors import GrammarError, PatchRefused
from codegate.grammar import parse_gbnf
from codegate.recipes import Draft

_AGAIN: Final = "ask again; small models do better with less to fill: name a smaller symbol"
_QUOTED: Final = 60


def fill(answer: str, draft: Draft, *, truncated: bool) -> Mapping[str, str]:
    """Return the text of each hole, by name. Raises PatchRefused for an answer that does not fill them.

    Its rule is `answer/not-json`, `answer/truncated`, `answer/unfilled` or `answer/ill-formed`.
    """
    holes = draft.holes
    given = _object(answer) if holes else {}
    if given is None:
        if truncated:
            raise PatchRefused("answer/truncated", "the answer stopped at its token limit", _AGAIN)
        raise PatchRefused("answer/not-json", "the answer is no JSON object of texts", _AGAIN)
    if missing := [hole.name for hole in holes if hole.name not in given]:
        rule = "answer/truncated" if truncated else "answer/unfilled"
        raise PatchRefused(rule, f"the answer leaves `{missing[0]}` empty", _AGAIN)
    return {hole.name: _checked(hole, given[hole.name]) for hole in holes}


def _checked(hole: Hole, text: str) -> str:
    try:
        fits = parse_gbnf(hole.grammar).matches(text)
    except GrammarError:  # nobody can tell
        fits = False
    if not fits:
        raise PatchRefused(
            "answer/ill-formed",
            f"`{hole.name}` cannot be “{text[:_QUOTED]}{'…' if len(text) > _QUOTED else ''}”",
            f"it is to be: {hole.help or hole.name}",
        )
    return text


def _object(answer: str) -> dict[str, str] | None:
    """Return the JSON object of texts that an answer is, or holds; None if there is none."""
    for block in blocks(answer):
        start, end = block.text.find("{"), block.text.rfind("}")
        try:
            found = json.loads(block.text[start : end + 1], object_pairs_hook=_each_once)
        except (ValueError, RecursionError):
            continue
        if isinstance(found, dict) and all(isinstance(value, str) for value in found.values()):
            return {name: value.encode("utf-8", "replace").decode() for name, value in found.items()}
    return None


def _each_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key twice")
    return found
