"""Edits by rule: how a task's file is made ready, and how its right and wrong answers are written down."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from codegate.core import Target

Files = dict[str, str]
_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


@dataclass(frozen=True, slots=True)
class Edit:
    """One step: a verb of `VERBS`, and its arguments."""

    verb: str
    arguments: tuple[str, ...] = ()


def edited(files: Files, target: Target, edits: Sequence[Edit], read: Callable[[str], str]) -> Files:
    """Return `files` with the edits made, in their order. Raises ValueError for one that does not fit.

    `read` gives the library's own text of a file that `files` does not have yet, "" if there is none.
    """
    files = dict(files)
    for edit in edits:
        if edit.verb == "file":
            path, text = edit.arguments
            files[path] = _unquoted(text)
            continue
        old = files[target.path] if target.path in files else read(target.path)
        try:
            files[target.path] = VERBS[edit.verb](old, target.symbol, *edit.arguments)
        except (KeyError, StopIteration, TypeError) as error:
            raise ValueError(f"{target}: {edit.verb} {edit.arguments}: {error!r}") from error
    return files


def definition_text(text: str, symbol: str | None) -> str:
    """Return the text of a definition, its decorators with it, or the whole without a symbol."""
    if symbol is None:
        return text
    start, end = _span(text, _find(text, symbol))
    return text[text.rfind("\n", 0, start) + 1 : end]


def _replace(text: str, symbol: str | None, old: str, new: str) -> str:
    if text.count(old) != 1:
        raise ValueError(f"{text.count(old)} times in the file: {old!r}")
    return text.replace(old, new)


def _replace_all(text: str, symbol: str | None, old: str, new: str) -> str:
    """Replace as often as it stands in the target."""
    if symbol is None:
        return text.replace(old, new)
    start, end = _span(text, _find(text, symbol))
    return text[:start] + text[start:end].replace(old, new) + text[end:]


def _write(text: str, symbol: str | None, new: str) -> str:
    return _unquoted(new)


def _truncate(text: str, symbol: str | None, marker: str) -> str:
    """Cut the file where a text begins: history that only makes a prompt longer."""
    return text[: text.index(marker)].rstrip("\n") + "\n"


def _symbol(text: str, symbol: str | None, new: str) -> str:
    """Put another definition, written at the left margin, in the place of the target."""
    start, end = _span(text, _find(text, symbol))
    margin = text[text.rfind("\n", 0, start) + 1 : start]
    return text[:start] + _indented(new, margin).lstrip() + text[end:]


def _member(text: str, symbol: str | None, new: str) -> str:
    """Put members, written at the left margin, at the end of the target, which is a class."""
    node = _find(text, symbol)
    end = _span(text, node)[1]
    margin = " " * node.body[0].col_offset
    return f"{text[:end]}\n\n{_indented(new, margin)}{text[end:]}"


def _before(text: str, symbol: str | None, new: str) -> str:
    start = _span(text, _find(text, symbol))[0]
    return f"{text[:start]}{_unquoted(new).strip()}\n\n\n{text[start:]}"


def _append(text: str, symbol: str | None, new: str) -> str:
    return f"{text.rstrip()}\n\n\n{_unquoted(new).strip()}\n"


def _import(text: str, symbol: str | None, new: str) -> str:
    """Put a line of imports below the docstring and what is imported from `__future__`."""
    head = [
        node for number, node in enumerate(ast.parse(text).body)
        if (number == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))
        or (isinstance(node, ast.ImportFrom) and node.module == "__future__")
    ]  # fmt: skip
    lines = text.splitlines(keepends=True)
    at = head[-1].end_lineno or 0 if head else 0
    return "".join([*lines[:at], new.strip() + "\n", *lines[at:]])


def _docstring(text: str, symbol: str | None, new: str) -> str:
    """Give the target a docstring, written at the left margin without quotes."""
    node = _find(text, symbol)
    first = node.body[0]
    margin = " " * first.col_offset
    quoted = _indented(f'"""{_unquoted(new).strip()}\n"""' if "\n" in new.strip() else f'"""{new}"""', margin)
    lines = text.splitlines(keepends=True)
    at = min([first.lineno, *(d.lineno for d in getattr(first, "decorator_list", []))]) - 1
    return "".join([*lines[:at], quoted + "\n", *lines[at:]])


def _strip_docstring(text: str, symbol: str | None) -> str:
    node = _find(text, symbol)
    if ast.get_docstring(node, clean=False) is None:
        raise ValueError(f"{symbol} has no docstring")
    lines = text.splitlines(keepends=True)
    start, end = node.body[0].lineno - 1, node.body[0].end_lineno or 0
    while end < len(lines) and not lines[end].strip() and len(node.body) > 1:
        end += 1
    left = ["    " * (node.col_offset // 4 + 1) + "pass\n"] if len(node.body) == 1 else []
    return "".join([*lines[:start], *left, *lines[end:]])


def _misname(text: str, symbol: str | None, parameter: str) -> str:
    """Call a parameter by another name in the target's docstring."""
    quoted = _find(text, symbol).body[0]
    start, end = _offset(text, quoted.lineno, quoted.col_offset), _end(text, quoted)
    renamed, times = re.subn(rf"\b{parameter}\b", f"{parameter}_value", text[start:end])
    if not times:
        raise ValueError(f"{symbol} tells nothing of {parameter}")
    return text[:start] + renamed + text[end:]


def _strip_hints(text: str, symbol: str | None) -> str:
    """Take the annotations out of the target's signature, or of each method's where it is a class."""
    node = _find(text, symbol)
    functions = [node] if not isinstance(node, ast.ClassDef) else node.body
    for function in reversed([f for f in functions if isinstance(f, ast.FunctionDef | ast.AsyncFunctionDef)]):
        text = _without_hints(text, function)
    return text


def _without_hints(text: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    given = node.args
    arguments = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    cuts: list[tuple[int, int]] = []
    for argument in arguments:
        if argument is not None and argument.annotation is not None:
            start = _offset(text, argument.lineno, argument.col_offset) + len(argument.arg)
            cuts.append((start, _end(text, argument.annotation)))
    if node.returns is not None:
        end = _end(text, node.returns)
        cuts.append((text.rindex("->", 0, _offset(text, node.returns.lineno, node.returns.col_offset)), end))
    for start, end in sorted(cuts, reverse=True):
        rest = re.sub(r"\A[ ]=[ ]", "=", text[end:])
        text = text[:start].rstrip(" ") + rest
    return text


def _hint(text: str, symbol: str | None, parameter: str, hint: str) -> str:
    """Give a parameter of the target, or what it `returns`, a type, in the place of what is there."""
    node = _find(text, symbol)
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    given = node.args
    if parameter == "returns":
        if node.returns is not None:
            start = _offset(text, node.returns.lineno, node.returns.col_offset)
            return text[:start] + hint + text[_end(text, node.returns) :]
        body = _offset(text, node.body[0].lineno, node.body[0].col_offset)
        end = text.rindex("):", 0, body)
        return f"{text[: end + 1]} -> {hint}{text[end + 1 :]}"
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    one = next(a for a in every if a is not None and a.arg == parameter)
    start = _offset(text, one.lineno, one.col_offset) + len(one.arg)
    end = _end(text, one.annotation) if one.annotation is not None else start
    return f"{text[:start]}: {hint}{text[end:]}"


def _remove(text: str, symbol: str | None, *names: str) -> str:
    """Take out members of the target, or definitions and assignments of the file where it names no symbol."""
    for name in names:
        owner: ast.Module | _Definition = _find(text, symbol) if symbol else ast.parse(text)
        found = [node for node in owner.body if name in _names(node)]
        if not found:
            raise ValueError(f"nothing is called {name} in {symbol or 'the file'}")
        lines = text.splitlines(keepends=True)
        for node in reversed(found):
            first = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
            last = node.end_lineno or 0
            while first > 0 and not lines[first - 1].strip():
                first -= 1
            del lines[first:last]
        text = "".join(lines)
    return text


def _names(node: ast.stmt) -> list[str]:
    if isinstance(node, _Definition):
        return [node.name]
    if isinstance(node, ast.AnnAssign):
        return [ast.unparse(node.target)]
    return [ast.unparse(target) for target in node.targets] if isinstance(node, ast.Assign) else []


def _find(text: str, symbol: str | None) -> _Definition:
    """Return the last definition of a dotted name: of overloads, that which has the body."""
    body: Sequence[ast.stmt] = ast.parse(text).body
    found: _Definition | None = None
    for name in (symbol or "").split("."):
        found = next(n for n in reversed(body) if isinstance(n, _Definition) and n.name == name)
        body = found.body
    assert found is not None
    return found


def _span(text: str, node: _Definition) -> tuple[int, int]:
    line = min([node.lineno, *(d.lineno for d in node.decorator_list)])
    start = _offset(text, line, 0)
    return start + len(text[start:]) - len(text[start:].lstrip(" ")), _end(text, node)


def _end(text: str, node: ast.expr | ast.stmt) -> int:
    return _offset(text, node.end_lineno or 0, node.end_col_offset or 0)


def _offset(text: str, line: int, column: int) -> int:
    """Return where a place of `ast`, whose columns count bytes, is in the text."""
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + len(lines[line - 1].encode()[:column].decode())


def _indented(text: str, margin: str) -> str:
    return "\n".join(
        margin + line if line.strip() else "" for line in _unquoted(text).strip("\n").split("\n")
    )


def _unquoted(text: str) -> str:
    return text.removeprefix("\n")


VERBS: Final[dict[str, Callable[..., str]]] = {
    "replace": _replace, "replace-all": _replace_all, "write": _write, "truncate": _truncate,
    "symbol": _symbol, "member": _member,
    "before": _before, "append": _append, "import": _import, "docstring": _docstring,
    "strip-docstring": _strip_docstring, "strip-hints": _strip_hints,
    "misname": _misname, "hint": _hint, "remove": _remove,
}  # fmt: skip
