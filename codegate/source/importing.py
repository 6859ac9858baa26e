"""A module's imports kept right: new ones where its own are, and none left that an edit made useless."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from codegate.source.grammars import Language
from codegate.source.languages import parse
from codegate.source.symbols import symbols

if TYPE_CHECKING:
    import tree_sitter

_MAX_LINE: Final = 88  # what Black and ruff's formatter leave on one line
_MAX_NEW: Final = 50  # each costs a parse
_WORD: Final = re.compile(r"[^\W\d]\w*")
# Comments that speak of the whole file: up to a blank line, else just `#!` and the encoding (PEP 263).
_HEADER: Final = re.compile(rb"(?:#.*\n)+(?=\r?\n|\Z)|(?:#!.*\n)?(?:#.*coding[:=].*\n)?")
_ONE_LINE: Final = re.compile(r"(?:from|import) [^()#\\\n;]+")
_DEFINITIONS: Final = ("function_definition", "class_definition", "decorated_definition")
_BLANK: Final = re.compile(rb"\A\r?\n")
_GAP: Final = re.compile(rb"\n\r?\n\Z")


@dataclass(frozen=True, slots=True)
class Import:
    """One name that an import binds: `import module [as bound]` or `from module import name [as bound]`.

    `module` starts with its dots for a relative import; `name` is None for the first kind.
    """

    module: str
    name: str | None
    bound: str

    @property
    def statement(self) -> str:
        return f"import {self.member}" if self.name is None else f"from {self.module} import {self.member}"

    @property
    def member(self) -> str:
        """What stands behind `import` for it."""
        name = self.name or self.module
        return (
            name if self.bound == (self.name or self.module.partition(".")[0]) else f"{name} as {self.bound}"
        )

    @property
    def order(self) -> tuple[int, bool, str]:
        """Where isort's and ruff's default order puts the statement."""
        return _section(self.module), self.name is not None, self.module.lower()


def python_imports(statement: str) -> list[Import]:
    """Return what one import statement of Python binds; a star import, or no import at all, binds nothing."""
    try:
        parsed = ast.parse(statement.strip()).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    found: list[Import] = []
    for node in parsed:
        if isinstance(node, ast.Import):
            found += [Import(a.name, None, a.asname or a.name.partition(".")[0]) for a in node.names]
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found += [Import(module, a.name, a.asname or a.name) for a in node.names if a.name != "*"]
    return found


def add_imports(
    language: Language, text: bytes, statements: Iterable[str], *, used_in: bytes, newline: bytes = b"\n"
) -> tuple[bytes, list[str]]:
    """Return the text with those imports added at its top level that it lacks, and why others were not.

    In Python only names that `used_in` mentions are added; a name that the module already binds to something
    else never is. Everything beside the new imports stays as it is.
    """
    if language.name == "python":
        return _add_to_python(language, text, statements, used_in, newline)
    nodes = _top_level(language, text)
    known = {_squeezed(_text_of(n)) for n in nodes}
    new = [s for s in dict.fromkeys(s.strip() for s in statements) if _squeezed(s) not in known]
    if not new:
        return text, []
    at = _line_end(text, nodes[-1].end_byte) if nodes else _after_preamble(language, text)
    gap = b"" if nodes else newline
    return text[:at] + b"".join(s.encode() + newline for s in new) + gap + text[at:], []


def drop_imports(language: Language, text: bytes, *, used_in: bytes) -> tuple[bytes, list[str]]:
    """Return the text without the imports that nothing in it uses any more, but `used_in` did; and notes.

    Python only, and only imports at the top level that stand in a line of their own.
    """
    if language.name != "python":
        return text, []
    notes: list[str] = []
    was_used = set(_WORD.findall(used_in.decode()))
    for node in reversed(_top_level(language, text)):
        found = python_imports(_text_of(node))
        rest = set(_WORD.findall((text[: node.start_byte] + text[node.end_byte :]).decode()))
        useless = [i for i in found if i.bound in was_used - rest and i.module != "__future__"]
        if not useless or not _is_one_line(text, node):
            continue
        notes += [f"`{i.statement}` is taken out: nothing uses it any more" for i in useless]
        kept = [i for i in found if i not in useless]
        if kept:
            text = text[: node.start_byte] + _together(kept).encode() + text[node.end_byte :]
        else:
            before, after = text[: _line_start(text, node.start_byte)], text[_line_end(text, node.end_byte) :]
            # A section that is empty now leaves one gap, not two.
            text = before + (_BLANK.sub(b"", after, count=1) if not before or _GAP.search(before) else after)
    return text, notes


def _add_to_python(
    language: Language, text: bytes, statements: Iterable[str], used_in: bytes, newline: bytes
) -> tuple[bytes, list[str]]:
    wanted = list(dict.fromkeys(i for s in statements for i in python_imports(s)))[:_MAX_NEW]
    there = {i for node in _module_imports(language, text) for i in python_imports(_text_of(node))}
    bound = {i.bound for i in there} | {s.name for s in symbols(language, text) if not s.parent}
    words = set(_WORD.findall(used_in.decode()))
    notes: list[str] = []
    for new in wanted:
        if new in there or (new.module != "__future__" and new.bound not in words):
            continue
        # `import a.b` beside `import a` binds the same `a`.
        shares = new.name is None and any(i.name is None and i.bound == new.bound for i in there)
        if new.bound in bound and not shares:
            notes.append(f"`{new.statement}` was not added: `{new.bound}` is already something in this file")
            continue
        text = _add_one(language, text, new, newline)
    return text, notes


def _add_one(language: Language, text: bytes, new: Import, newline: bytes) -> bytes:
    nodes = _top_level(language, text)
    line = new.statement.encode() + newline
    if not nodes:
        return _with_first(language, text, line, newline)
    if (joined := _joined(text, nodes, new)) is not None:
        return joined
    orders = [_order(node) for node in nodes]
    section = [(node, order) for node, order in zip(nodes, orders, strict=True) if order[0] == new.order[0]]
    if earlier := [node for node, order in section if order <= new.order]:
        at = _line_end(text, earlier[-1].end_byte)
        return text[:at] + line + text[at:]
    later = [node for node, order in zip(nodes, orders, strict=True) if order[0] > new.order[0]]
    if section or later:
        at = _line_start(text, section[0][0].start_byte if section else later[0].start_byte)
        return text[:at] + line + (b"" if section else newline) + text[at:]
    at = _line_end(text, nodes[-1].end_byte)
    return text[:at] + newline + line + text[at:]


def _with_first(language: Language, text: bytes, line: bytes, newline: bytes) -> bytes:
    at = _after_preamble(language, text)
    before, after = text[:at], text[at:]
    lead = newline if before else b""
    gap = b"" if not after or after.startswith((b"\n", b"\r\n")) else newline * 2
    return before + lead + line + gap + after


def _joined(text: bytes, nodes: list[tree_sitter.Node], new: Import) -> bytes | None:
    """Return the text with the name added to a one-line `from` import of the same module, if there is one."""
    for node in nodes:
        names = python_imports(_text_of(node))
        if new.name is None or not names or any(i.module != new.module or i.name is None for i in names):
            continue
        members = [*names, new]
        if names == sorted(names, key=_member_order):
            members.sort(key=_member_order)
        line = _together(members)
        if _ONE_LINE.fullmatch(_text_of(node)) and len(line) <= _MAX_LINE:
            return text[: node.start_byte] + line.encode() + text[node.end_byte :]
    return None


def _together(members: list[Import]) -> str:
    """Return one statement for imports that stood in one."""
    listed = ", ".join(i.member for i in members)
    return f"import {listed}" if members[0].name is None else f"from {members[0].module} import {listed}"


def _member_order(member: Import) -> tuple[int, str]:
    """Constants, then classes, then the rest: the default order of isort and ruff."""
    name = member.name or ""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name[:1].isupper() else 2
    return kind, name


def _section(module: str) -> int:
    if module.startswith("."):
        return 3
    if module == "__future__":
        return 0
    return 1 if module.partition(".")[0] in sys.stdlib_module_names else 2


def _order(node: tree_sitter.Node) -> tuple[int, bool, str]:
    found = python_imports(_text_of(node))
    return found[0].order if found else (2, True, "")


def _module_imports(language: Language, text: bytes) -> list[tree_sitter.Node]:
    """Return the imports that run when the module is imported, also those under a condition."""
    found: list[tree_sitter.Node] = []
    waiting = [parse(language, text).root_node]
    while waiting:
        node = waiting.pop()
        if node.type in language.imports:
            found.append(node)
        elif node.type in ("module", "block") or node.type.endswith(("_statement", "_clause")):
            waiting.extend([] if _only_for_types(node) else node.named_children)
    return found


def _only_for_types(node: tree_sitter.Node) -> bool:
    condition = node.child_by_field_name("condition") if node.type == "if_statement" else None
    return condition is not None and "TYPE_CHECKING" in _text_of(condition)


def _top_level(language: Language, text: bytes) -> list[tree_sitter.Node]:
    return [n for n in parse(language, text).root_node.named_children if n.type in language.imports]


def after_imports(language: Language, text: bytes) -> int:
    """Return the offset behind the last import before any definition, or where a first one would stand."""
    known = parse(language, text).root_node.named_children
    defined = takewhile(lambda n: n.type not in _DEFINITIONS, known)
    nodes = [n for n in defined if n.type in language.imports]
    return _line_end(text, nodes[-1].end_byte) if nodes else _after_preamble(language, text)


def _after_preamble(language: Language, text: bytes) -> int:
    """Return the offset where a first import may stand: behind what must, or is meant to, come before."""
    nodes = parse(language, text).root_node.named_children
    if language.name != "python":
        leading = list(takewhile(lambda n: n.type in language.preamble, nodes))
        return _line_end(text, leading[-1].end_byte) if leading else 0
    first = next((n for n in nodes if n.type != "comment"), None)
    if (
        first is not None
        and first.type == "expression_statement"
        and first.named_children[0].type == "string"
    ):
        return _line_end(text, first.end_byte)
    found = _HEADER.match(text)
    return found.end() if found else 0


def _is_one_line(text: bytes, node: tree_sitter.Node) -> bool:
    """Say whether an import is a line of its own, with no comment behind it."""
    line = text[_line_start(text, node.start_byte) : _line_end(text, node.end_byte)]
    return line.strip() == node.text and _ONE_LINE.fullmatch(_text_of(node)) is not None


def _line_start(text: bytes, offset: int) -> int:
    return text.rfind(b"\n", 0, offset) + 1


def _line_end(text: bytes, offset: int) -> int:
    end = text.find(b"\n", offset)
    return len(text) if end < 0 else end + 1


def _text_of(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace").replace("\r\n", "\n")


def _squeezed(text: str) -> str:
    return re.sub(r"[\s;]+", "", text)
