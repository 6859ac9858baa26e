"""The grammars that come with codegate, put together from the files in `parts/`."""

from __future__ import annotations

import difflib
from functools import cache
from importlib.resources import files
from typing import Final

from codegate.errors import GrammarError

# Of each grammar the rule it starts from, and the parts that hold it and what it uses.
_PARTS: Final[dict[str, tuple[str, ...]]] = {
    "line": ("line", "prose"),
    "sentence": ("sentence", "sentence"),
    "text": ("text", "text", "prose"),
    "identifier": ("name", "name"),
    "python-literal": ("literal", "literal", "value"),
    "python-type": ("type", "type", "value", "name"),
    "python-expression": ("expression", "expression", "value", "name"),
    "python-arguments": ("arguments", "expression", "value", "name"),
    "python-block": ("block", "block", "type", "expression", "value", "name"),
}
SHIPPED: Final = tuple(_PARTS)


@cache
def shipped(name: str) -> str:
    """Return the GBNF of a grammar of SHIPPED; raises GrammarError naming the nearest one for another name.

    `line` is one line of text; `sentence` one that begins with a capital and ends in its only full stop;
    `text` several lines. None of them holds a control character, a backslash, or quotation marks that end a
    docstring. `identifier` and the `python-` ones are ASCII names, and Python in the form that formatters
    give it: an expression, the arguments of a call (at least one), an annotation, a literal, or statements
    that are indented by four spaces. What no grammar can say is left to a parser, above all that a name is
    no keyword.
    """
    if name not in _PARTS:
        near = difflib.get_close_matches(name, SHIPPED, 1, cutoff=0.5)
        hint = f"Did you mean `{near[0]}`?" if near else f"There are: {', '.join(SHIPPED)}."
        raise GrammarError(f"no grammar `{name}` comes with codegate", hint=hint)
    start, *parts = _PARTS[name]
    folder = files("codegate.grammar").joinpath("parts")
    return "\n".join([f"root ::= {start}", *((folder / f"{p}.gbnf").read_text("utf-8") for p in parts)])
