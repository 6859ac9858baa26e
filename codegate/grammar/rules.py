"""A grammar that has been read: rules of nothing but characters and other rules."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from codegate.grammar.chars import Chars
from codegate.grammar.matching import Element, Reach, Recogniser


@dataclass(frozen=True)
class Grammar:
    """What `source` says. Only `parse_gbnf` makes one, so that it is sound.

    `rules` holds the alternatives of each rule, each a sequence of `Chars` and of names of rules; groups and
    repetitions have rules of their own, whose names hold a `_`.
    """

    source: str
    rules: Mapping[str, tuple[tuple[Element, ...], ...]]

    def matches(self, text: str) -> bool:
        """Say whether the grammar allows the whole text; of over TEXT_LIMIT characters it allows none.

        Raises GrammarError if the grammar is so ambiguous that there is no telling in bounded time.
        """
        return self.follow(text).complete

    def follow(self, text: str) -> Reach:
        """Say how far the text begins something that the grammar allows, and what it expects there."""
        return self._recogniser.follow(text)

    def explain(self, text: str) -> str | None:
        """Say at which character the text leaves the grammar and what belongs there; None if it matches."""
        return self.follow(text).explain(text)

    @cached_property
    def choices(self) -> tuple[str, ...] | None:
        """The texts that it allows, if it is written as a list of them."""
        texts = []
        for sequence in self.rules["root"]:
            characters = [e.only if isinstance(e, Chars) else None for e in sequence]
            if None in characters:
                return None
            texts.append("".join(c for c in characters if c))
        return tuple(dict.fromkeys(texts))

    @cached_property
    def _recogniser(self) -> Recogniser:
        return Recogniser(self.rules)
