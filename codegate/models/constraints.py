"""The ways in which a server can be asked to hold an answer to a form, the strongest first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from codegate.core.prompt import Prompt
from codegate.models.skeletons import schema_for


@dataclass(frozen=True, slots=True)
class Constraint:
    """A way to hold an answer to a form, as the fields of a request."""

    name: str
    fields: dict[str, Any]


NONE: Final = Constraint("none", {})


def constraints_for(prompt: Prompt) -> list[Constraint]:
    """Return what could be asked of a server for a prompt, the strongest first, nothing last."""
    if prompt.skeleton:
        return [*by_schema(schema_for(prompt.holes)), NONE]
    if prompt.schema is not None:
        return [*by_schema(prompt.schema), NONE]
    if prompt.grammar is not None:
        return [by_grammar(prompt.grammar), NONE]
    return [NONE]


def by_schema(schema: Mapping[str, Any]) -> list[Constraint]:
    """Return the two forms that servers know: OpenAI's, and the one llama.cpp's servers had before it."""
    named = {"name": "answer", "strict": True, "schema": dict(schema)}
    return [
        Constraint("json_schema", {"response_format": {"type": "json_schema", "json_schema": named}}),
        Constraint("json_object", {"response_format": {"type": "json_object", "schema": dict(schema)}}),
    ]


def by_grammar(grammar: str) -> Constraint:
    """Return llama.cpp's own field for a GBNF grammar."""
    return Constraint("grammar", {"extra_body": {"grammar": grammar}})
