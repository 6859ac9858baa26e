"""Grammars that are lists of texts, and the JSON schema of what a grammar allows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from codegate.errors import GrammarError
from codegate.grammar.chars import quote
from codegate.grammar.gbnf import parse_gbnf
from codegate.grammar.matching import TEXT_LIMIT


def from_choices(choices: Iterable[str]) -> str:
    """Return the GBNF that allows exactly these texts; raises GrammarError if there are none or too many."""
    texts = dict.fromkeys(choices)
    if not texts:
        raise GrammarError("there is nothing to choose from", hint="give at least one text")
    source = f"root ::= {' | '.join(map(quote, texts))}\n"
    parse_gbnf(source)
    return source


def schema_of(gbnf: str) -> dict[str, Any]:
    """Return a JSON schema of strings that lets everything through that the grammar allows.

    A list of texts becomes an `enum`. Anything else is only bounded in length: JSON schema knows patterns, no
    grammars, so whoever asks by this schema validates the answer with `Grammar.matches`.
    """
    choices = parse_gbnf(gbnf).choices
    if choices is not None:
        return {"type": "string", "enum": list(choices)}
    return {"type": "string", "maxLength": TEXT_LIMIT}
