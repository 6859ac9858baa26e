"""The languages that codegate can parse: one row each, and the grammars behind them."""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import tree_sitter


@dataclass(frozen=True, slots=True)
class Language:
    """One language: how its files are known, and what its grammar calls the things that codegate asks for.

    `wheel` is the module that brings the grammar, `grammar` the function in it. The other fields hold node
    types: `definitions` have a name and can be a target; `containers` lend their name to what is in them and
    are none; `wrappers` stand around a definition and belong to it; `attached` stand before one and belong to
    it; `imports`; `preamble` must stay before any import; `strings` hold text whose indentation is content.
    A language without `definitions` has no symbols.
    """

    name: str
    wheel: str
    extensions: tuple[str, ...]
    filenames: tuple[str, ...] = ()
    interpreters: tuple[str, ...] = ()
    grammar: str = "language"
    definitions: tuple[str, ...] = ()
    containers: tuple[str, ...] = ()
    wrappers: tuple[str, ...] = ()
    attached: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    preamble: tuple[str, ...] = ()
    strings: tuple[str, ...] = ()
    comments: tuple[str, ...] = ("comment",)


_JAVASCRIPT: Final = (
    "function_declaration", "generator_function_declaration", "class_declaration", "method_definition",
    "variable_declarator",
)  # fmt: skip
_TYPESCRIPT: Final = (
    *_JAVASCRIPT, "function_signature", "abstract_class_declaration", "interface_declaration",
    "type_alias_declaration", "enum_declaration", "internal_module", "method_signature",
    "abstract_method_signature",
)  # fmt: skip
_JS_WRAPPERS: Final = ("export_statement", "lexical_declaration", "variable_declaration")
_TS_WRAPPERS: Final = (*_JS_WRAPPERS, "ambient_declaration", "expression_statement")
_JS_PREAMBLE: Final = ("hash_bang_line", "comment")

LANGUAGES: Final = (
    Language(
        "python", "tree_sitter_python", (".py", ".pyi", ".pyw"),
        filenames=("SConstruct", "SConscript", "wscript"),
        interpreters=("python", "python2", "python3", "pypy", "pypy3"),
        definitions=("function_definition", "class_definition"),
        wrappers=("decorated_definition",),
        imports=("import_statement", "import_from_statement", "future_import_statement"),
        strings=("string",),
    ),
    Language(
        "javascript", "tree_sitter_javascript", (".js", ".mjs", ".cjs", ".jsx"),
        interpreters=("node",),
        definitions=_JAVASCRIPT, wrappers=_JS_WRAPPERS, attached=("decorator",),
        imports=("import_statement",), preamble=_JS_PREAMBLE, strings=("template_string",),
    ),
    Language(
        "typescript", "tree_sitter_typescript", (".ts", ".mts", ".cts"),
        grammar="language_typescript",
        definitions=_TYPESCRIPT, wrappers=_TS_WRAPPERS, attached=("decorator",),
        imports=("import_statement",), preamble=_JS_PREAMBLE, strings=("template_string",),
    ),
    Language(
        "tsx", "tree_sitter_typescript", (".tsx",),
        grammar="language_tsx",
        definitions=_TYPESCRIPT, wrappers=_TS_WRAPPERS, attached=("decorator",),
        imports=("import_statement",), preamble=_JS_PREAMBLE, strings=("template_string",),
    ),
    Language(
        "go", "tree_sitter_go", (".go",),
        definitions=("function_declaration", "method_declaration", "type_spec", "type_alias"),
        wrappers=("type_declaration",),
        imports=("import_declaration",), preamble=("package_clause", "comment"),
        strings=("raw_string_literal",),
    ),
    Language(
        "rust", "tree_sitter_rust", (".rs",),
        definitions=(
            "function_item", "struct_item", "enum_item", "union_item", "trait_item", "mod_item", "type_item",
            "const_item", "static_item", "macro_definition", "function_signature_item",
        ),
        containers=("impl_item",), attached=("attribute_item",),
        imports=("use_declaration", "extern_crate_declaration"),
        preamble=("inner_attribute_item", "line_comment", "block_comment"),
        strings=("string_literal", "raw_string_literal"), comments=("line_comment", "block_comment"),
    ),
    Language(
        "bash", "tree_sitter_bash", (".sh", ".bash"),
        filenames=(".bashrc", ".bash_profile", ".profile"),
        interpreters=("sh", "bash", "dash", "ksh"),
        definitions=("function_definition",), strings=("heredoc_body", "string", "raw_string"),
    ),
    Language(
        "json", "tree_sitter_json", (".json", ".webmanifest"),
        filenames=(".eslintrc", "composer.lock", "Pipfile.lock"),
    ),
    Language(
        "toml", "tree_sitter_toml", (".toml",),
        filenames=("Pipfile", "poetry.lock", "uv.lock", "Cargo.lock"),
    ),
    Language("yaml", "tree_sitter_yaml", (".yaml", ".yml"), filenames=(".clang-format", ".clang-tidy")),
)  # fmt: skip

_BY_EXTENSION: Final = {extension: row for row in LANGUAGES for extension in row.extensions}
_BY_FILENAME: Final = {name: row for row in LANGUAGES for name in row.filenames}
_BY_INTERPRETER: Final = {name: row for row in LANGUAGES for name in row.interpreters}
_SHEBANG: Final = re.compile(rb"#![ \t]*(?:\S*/)?(?:env[ \t]+(?:-\S+[ \t]+)*(?:\S*/)?)?([A-Za-z]+[0-9]?)")


def language_of(path: str, data: bytes = b"") -> Language | None:
    """Return the language of a file: by its whole name, else its extension, else the `#!` line of `data`.

    None is an unknown language, which is no error.
    """
    name = PurePosixPath(path).name
    known = _BY_FILENAME.get(name) or _BY_EXTENSION.get(PurePosixPath(name).suffix.lower())
    if known is not None or PurePosixPath(name).suffix:
        return known
    found = _SHEBANG.match(data)
    return _BY_INTERPRETER.get(found[1].decode("ascii")) if found else None


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
