"""New imports put where a module's own are, so that neither Python nor a sorter of imports complains."""

from __future__ import annotations

import ast
import re
import sys
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING, Final

from codegate.source.languages import Language, parse
from codegate.source.symbols import symbols

if TYPE_CHECKING:
    import tree_sitter

_MAX_LINE: Final = 88  # what Black and ruff's formatter leave on one line
# Comments that speak of the whole file: up to a blank line, else just `#!` and the encoding (PEP 263).
_HEADER: Final = re.compile(rb"(?:#.*\n)+(?=\n|\Z)|(?:#!.*\n)?(?:#.*coding[:=].*\n)?")


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
        if self.name is None:
            alias = "" if self.bound == self.module.partition(".")[0] else f" as {self.bound}"
            return f"import {self.module}{alias}"
        return f"from {self.module} import {self._named}"

    @property
    def _named(self) -> str:
        return self.bound if self.name == self.bound else f"{self.name} as {self.bound}"

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
    language: Language, text: bytes, statements: list[str], used_in: bytes
) -> tuple[bytes, list[str]]:
    """Return the text with those imports added at its top level that it lacks, and why others were not.

    In Python only names that `used_in` mentions are added; a name that the module already binds to something
    else never is. `text` has `\\n` for line endings, and everything beside the new lines stays as it is.
    """
    if language.name == "python":
        return _add_to_python(language, text, statements, used_in)
    known = {_squeezed(_text_of(n)) for n in _top_level(language, text)}
    new = [s for s in dict.fromkeys(s.strip() for s in statements) if _squeezed(s) not in known]
    if not new:
        return text, []
    last = _top_level(language, text)
    at = _line_end(text, last[-1].end_byte) if last else _after_preamble(language, text)
    gap = b"" if last else b"\n"
    return text[:at] + "".join(f"{s}\n" for s in new).encode() + gap + text[at:], []


def _add_to_python(
    language: Language, text: bytes, statements: list[str], used_in: bytes
) -> tuple[bytes, list[str]]:
    wanted = list(dict.fromkeys(i for s in statements for i in python_imports(s)))
    there = {i for node in _module_imports(language, text) for i in python_imports(_text_of(node))}
    bound = {i.bound for i in there} | {s.name for s in symbols(language, text) if not s.parent}
    words = set(re.findall(rb"[^\W\d]\w*", used_in))
    notes: list[str] = []
    for new in wanted:
        if new in there or (new.module != "__future__" and new.bound.encode() not in words):
            continue
        if new.bound in bound and not (
            new.name is None and any(i.name is None and i.bound == new.bound for i in there)
        ):
            notes.append(f"`{new.statement}` was not added: `{new.bound}` is another thing in this file")
            continue
        text = _add_one(language, text, new)
    return text, notes


def _add_one(language: Language, text: bytes, new: Import) -> bytes:
    nodes = _top_level(language, text)
    if not nodes:
        at = _after_preamble(language, text)
        before, after = text[:at], text[at:]
        lead = b"\n" if before and not before.endswith(b"\n\n") else b""
        gap = b"" if not after or after.startswith(b"\n") else b"\n\n"
        return before + lead + new.statement.encode() + b"\n" + gap + after
    if (joined := _joined(text, nodes, new)) is not None:
        return joined
    line = new.statement.encode() + b"\n"
    orders = [_order(node) for node in nodes]
    earlier = [i for i, order in enumerate(orders) if order <= new.order and order[0] == new.order[0]]
    if earlier:
        at = _line_end(text, nodes[earlier[-1]].end_byte)
        return text[:at] + line + text[at:]
    same = [i for i, order in enumerate(orders) if order[0] == new.order[0]]
    later = [i for i, order in enumerate(orders) if order[0] > new.order[0]]
    if same or later:
        at = _line_start(text, nodes[(same or later)[0]].start_byte)
        return text[:at] + line + (b"" if same else b"\n") + text[at:]
    at = _line_end(text, nodes[-1].end_byte)
    return text[:at] + b"\n" + line + text[at:]


def _joined(text: bytes, nodes: list[tree_sitter.Node], new: Import) -> bytes | None:
    """Return the text with the name added to a one-line `from` import of the same module, if there is one."""
    for node in nodes:
        old = _text_of(node)
        names = python_imports(old)
        if new.name is None or not names or any(i.module != new.module or i.name is None for i in names):
            continue
        members = [*names, new]
        if [i.bound for i in names] == [i.bound for i in sorted(names, key=_member_order)]:
            members.sort(key=_member_order)
        line = f"from {new.module} import {', '.join(i._named for i in members)}"
        if re.fullmatch(r"from [^()#\\\n;]+", old) and len(line) <= _MAX_LINE:
            return text[: node.start_byte] + line.encode() + text[node.end_byte :]
    return None


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
        elif node.type not in language.definitions and not _only_for_types(node):
            waiting.extend(
                c
                for c in node.named_children
                if c.type.endswith(("statement", "clause", "block")) or c.type in language.imports
            )
    return found


def _only_for_types(node: tree_sitter.Node) -> bool:
    condition = node.child_by_field_name("condition") if node.type == "if_statement" else None
    return condition is not None and "TYPE_CHECKING" in _text_of(condition)


def _top_level(language: Language, text: bytes) -> list[tree_sitter.Node]:
    return [n for n in parse(language, text).root_node.named_children if n.type in language.imports]


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


def _line_start(text: bytes, offset: int) -> int:
    return text.rfind(b"\n", 0, offset) + 1


def _line_end(text: bytes, offset: int) -> int:
    end = text.find(b"\n", offset)
    return len(text) if end < 0 else end + 1


def _text_of(node: tree_sitter.Node) -> str:
    return (node.text or b"").decode("utf-8", "replace")


def _squeezed(text: str) -> str:
    return re.sub(r"[\s;]+", "", text)
