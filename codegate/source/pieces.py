"""Whether a piece of code is for Python itself, alone, what a grammar takes it for in its place."""

from __future__ import annotations

import ast
from collections.abc import Callable
from typing import Final

from codegate.source.layout import indentation_at
from codegate.source.parts import Part

_DEFINED: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Assign, ast.AnnAssign)
_LITERAL: Final = ("Literal", "Annotated")


def unfit(part: Part, text: bytes) -> str:
    """Say why Python would not take what stands at a part of `text` for what the part is; else nothing.

    Hints, bases and decorators are also held to a form: what names a type has nothing to run.
    """
    wrong = _JUDGES.get(part.kind)
    try:
        return wrong(part, text) if wrong is not None else ""
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return f"Python reads something else there: {error}"


def _of_docstring(part: Part, text: bytes) -> str:
    (statement, *rest) = _statements(part, text)
    value = statement.value if isinstance(statement, ast.Expr) and not rest else None
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return "" if is_text else "this is no docstring"


def _of_import(part: Part, text: bytes) -> str:
    found = _statements(part, text)
    if len(found) != 1 or not isinstance(found[0], ast.Import | ast.ImportFrom):
        return "this is more than an import"
    every = any(alias.name == "*" for alias in found[0].names)
    return "nobody can tell what this import brings" if every else ""


def _of_statement(part: Part, text: bytes) -> str:
    found = _statements(part, text)
    if len(found) != 1 or not isinstance(found[0], _DEFINED):
        return f"this is more than one definition of `{part.name}`"
    if isinstance(found[0], ast.Assign | ast.AnnAssign):
        return ""
    return _of_decorators(found[0])


def _of_hint(part: Part, text: bytes) -> str:
    if part.inner[0] == part.inner[1]:
        return ""
    said = text[slice(*part.inner)]
    return "" if is_hint(said.decode()) else "this annotation is more than the name of a type"


def _of_bases(part: Part, text: bytes) -> str:
    module = ast.parse(b"class X" + text[part.start : part.end] + b": pass")
    (found,) = module.body
    if not isinstance(found, ast.ClassDef) or not isinstance(found.body[0], ast.Pass):
        return "these are no bases of a class"
    plain = all(_names_type(base) for base in (*found.bases, *(keyword.value for keyword in found.keywords)))
    plain = plain and all(keyword.arg for keyword in found.keywords)
    return "" if plain else "these bases are more than names of types"


def _of_decorator(part: Part, text: bytes) -> str:
    (found,) = ast.parse(text[part.start : part.end] + b"\ndef f(): pass").body
    if not isinstance(found, ast.FunctionDef) or len(found.decorator_list) != 1:
        return "this is no decorator"
    return _of_decorators(found)


def _of_decorators(found: ast.stmt) -> str:
    for node in getattr(found, "decorator_list", []):
        called = node.func if isinstance(node, ast.Call) else node
        while isinstance(called, ast.Attribute):
            called = called.value
        if not isinstance(called, ast.Name):
            return "a decorator is a name or the call of one"
    return ""


def _of_body(part: Part, text: bytes) -> str:
    said = text[part.start : part.end]
    if not said.strip():
        return ""
    found = ast.parse(b"if 1:" + (said if b"\n" in said else b" " + said) + b"\n").body
    alone = len(found) == 1 and isinstance(found[0], ast.If) and not found[0].orelse
    return "" if alone else "this is more than a body"


def _of_expression(part: Part, text: bytes) -> str:
    ast.parse(b"(" + text[part.start : part.end] + b"\n)", mode="eval")
    return ""


def _of_replaced(part: Part, text: bytes) -> str:
    _statements(part, text)
    return ""


def _statements(part: Part, text: bytes) -> list[ast.stmt]:
    """Return the statements at a part, parsed at its own depth."""
    depth = indentation_at(text, part.start)
    said = text[part.start : part.end]
    if not depth or depth != text[part.start - len(depth) : part.start]:
        return _some(ast.parse(said.lstrip() + b"\n").body)
    (around, *rest) = ast.parse(b"if 1:\n" + depth + said + b"\n").body
    if rest or not isinstance(around, ast.If) or around.orelse:
        raise SyntaxError("it ends before it should")
    return around.body


def _some(found: list[ast.stmt]) -> list[ast.stmt]:
    if not found:
        raise SyntaxError("there is no statement")
    return found


def is_hint(text: str) -> bool:
    """Say whether a text is an annotation of names, subscripts, literals and `|` alone, quoted or not."""
    return _names_type(ast.parse(f"({text}\n)", mode="eval").body)


def _names_type(node: ast.expr, *, literal: bool = False) -> bool:
    """Say whether an expression names a type, with nothing that is called or computed.

    A string is a name to come, and is held to the same; in `Literal` and `Annotated` it is any.
    """
    match node:
        case ast.Constant(value=str(text)):
            return literal or is_hint(text)
        case ast.Name() | ast.Constant():
            return True
        case ast.Attribute(value=value) | ast.Starred(value=value):
            return _names_type(value)
        case ast.BinOp(left=left, op=ast.BitOr(), right=right):
            return _names_type(left, literal=literal) and _names_type(right, literal=literal)
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant()):
            return True
        case ast.List(elts=parts) | ast.Tuple(elts=parts):
            return all(_names_type(part, literal=literal) for part in parts)
        case ast.Subscript(value=value, slice=inside):
            name = value.attr if isinstance(value, ast.Attribute) else getattr(value, "id", "")
            return _names_type(value) and _names_type(inside, literal=name in _LITERAL)
        case _:
            return False


_JUDGES: Final[dict[str, Callable[[Part, bytes], str]]] = {
    "import": _of_import,
    "docstring": _of_docstring,
    "hint": _of_hint,
    "bases": _of_bases,
    "decorator": _of_decorator,
    "body": _of_body,
    "member": _of_statement,
    "definition": _of_statement,
    "assign": _of_statement,
    "expression": _of_expression,
    "statement": _of_replaced,
}
