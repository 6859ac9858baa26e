"""Grammars in GBNF, llama.cpp's notation: what may stand in a hole, while a model writes and afterwards.

A grammar that is read here is one that llama.cpp takes, does not die of, and can always bring to an end.
"""

from codegate.errors import GrammarError
from codegate.grammar.choices import from_choices, schema_of
from codegate.grammar.gbnf import parse_gbnf
from codegate.grammar.matching import TEXT_LIMIT, Reach
from codegate.grammar.pattern import from_pattern
from codegate.grammar.rules import Grammar
from codegate.grammar.shipped import SHIPPED, shipped

__all__ = [
    "SHIPPED", "TEXT_LIMIT", "Grammar", "GrammarError", "Reach",
    "from_choices", "from_pattern", "parse_gbnf", "schema_of", "shipped",
]  # fmt: skip
