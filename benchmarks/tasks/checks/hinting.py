"""Whether type hints resolve, and are right."""

from __future__ import annotations

import ast
import inspect
import re
import typing
from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import Any

from .case import module, obj, tree
from .keeping import is_typing_block, kept


def hints(*, code: bool = True, symbol: str = "", **wanted: Sequence[str] | str) -> None:
    """Refuse hints that do not resolve, or are none of those that are right: `returns`, and each parameter.

    Each is a shape (`shape`), `*` in it standing for anything, or several of them. `Any` fits no other shape.
    Only hints may have changed, where `code` is.
    """
    if code:
        kept(hints=True)
    function = obj(symbol)
    function = inspect.unwrap(getattr(function, "__func__", function))
    found = typing.get_type_hints(function, typing_names())
    for parameter, shapes in wanted.items():
        key = "return" if parameter == "returns" else parameter
        assert key in found, f"{parameter} has no hint"
        patterns = [shapes] if isinstance(shapes, str) else list(shapes)
        got = shape(found[key])
        assert any(_fits(pattern, got) for pattern in patterns), f"{parameter} is {got}, not {patterns[0]}"


def typing_names() -> dict[str, Any]:
    """Return the module's names, with those that it imports for a type checker alone."""
    found = dict(vars(module()))
    for one in tree().body:
        if is_typing_block(one) and isinstance(one, ast.If):
            for inner in one.body:
                try:
                    code = compile(ast.Module([inner], []), "typing", "exec")
                    exec(code, {**found, "__package__": found["__package__"]}, found)
                except ImportError:
                    continue
    return found


def _fits(pattern: str, got: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), got) is not None


def shape(hint: Any) -> str:
    """Return a type as text that is the same for equal types: `None|list[str]`, `Iterable`, `Any`.

    Members of a union are sorted, and int is part of float. Type variables and object are Any, and arguments
    that are all Any are left out; so are those of Callable.
    """
    if hint is None or hint is type(None):
        return "None"
    if hint in (Any, object, inspect.Parameter.empty) or isinstance(hint, typing.TypeVar):
        bound = getattr(hint, "__bound__", None) if isinstance(hint, typing.TypeVar) else None
        limits = getattr(hint, "__constraints__", ()) if isinstance(hint, typing.TypeVar) else ()
        return shape(reduce(or_, limits)) if limits else shape(bound) if bound else "Any"
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return shape(arguments[0])
    if origin is typing.Union or type(hint).__name__ == "UnionType":
        parts = (
            {part for argument in arguments for part in shape(argument).split("|")}
            if not any("[" in shape(a) for a in arguments)
            else {shape(argument) for argument in arguments}
        )
        if "Any" in parts:
            return "Any"
        return "|".join(sorted(parts - ({"int"} if "float" in parts else set())))
    if origin is typing.Literal:
        return f"Literal[{', '.join(sorted(map(repr, arguments)))}]"
    if origin is None:
        return str(getattr(hint, "__name__", str(hint).rpartition(".")[2]))
    label: str = origin.__name__
    if label == "Callable":
        return label
    inner = ["..." if argument is ... else shape(argument) for argument in arguments]
    if label in ("Generator", "Iterator", "Iterable") and inner:
        label, inner = ("Iterator" if label == "Generator" else label), inner[:1]
    return label if all(one in ("Any", "...") for one in inner) else f"{label}[{', '.join(inner)}]"
