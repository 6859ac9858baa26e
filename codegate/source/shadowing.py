"""Names that a new import would take from the code of its module: its own definitions, and built-in ones."""

from __future__ import annotations

import ast
import builtins
import warnings
from collections.abc import Iterator
from typing import Final

_BUILTINS: Final = frozenset(dir(builtins))


def taken(base: bytes, statement: bytes) -> str:
    """Return a name of a base's module that an import statement gives another meaning; nothing if none.

    A name that the base imports may come from elsewhere. A built-in one counts where the base speaks of it.
    Raises SyntaxError for what Python does not read.
    """
    with warnings.catch_warnings(action="ignore"):
        (tree, new) = (ast.parse(text) for text in (base, statement.strip()))
    bound = {name for node in new.body for name in _imported(node)}
    if not bound or not base.strip():
        return ""
    old = {name for node in ast.walk(tree) for name in _imported(node)}
    spoken = {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} & _BUILTINS
    return min(bound & (spoken | set(_bound(tree))) - old, default="")


def _imported(node: ast.AST) -> Iterator[str]:
    for alias in node.names if isinstance(node, ast.Import | ast.ImportFrom) else ():
        yield alias.asname or (alias.name.partition(".")[0] if isinstance(node, ast.Import) else alias.name)


def _bound(tree: ast.Module) -> Iterator[str]:
    """Yield what a module binds outside of its functions and classes, but by imports."""
    waiting: list[ast.AST] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
            yield node.id
        else:
            waiting.extend(ast.iter_child_nodes(node))
