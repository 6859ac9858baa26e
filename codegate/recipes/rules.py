"""Grammars that templates compute: how long a sentence may be, which names a type may be written with."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Final

from codegate.recipes.facts import ModuleFacts, type_names

_LEAST: Final = 24
_MOST: Final = 160
_CONTAINERS: Final = (
    "list", "dict", "tuple", "set", "frozenset", "type", "Iterable", "Iterator", "Mapping", "Sequence",
    "Generator", "Collection", "Callable", "IO",
)  # fmt: skip


def sentence(width: int) -> str:
    """Return the grammar of a sentence that takes at most so many characters, and closes no docstring.

    ASCII but quotes and backslashes: what a docstring of English prose needs. A full stop ends it, but within
    a word or number.
    """
    room = max(_LEAST, min(width, _MOST)) - 2
    return f'root ::= [A-Z] piece{{3,{room}}} "."\npiece ::= [ !#--/-\\[\\]-~] | "." [0-9A-Za-z_]'


def types(names: Iterable[str], *, optional: str = "|") -> str:
    """Return the grammar of a type written with these names, at most two deep.

    `optional` is how the project writes a union: `|`, or `Optional`.
    """
    known = list(dict.fromkeys(names))
    plain = [n for n in known if n not in ("Callable",)]
    holders = [n for n in _CONTAINERS if n in known and n != "Callable"]
    rules = [
        f"plain ::= {_any(plain)}",
        f"holder ::= {_any(holders)}",
        'inner ::= plain | holder "[" plain (", " plain)? "]"',
        'one ::= plain | holder "[" inner (", " inner)? (", ...")? "]"'
        + (" | call" if "Callable" in known else ""),
    ]
    if "Callable" in known:
        rules.append('call ::= "Callable[" ("..." | "[" (inner (", " inner)*)? "]") ", " inner "]"')
    union = 'one (" | " one)?' if optional == "|" else 'one | "Optional[" one "]" | "Union[" one ", " one "]"'
    return "\n".join([f"root ::= {union}", *rules])


def type_grammar(facts: ModuleFacts, python: tuple[int, int]) -> str:
    """Return the grammar of a type in a file that the given Python is the oldest to run."""
    modern = facts.has_future_annotations or python >= (3, 10)
    return types(type_names(facts), optional="|" if modern else "Optional")


def _any(words: Iterable[str]) -> str:
    return " | ".join(json.dumps(word) for word in words)
