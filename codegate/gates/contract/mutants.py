"""Simple mutants of a function: each is its module with one expression written otherwise."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, Final

from codegate.gates.contract.facts import Function, definitions

_MOST: Final = 200
_FLIPPED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
_SWAPPED: Final[dict[type[ast.operator], type[ast.operator]]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Add, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.Mult, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
    ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """Bytes `start` to `end` of a UTF-8 text replaced by `text`, at `line`; `said` shows it to people."""

    line: int
    start: int
    end: int
    text: str
    said: str


def mutated(source: str, symbol: str) -> dict[str, Any] | None:
    """Return a function's lines and its mutants, in the order of its text; None if there is no such function.

    `first` is the line by which its code object is known: that of its first decorator.
    """
    found = [
        n for name, n in definitions(ast.parse(source).body) if name == symbol and isinstance(n, Function)
    ]
    if not found:
        return None
    function = found[-1]  # of several, the last is the one that is left
    first = min([function.lineno, *(d.lineno for d in function.decorator_list)])
    made = list(_mutants(source, function))
    return {
        "name": function.name, "first": first, "line": function.lineno, "last": function.end_lineno or first,
        "mutants": [asdict(mutant) for mutant in made[:_MOST]],
    }  # fmt: skip


def _mutants(source: str, function: Function) -> Iterator[Mutant]:
    starts = [0]
    data = source.encode()
    for line in data.split(b"\n"):
        starts.append(starts[-1] + len(line) + 1)
    changes = [pair for statement in function.body for pair in _of(statement)]
    seen: set[tuple[int, int, str]] = set()
    for old, new in sorted(changes, key=lambda pair: (pair[0].lineno, pair[0].col_offset)):
        start = starts[old.lineno - 1] + old.col_offset
        end = starts[(old.end_lineno or old.lineno) - 1] + (old.end_col_offset or 0)
        text = f"({ast.unparse(new)})"
        if (start, end, text) not in seen:
            seen.add((start, end, text))
            said = f"`{_short(ast.unparse(new))}` in the place of `{_short(ast.unparse(old))}`"
            yield Mutant(old.lineno, start, end, text, said)


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"


def _of(node: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """Yield each expression at which a mutant differs, with what it has there."""
    match node:
        case ast.Return(value=value) if value is not None:
            if not (isinstance(value, ast.Constant) and value.value is None):
                yield value, ast.Constant(None)
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            yield test, ast.UnaryOp(ast.Not(), test)
        case ast.Compare(left=left, ops=[op, *rest], comparators=right):
            yield node, ast.Compare(left, [_FLIPPED[type(op)](), *rest], right)
        case ast.BoolOp(op=op, values=values):
            yield node, ast.BoolOp(ast.Or() if isinstance(op, ast.And) else ast.And(), values)
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _SWAPPED:
            if not (_is_text(left) or _is_text(right)):  # they raise at once: no one has to look
                yield node, ast.BinOp(left, _SWAPPED[type(op)](), right)
        case ast.Constant(value=bool(value)):
            yield node, ast.Constant(not value)
        case ast.Constant(value=int(value) | float(value)):
            yield node, ast.Constant(value + 1)
            yield node, ast.Constant(value - 1)
    for child in _below(node):
        yield from _of(child)


def _below(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what of a node runs when the function does: no hints, and nothing of an f-string."""
    match node:
        case ast.JoinedStr():
            return
        case ast.AnnAssign(target=target, value=value):
            yield target
            yield from [value] if value is not None else []
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            yield from node.body
        case _:
            yield from ast.iter_child_nodes(node)


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.JoinedStr) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str | bytes)
    )
