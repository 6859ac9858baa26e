"""The holes of a draft: made by templates, known by marks in what they write, and found again there."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from codegate.core import Hole
from codegate.errors import GrammarError, UsageError
from codegate.grammar import parse_gbnf
from codegate.recipes.declaration import HoleRule
from codegate.recipes.recipe import Recipe
from codegate.recipes.skeleton import Pieces, joined

_MAX_HOLES: Final = 64


@dataclass
class Holes:
    """The holes of one draft, each known by a mark in the text that the templates write."""

    recipe: Recipe
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))
    made: list[Hole] = field(default_factory=list)

    def hole(self, values: Mapping[str, Any]) -> Callable[..., str]:
        """Return the function that templates call as `hole(name, of, grammar=…)`."""

        def hole(
            name: str, of: str = "", *, grammar: str = "", default: str | None = None, wanted: str = ""
        ) -> str:
            rule = self.recipe.declared.holes[name]
            about = {**values, "of": of}
            if default is None and rule.default is not None:
                default = self.recipe.render_text(rule.default, f"holes.{name}.default", about)
            wanted = wanted or self.recipe.render_text(rule.help, f"holes.{name}.help", about)
            if len(self.made) >= _MAX_HOLES:
                raise UsageError(
                    f"recipe {self.recipe.name}: more than {_MAX_HOLES} holes", "name a smaller symbol"
                )
            self.made.append(
                Hole(
                    self._free(f"{name} {of}".strip()),
                    self._grammar(rule, grammar),
                    rule.max_tokens,
                    wanted,
                    default,
                )
            )
            return f"\ue000{self.nonce}:{len(self.made) - 1}\ue001"

        return hole

    def pieces(self, text: str) -> Pieces:
        """Return a text with the holes in the places of their marks."""
        parts = re.split(rf"\ue000{self.nonce}:(\d+)\ue001", text)
        return tuple(joined(part if at % 2 == 0 else self.made[int(part)] for at, part in enumerate(parts)))

    def _grammar(self, rule: HoleRule, given: str) -> str:
        if not given:
            return rule.gbnf
        try:
            parse_gbnf(given)
        except GrammarError as error:
            raise UsageError(f"recipe {self.recipe.name}: a grammar that it computes: {error}") from error
        return given

    def _free(self, name: str) -> str:
        taken = {hole.name for hole in self.made}
        return next(n for n in (name, *(f"{name} {i}" for i in range(2, _MAX_HOLES + 3))) if n not in taken)
