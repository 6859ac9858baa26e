"""What a check is about: the files before and after, and the definitions in them."""

from __future__ import annotations

import ast
import importlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass
class Case:
    """`before` and `after` map paths to texts; `path` and `name` are the target's."""

    before: dict[str, str] = field(default_factory=dict)
    after: dict[str, str] = field(default_factory=dict)
    path: str = ""
    name: str = ""
    source: str = ""


# One process runs one check.
CASE: Final = Case()


def module(file: str = "") -> Any:
    """Import the module of a file of the library, the target's without one."""
    parts = Path(file or CASE.path).with_suffix("").parts
    top = Path(CASE.source).parts
    if parts[: len(top)] == top:
        parts = parts[len(top) :]
    return importlib.import_module(".".join(parts).removesuffix(".__init__"))


def obj(symbol: str = "") -> Any:
    """Return what a dotted name of the target's module is bound to, the target without one."""
    found = module()
    for part in (symbol or CASE.name).split("."):
        found = getattr(found, part)
    return found


def tree(text: str = "") -> ast.Module:
    return ast.parse(text or CASE.after[CASE.path])


def node(symbol: str = "", text: str = "") -> Any:
    """Return the definition of a dotted name in the result: of overloads, the last."""
    found: Any = tree(text)
    for part in (symbol or CASE.name).split("."):
        named = [n for n in found.body if isinstance(n, Definition) and n.name == part]
        assert named, f"{symbol or CASE.name} is gone"
        found = named[-1]
    return found


def segment(symbol: str = "") -> str:
    """Return the text of a definition in the result, its decorators left out."""
    return ast.get_source_segment(CASE.after[CASE.path], node(symbol)) or ""
