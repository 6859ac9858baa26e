"""What a recipe makes of an example, without a model and without a repository."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from codegate.answer.reading import parse
from codegate.context import gather
from codegate.core import ModelIdentity, Observation, Proposal
from codegate.errors import CodegateError, PatchRefused
from codegate.recipes import Recipe, draft
from codegate.recipes.examples import Example


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of an example: the new text, or why there is none; `wrong` says what is not as it must be."""

    example: Example
    text: str | None
    wrong: str = ""


def try_example(recipe: Recipe, example: Example) -> Tried:
    """Return what a recipe makes of an example: its holes are filled with the example's answers."""
    try:
        text = _made(recipe, example)
    except CodegateError as error:
        refused = example.after is None and example.refused in error.message
        return Tried(example, None, "" if refused else f"refused: {error.message}")
    if example.after is None:
        return Tried(example, text, "it was to be refused")
    return Tried(example, text, "" if text == example.after else "the text is another")


def _made(recipe: Recipe, example: Example) -> str:
    read = example.files.get
    drafted = draft(recipe, example.request, read)
    context = gather(example.request, read, len, 1 << 24, draft=drafted, around=False)
    filled = {hole.name: _answer(example.answers, hole.name, hole.default) for hole in drafted.holes}
    proposal = Proposal(json.dumps(filled), ModelIdentity("example", "rules"), "")
    files = parse(proposal, example.request, context, read, partial(_observed, example)).files or {}
    path = example.request.targets[0].path
    return files.get(path, read(path) or b"").decode()


def _observed(example: Example, _: str, expressions: Sequence[str]) -> list[Observation]:
    """Return what the example says of each expression: a repr, or `!` and the name of an exception."""
    seen = []
    for one in expressions:
        said = example.observed.get(one, "")
        raised = said[1:] if said.startswith("!") else ""
        value = "" if raised else said
        seen.append(
            Observation(
                one, value, raised, "builtins" if raised else "", is_literal=True, is_stable=bool(said)
            )
        )
    return seen


def _answer(answers: Mapping[str, str], name: str, default: str | None) -> str:
    text = answers.get(name, default)
    if text is None:
        raise PatchRefused("answer/unfilled", f"the example has no answer for the hole `{name}`")
    return text
