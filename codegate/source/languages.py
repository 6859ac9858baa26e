"""Which language a file is in, and its text as a tree."""

from __future__ import annotations

import importlib
import re
from fnmatch import fnmatchcase
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

from codegate.source.grammars import LANGUAGES, Language

if TYPE_CHECKING:
    import tree_sitter

_BY_EXTENSION: Final = {extension: row for row in LANGUAGES for extension in row.extensions}
_BY_FILENAME: Final = {name: row for row in LANGUAGES for name in row.filenames}
_PATTERNS: Final = [(pattern, row) for row in LANGUAGES for pattern in row.patterns]
_BY_INTERPRETER: Final = {name: row for row in LANGUAGES for name in row.interpreters}
_SHEBANG: Final = re.compile(rb"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*(?:\S*/)?)?([A-Za-z]+[0-9]?)")


def language_of(path: str, data: bytes = b"") -> Language | None:
    """Return the language of a file: by its whole name, else its extension, else the `#!` line of `data`.

    None is an unknown language, which is no error.
    """
    name = PurePosixPath(path).name
    extension = PurePosixPath(name).suffix
    known = _BY_FILENAME.get(name) or _by_pattern(name) or _BY_EXTENSION.get(extension.lower())
    if known is not None or extension:
        return known
    found = _SHEBANG.match(data)
    return _BY_INTERPRETER.get(found[1].decode("ascii")) if found else None


def _by_pattern(name: str) -> Language | None:
    return next((row for pattern, row in _PATTERNS if fnmatchcase(name, pattern)), None)


def parse(language: Language, data: bytes) -> tree_sitter.Tree:
    """Return the tree of any bytes; what is wrong in them stands as ERROR and MISSING nodes in it.

    Takes some 0.1 s for 1 MB of code and up to 3 s for 1 MB of the worst: bound the size first. The tree is
    the caller's own; grammars are kept, a parser is not (it costs nothing, and threads may not share one).
    """
    import tree_sitter

    tree = tree_sitter.Parser(grammar_of(language)).parse(data)
    assert tree is not None
    return tree


@cache
def grammar_of(language: Language) -> tree_sitter.Language:
    """Return the grammar that the language's wheel brings; nothing is fetched."""
    import tree_sitter

    return tree_sitter.Language(getattr(importlib.import_module(language.wheel), language.grammar)())
