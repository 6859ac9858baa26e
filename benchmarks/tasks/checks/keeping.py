"""What may not change: all but the target, or all but a part of it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Sequence

from .case import CASE, Definition, Function


def kept(*but: str, docstrings: bool = False, hints: bool = False) -> None:
    """Refuse a change of any definition of the target's file but the target, or those named.

    Imports may come and go. With `docstrings` or `hints` the target may change in these alone.
    """
    free = but or (() if docstrings or hints else (CASE.name,))
    old, new = (
        {} if not text else _pieces(text, docstrings, hints)
        for text in (CASE.before[CASE.path], CASE.after[CASE.path])
    )
    for one, dump in old.items():
        if not _covered(one, free):
            assert one in new, f"{one} is gone"
            assert dump == new[one], f"{one} changed"
    for one in new:
        assert one in old or _covered(one, free), f"{one} was added"


def _covered(one: str, free: Sequence[str]) -> bool:
    return any(one == f or one.startswith(f + ".") or (f + ".").startswith(one + ".") for f in free)


def _pieces(text: str, docstrings: bool, hints: bool) -> dict[str, str]:
    """Return each definition that holds no other, and each other statement, with its meaning."""
    found: dict[str, str] = {}

    def visit(body: Iterable[ast.stmt], outer: str) -> None:
        for one in body:
            if isinstance(one, ast.Import | ast.ImportFrom) or is_typing_block(one):
                continue
            if isinstance(one, ast.ClassDef):
                inner = [s for s in one.body if not (docstrings and is_docstring(s))]
                head = ast.ClassDef(one.name, one.bases, one.keywords, [], one.decorator_list)
                found[f"{outer}{one.name}.#head"] = ast.dump(head)
                visit(inner, f"{outer}{one.name}.")
                continue
            label = outer + (getattr(one, "name", "") or _bound(one) or f"#{ast.dump(one)[:80]}")
            while label in found:
                label += "'"
            found[label] = ast.dump(_bare(one, docstrings, hints))

    visit(ast.parse(text).body, "")
    return found


def _bound(one: ast.stmt) -> str:
    if isinstance(one, ast.AnnAssign):
        return ast.unparse(one.target)
    return ast.unparse(one.targets[0]) if isinstance(one, ast.Assign) else ""


def is_typing_block(one: ast.stmt) -> bool:
    return isinstance(one, ast.If) and "TYPE_CHECKING" in ast.unparse(one.test)


def is_docstring(one: ast.stmt) -> bool:
    return (
        isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str)
    )


def _bare(one: ast.stmt, docstrings: bool, hints: bool) -> ast.AST:
    if not (docstrings or hints):
        return one
    copy = ast.parse(ast.unparse(one))
    for inner in ast.walk(copy):
        if docstrings and isinstance(inner, Definition) and inner.body and is_docstring(inner.body[0]):
            inner.body = inner.body[1:] or [ast.Pass()]
        if hints and isinstance(inner, Function):
            inner.returns = None
            given = inner.args
            for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
                if argument is not None:
                    argument.annotation = None
    return copy.body[0]


def same_code() -> None:
    """Refuse a change of anything but docstrings."""
    kept(docstrings=True)
