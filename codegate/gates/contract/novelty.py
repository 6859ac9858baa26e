"""Which tests, and which special methods, a change of a file brings."""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator
from typing import Final

from codegate.gates.contract.facts import Definition, Function, definitions

COMPARED: Final = ("__repr__", "__eq__", "__hash__")


def new_tests(before: str, after: str) -> list[str]:
    """Return the tests of a file that are new or changed, as node ids end: `TestAccount::test_close`."""
    known = {name: ast.dump(node) for name, node in _tests(ast.parse(before))}
    return [name for name, node in _tests(ast.parse(after)) if known.get(name) != ast.dump(node)]


def _tests(module: ast.Module) -> Iterator[tuple[str, Function]]:
    for node in module.body:
        if isinstance(node, Function) and node.name.startswith("test"):
            yield node.name, node
        elif isinstance(node, ast.ClassDef):
            for member in node.body:
                if isinstance(member, Function) and member.name.startswith("test"):
                    yield f"{node.name}::{member.name}", member


def changed_members(before: str, after: str, symbols: Collection[str | None]) -> dict[str, list[str]]:
    """Return which of `__repr__`, `__eq__` and `__hash__` changed of each class that the symbols name.

    A class that became a dataclass has all of those that it makes.
    """
    known = dict(definitions(ast.parse(before).body))
    found = {}
    for name, node in definitions(ast.parse(after).body):
        if isinstance(node, ast.ClassDef) and _is_named(name, symbols):
            old = known.get(name)
            found[name] = [m for m in COMPARED if _member(node, m) not in ("", _member(old, m))]
            if _is_dataclass(node) and not _is_dataclass(old):
                found[name] = sorted({*found[name], "__repr__", "__eq__"})
    return {name: members for name, members in found.items() if members}


def _is_named(name: str, symbols: Collection[str | None]) -> bool:
    return any(s is None or s == name or s.rpartition(".")[0] == name for s in symbols)


def _member(node: Definition | None, name: str) -> str:
    body = node.body if isinstance(node, ast.ClassDef) else []
    return next((ast.dump(n) for n in body if isinstance(n, Function) and n.name == name), "")


def _is_dataclass(node: Definition | None) -> bool:
    return node is not None and any("dataclass" in ast.dump(d) for d in node.decorator_list)
