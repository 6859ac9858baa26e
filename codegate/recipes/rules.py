"""Grammars that templates compute: how long a sentence may be, which names a type may be written with."""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Iterable
from typing import Final, Literal

from codegate.grammar.chars import quote
from codegate.recipes.facts import ModuleFacts, type_names

_LEAST: Final = 24
_MOST: Final = 240
_CONTAINERS: Final = (
    "list", "dict", "tuple", "set", "frozenset", "type", "Iterable", "Iterator", "Mapping", "Sequence",
    "Generator", "Collection", "Callable", "IO",
)  # fmt: skip


def sentence(width: int) -> str:
    """Return the grammar of a sentence that takes at most so many characters, and closes no docstring.

    ASCII but quotes and backslashes: what a docstring of English prose needs. A full stop ends it, but within
    a number.
    """
    room = max(_LEAST, min(width, _MOST)) - 2
    return f'root ::= [A-Z] piece{{3,{room}}} "."\npiece ::= [ !#--/-\\[\\]-~] | "." [0-9]'


def types(names: Iterable[str], *, optional: Literal["|", "Optional", "never"] = "|") -> str:
    """Return the grammar of a type written with these names, at most two deep.

    `optional` is how the project writes a union: `|`, or `Optional`; `never` leaves unions out, and None.
    """
    known = list(dict.fromkeys(names))
    plain = [n for n in known if n != "Callable" and not (n == "None" and optional == "never")]
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
    union = {
        "|": 'one (" | " one)?',
        "Optional": 'one | "Optional[" one "]" | "Union[" one ", " one "]"',
        "never": "one",
    }[optional]
    return "\n".join([f"root ::= {union}", *rules])


def type_grammar(facts: ModuleFacts, unions: bool) -> str:
    """Return the grammar of a type in a file, where unions may be written with `|`."""
    return types(type_names(facts), optional="|" if unions else "Optional")


def one_type(facts: ModuleFacts) -> str:
    """Return the grammar of a type in a file that is no union."""
    return types(type_names(facts), optional="never")


def double_quoted(code: str) -> str:
    """Return code of one line with its strings in double quotes, as formatters write them, if they can."""
    try:
        tokens = list(tokenize.generate_tokens(io.StringIO(code).readline))
    except (tokenize.TokenError, SyntaxError):
        return code
    for token in reversed(tokens):
        plain = token.type == tokenize.STRING and re.fullmatch(r"(\w*)'([^'\"\\]*)'", token.string)
        if plain and token.start[0] == 1:
            code = f'{code[: token.start[1]]}{plain[1]}"{plain[2]}"{code[token.end[1] :]}'
    return code


def logged(arguments: str) -> str:
    """Return the arguments of a logger's call for those of a `print`, lazily formatted; "" if not plain.

    `arguments` stand in brackets. A file other than the standard streams, or a `sep`, is not plain.
    """
    try:
        call = ast.parse(f"print{arguments}", mode="eval").body
    except SyntaxError:
        return ""
    assert isinstance(call, ast.Call)
    keywords = {k.arg: ast.unparse(k.value) for k in call.keywords}
    streams = ("sys.stderr", "sys.stdout")
    odd = set(keywords) - {"file", "flush", "end"} or keywords.get("file", "sys.stderr") not in streams
    if odd or any(isinstance(a, ast.Starred) for a in call.args):
        return ""
    if len(call.args) == 1:
        form, values = _format(call.args[0])
    else:
        form, values = " ".join(["%s"] * len(call.args)), [ast.unparse(a) for a in call.args]
        if call.args and all(isinstance(a, ast.Constant) and isinstance(a.value, str) for a in call.args[:1]):
            first = str(getattr(call.args[0], "value", "")).replace("%", "%%")
            form, values = " ".join([first, *["%s"] * (len(call.args) - 1)]), values[1:]
    return ", ".join([json.dumps(form, ensure_ascii=False), *values])


def _format(value: ast.expr) -> tuple[str, list[str]]:
    """Return the format and the values that a logger is given for one printed expression."""
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        return value.value, []
    if (
        isinstance(value, ast.BinOp)
        and isinstance(value.op, ast.Mod)
        and isinstance(value.left, ast.Constant)
    ):
        right = value.right.elts if isinstance(value.right, ast.Tuple) else [value.right]
        if not isinstance(value.right, ast.Dict) and isinstance(value.left.value, str):
            return value.left.value, [ast.unparse(one) for one in right]
    if isinstance(value, ast.JoinedStr) and all(_is_simple(part) for part in value.values):
        parts = [
            (str(part.value).replace("%", "%%"), None)
            if isinstance(part, ast.Constant)
            else ("%r" if getattr(part, "conversion", -1) == ord("r") else "%s", ast.unparse(part.value))  # type: ignore[attr-defined]
            for part in value.values
        ]
        values = [said for _, said in parts if said is not None]
        text = "".join(form for form, _ in parts)
        return (text if values else text.replace("%%", "%")), values
    return "%s", [ast.unparse(value)]


def _is_simple(part: ast.expr) -> bool:
    """Say whether a part of an f-string is plain text, or a value without a format of its own."""
    return isinstance(part, ast.Constant) or (
        isinstance(part, ast.FormattedValue) and part.format_spec is None
    )


def _any(words: Iterable[str]) -> str:
    return " | ".join(map(quote, words))
