"""What tree-sitter cannot parse in a text that it could parse in the base."""

from __future__ import annotations

import contextlib
import re
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from codegate.errors import UsageError
from codegate.gates.syntax.readers import Complaint, is_sound_shell
from codegate.source import Language, parse, read_document
from codegate.source.grammars import LANGUAGES

if TYPE_CHECKING:
    import tree_sitter

_MAX_FINDINGS: Final = 20
# What CSS allows in an address without quotes, such as `..`, its grammar does not.
_ADDRESS: Final = re.compile(rb"(?<=url\()[ \t]*[^\s\"'()]+[ \t]*(?=\))", re.IGNORECASE)


def has_errors(language: Language, data: bytes) -> bool:
    """Say whether a text is in none of the languages that its file may be in."""
    return _tree(language, data).root_node.has_error and not _is_sound_otherwise(language, data)


def new_errors(language: Language, before: bytes | None, after: bytes) -> list[Complaint]:
    """Return the first errors in `after` whose text, kind and surrounding node `before` does not have.

    Positions say nothing, as one error may span the file. Without `before` all are new.
    """
    root = _tree(language, after).root_node
    if not root.has_error or _is_sound_otherwise(language, after):
        return []
    known = (
        Counter(error.key for error in _errors(_tree(language, before).root_node)) if before else Counter()
    )
    new: list[Complaint] = []
    for error in _errors(root):
        if known[error.key] > 0:
            known[error.key] -= 1
        elif len(new) < _MAX_FINDINGS:
            new.append(_complaint(error.node))
    return new


def _is_sound_otherwise(language: Language, data: bytes) -> bool:
    """Say whether a text that the grammar cannot parse is right in another dialect, or to bash itself."""
    if language.dialect:
        return not has_errors(_named(language.dialect), data)
    return language.name == "bash" and is_sound_shell(data)


def _named(name: str) -> Language:
    return next(language for language in LANGUAGES if language.name == name)


def _tree(language: Language, data: bytes) -> tree_sitter.Tree:
    """Return the tree of what the parser should see: a declared encoding decoded, anything else as it is."""
    with contextlib.suppress(UsageError):
        data = read_document(f"x{language.extensions[0]}", data).text
    if language.name == "css":
        data = _ADDRESS.sub(lambda found: b"x" * len(found[0]), data)
    return parse(language, data)


@dataclass(frozen=True, slots=True)
class _Error:
    """An ERROR or MISSING node, and the type of what is around it: the node itself takes long to tell."""

    node: tree_sitter.Node
    around: str

    @property
    def key(self) -> tuple[str, bool, str, bytes]:
        return self.node.type, self.node.is_missing, self.around, (self.node.text or b"")[:1000].strip()


def _errors(root: tree_sitter.Node) -> list[_Error]:
    """Return the innermost ERROR and MISSING nodes, in order."""
    found: list[_Error] = []
    waiting = [_Error(root, "")]
    while waiting:
        error = waiting.pop()
        node = error.node
        inner = [_Error(n, node.type) for n in node.children if n.has_error or n.is_missing]
        if (node.is_error or node.is_missing) and not inner:
            found.append(error)
        waiting.extend(inner)
    return sorted(found, key=lambda e: e.node.start_byte)


def _complaint(node: tree_sitter.Node) -> Complaint:
    name = node.type.replace("\n", "newline")
    what = f"`{name}` is missing" if node.is_missing else "cannot be parsed"
    shown = (node.text or b"")[:40].decode("utf-8", "replace").splitlines()
    if not node.is_missing and shown and shown[0].strip():
        what = f"cannot be parsed: {shown[0].strip()}"
    where = node.start_point
    return Complaint(what, where.row + 1, where.column + 1)
