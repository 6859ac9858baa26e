"""What a function of Python does as far as its text tells: its parameters, what it returns and raises."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = Function | ast.ClassDef
_SCOPES: Final = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)
# What raises without the word, with what it raises; `LookupError` and the like by their own names.
_CALLS: Final = {
    "int": ("ValueError", "TypeError"), "float": ("ValueError", "TypeError"), "next": ("StopIteration",),
    "open": ("OSError", "FileNotFoundError", "PermissionError", "IsADirectoryError"), "exit": ("SystemExit",),
}  # fmt: skip


def definitions(body: list[ast.stmt], prefix: str = "") -> Iterator[tuple[str, Definition]]:
    """Yield each function and class with its dotted name, the outer before the inner."""
    for node in body:
        if isinstance(node, Definition):
            yield prefix + node.name, node
            yield from definitions(node.body, f"{prefix}{node.name}.")
        else:
            for name in ("body", "orelse", "finalbody"):
                yield from definitions(getattr(node, name, []), prefix)
            for handler in getattr(node, "handlers", []):
                yield from definitions(handler.body, prefix)


def own(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what belongs to a function's body itself, and to no function or class in it."""
    for child in ast.iter_child_nodes(node):
        yield child
        if not isinstance(child, _SCOPES):
            yield from own(child)


@dataclass(frozen=True)
class Facts:
    """Of one function. `parameters` are those a caller gives, `starred` those that take the rest."""

    parameters: tuple[str, ...]
    starred: tuple[str, ...]
    returns: bool
    yields: bool
    is_stub: bool
    raises: frozenset[str] = field(default=frozenset())


def facts_of(function: Function, module: ast.Module, *, is_method: bool) -> Facts:
    """Return the facts of a function. What functions of its module that it calls raise, it raises too."""
    given = function.args
    names = [argument.arg for argument in (*given.posonlyargs, *given.args)]
    if is_method and not _is_static(function):
        names = names[1:]
    body = list(own_of(function))
    yields = any(isinstance(node, ast.Yield | ast.YieldFrom) for node in body)
    values = [node.value for node in body if isinstance(node, ast.Return)]
    return Facts(
        (*names, *(argument.arg for argument in given.kwonlyargs)),
        tuple(argument.arg for argument in (given.vararg, given.kwarg) if argument is not None),
        any(v is not None and not (isinstance(v, ast.Constant) and v.value is None) for v in values),
        yields,
        _is_stub(function),
        frozenset(raised(function) | _by_calls(function, module)),
    )


def own_of(function: Function) -> Iterator[ast.AST]:
    for statement in function.body:
        if not isinstance(statement, _SCOPES):
            yield statement
            yield from own(statement)


def raised(function: Function) -> set[str]:
    """Return the last names of the exceptions that the function's own statements raise."""
    caught, known = _caught(function), _assigned(function)
    found: set[str] = set()
    for node in own_of(function):
        match node:
            case ast.Raise(exc=None):
                found |= {name for names in caught.values() for name in names}
            case ast.Raise(exc=ast.Name(id=name)) if name in known | caught.keys():
                found |= caught.get(name, set()) | ({known[name]} if name in known else set())
            case ast.Raise(exc=value) if value is not None:
                found.add(_last(value))
            case ast.Assert():
                found.add("AssertionError")
            case ast.Subscript(ctx=ast.Load()):
                found |= {"KeyError", "IndexError", "LookupError"}
            case ast.BinOp(op=ast.Div() | ast.FloorDiv() | ast.Mod()):
                found.add("ZeroDivisionError")
            case ast.Call(func=ast.Name(id=name)) if name in _CALLS:
                found |= set(_CALLS[name])
    return found


def _caught(function: Function) -> dict[str, set[str]]:
    """Return what each handler catches, by the name it is bound to, or by a number."""
    found: dict[str, set[str]] = {}
    for node in own_of(function):
        if isinstance(node, ast.ExceptHandler) and node.type is not None:
            kinds = node.type.elts if isinstance(node.type, ast.Tuple) else [node.type]
            found.setdefault(node.name or str(node.lineno), set()).update(_last(kind) for kind in kinds)
    return found


def _assigned(function: Function) -> dict[str, str]:
    return {
        target.id: _last(node.value)
        for node in own_of(function)
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _by_calls(function: Function, module: ast.Module) -> set[str]:
    called = {_last(node.func) for node in own_of(function) if isinstance(node, ast.Call)}
    return {
        name
        for _, node in definitions(module.body)
        if isinstance(node, Function) and node.name in called and node is not function
        for name in raised(node)
    }


def _last(node: ast.expr) -> str:
    node = node.func if isinstance(node, ast.Call) else node
    return node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")


def _is_static(function: Function) -> bool:
    return any(_last(decorator) == "staticmethod" for decorator in function.decorator_list)


def _is_stub(function: Function) -> bool:
    """Say whether a body only stands where others put theirs."""
    for statement in function.body:
        match statement:
            case ast.Pass() | ast.Expr(value=ast.Constant()):
                continue
            case ast.Raise(exc=error) if error is not None and _last(error) == "NotImplementedError":
                continue
            case _:
                return False
    return True
