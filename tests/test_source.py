"""Languages, symbols, documents, layout and imports."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.errors import UsageError
from codegate.source import MAX_BYTES, find_symbol, language_of, parse, read_document, symbols
from codegate.source.importing import add_imports, drop_imports
from codegate.source.languages import LANGUAGES
from codegate.source.layout import indent_unit, laid_out, standalone

PYTHON = language_of("a.py")
assert PYTHON is not None

MODULE = b'''\
"""Doc."""
import os

try:
    import fast
except ImportError:
    def fallback(): ...


@decorated
class Account(Base):
    """An account."""

    rate: float = 1.0

    @property
    def balance(self): return 1

    @balance.setter
    def balance(self, value): pass

    async def close(self):
        def inner(): pass

    class Meta:
        def __repr__(self): return ""


if os:
    def late(): pass
'''


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.name)
def test_every_language_has_a_grammar_that_knows_its_own_node_types(language) -> None:
    """Each row names node types that its grammar has, so that no row asks for nothing."""
    from codegate.source.languages import grammar_of

    grammar = grammar_of(language)
    named = {grammar.node_kind_for_id(i) for i in range(grammar.node_kind_count)}
    for field in (
        "definitions",
        "containers",
        "wrappers",
        "attached",
        "imports",
        "preamble",
        "strings",
        "comments",
    ):
        assert set(getattr(language, field)) - named <= {"comment"} - named, field
    assert not parse(language, b"").root_node.has_error


@pytest.mark.parametrize(
    ("path", "head", "name"),
    [
        ("a/b.py", b"", "python"), ("B.PY", b"", "python"), ("a.pyi", b"", "python"), ("x.tsx", b"", "tsx"),
        ("a.ts", b"", "typescript"), ("poetry.lock", b"", "toml"), ("py", b"", None),
        ("run", b"#!/usr/bin/env python3\n", "python"),
        ("run", b"#! /usr/bin/env -S python3 -u\n", "python"), ("run", b"#!/bin/sh\n", "bash"),
        ("run", b"#!/usr/bin/perl\n", None), ("run", b"", None), ("a.zig", b"", None),
        ("a.h", b"", "c"), ("a.hpp", b"", "cpp"), ("Gemfile", b"", "ruby"),
        ("Dockerfile.dev", b"", "dockerfile"),
        ("web/tsconfig.build.json", b"", "jsonc"), ("package.json", b"", "json"),
        ("a.txt", b"#!/bin/sh\n", None),
    ],
)  # fmt: skip
def test_a_language_is_known_by_name_extension_or_first_line(
    path: str, head: bytes, name: str | None
) -> None:
    """The file's name decides, and the `#!` line only where the name has no extension."""
    found = language_of(path, head)
    assert (found.name if found else None) == name


def test_python_symbols_are_dotted_with_their_decorators_also_under_conditions() -> None:
    """Every class and function is found, nested and conditional ones too, in order."""
    found = symbols(PYTHON, MODULE)
    assert [s.name for s in found] == [
        "fallback", "Account", "Account.balance", "Account.balance", "Account.close", "Account.close.inner",
        "Account.Meta", "Account.Meta.__repr__", "late",
    ]  # fmt: skip
    account = found[1]
    assert MODULE[account.start :].startswith(b"@decorated\nclass")
    assert MODULE[account.head : account.body].strip() == b"class Account(Base):"
    assert account.line == MODULE.count(b"\n", 0, account.start) + 1
    assert MODULE[: account.end].endswith(b'return ""')


@pytest.mark.parametrize(
    ("path", "text", "names"),
    [
        ("a.js", b"export class A { m() {} }\nexport const f = () => 1;\nconst n = 2;", ["A", "A.m", "f"]),
        ("a.ts", b"interface I { m(): void }\nnamespace N { export enum E { A } }", ["I", "I.m", "N", "N.E"]),
        ("a.go", b"package a\ntype T struct{}\nfunc (t *T) F() {}\nfunc g() {}", ["T", "T.F", "g"]),
        ("a.rs", b"struct S;\nimpl fmt::Display for S<T> { fn fmt(&self) {} }", ["S", "S.fmt"]),
        ("a.sh", b"f() { :; }\nfunction g { :; }", ["f", "g"]),
        ("a.json", b'{"a": 1}', []),
    ],
)
def test_symbols_of_other_languages(path: str, text: bytes, names: list[str]) -> None:
    """The same dotted names serve every language that has definitions."""
    language = language_of(path)
    assert language is not None
    assert [s.name for s in symbols(language, text)] == names


def test_a_symbol_takes_in_what_belongs_to_it() -> None:
    """Exports, decorators and attributes are part of a symbol's text."""
    for path, text, name in [
        ("a.ts", b"@D() export class A {\n @P() m() {}\n}", "A"),
        ("a.ts", b"class A {\n @P() m() {}\n}", "A.m"),
        ("a.rs", b"#[derive(Debug)]\n#[x]\nstruct S;", "S"),
        ("a.js", b"export default function f() {}", "f"),
        ("a.js", b"export const f = () => 1;", "f"),
    ]:
        symbol = find_symbol(text, language_of(path), name)
        whole = b"@P() m() {}" if name == "A.m" else text
        assert text[symbol.start : symbol.end] == whole


def test_a_missing_symbol_is_refused_with_the_nearest_names() -> None:
    """A typo, or a method's name without its class, is answered with what was probably meant."""
    for wanted, offered in [
        ("Acount", "Account"),
        ("close", "Account.close"),
        ("Account.clse", "Account.close"),
    ]:
        with pytest.raises(UsageError, match="there is no") as error:
            find_symbol(MODULE, PYTHON, wanted, "a.py")
        assert offered in error.value.hint.removeprefix("the nearest are ").split(", ")


def test_a_symbol_that_exists_twice_is_refused_with_its_lines() -> None:
    """A property with its setter is not guessed at: the lines are named, and the class is offered."""
    with pytest.raises(UsageError, match="2 times, in lines 16, 19") as error:
        find_symbol(MODULE, PYTHON, "Account.balance", "a.py")
    assert error.value.hint.endswith("a.py::Account")


def test_a_symbol_in_a_file_without_symbols_is_refused() -> None:
    """JSON and unknown languages have files only."""
    for path in ("a.json", "a.xyz"):
        with pytest.raises(UsageError, match="cannot look for") as error:
            find_symbol(b"{}", language_of(path), "a", path)
        assert path in error.value.hint


@given(st.text(max_size=300))
@settings(deadline=None, max_examples=60)
def test_symbols_of_any_text_lie_within_it(text: str) -> None:
    """No text makes the search fail, and each span is one of the text."""
    data = text.encode("utf-8", "replace")
    for symbol in symbols(PYTHON, data):
        assert 0 <= symbol.start <= symbol.head <= symbol.body <= symbol.end <= len(data)


@pytest.mark.parametrize(
    ("data", "encoding", "bom"),
    [
        (b"x\n", "utf-8", b""),
        (b"\xef\xbb\xbfx = '\xc3\xa9'\r\n", "utf-8", b"\xef\xbb\xbf"),
        ("# -*- coding: latin-1 -*-\nx = 'é'\n".encode("latin-1"), "iso8859-1", b""),
        ("#!/usr/bin/python\n# vim: set fileencoding=cp1252 :\nx = '€'\n".encode("cp1252"), "cp1252", b""),
    ],
)
def test_a_document_is_written_back_as_it_was(data: bytes, encoding: str, bom: bytes) -> None:
    """Encoding and byte order mark survive, and the text is UTF-8 in between."""
    document = read_document("a.py", data)
    assert (document.encoding, document.bom) == (encoding, bom)
    assert document.encode(document.text) == data
    document.text.decode("utf-8")


@pytest.mark.parametrize(
    ("path", "data", "why"),
    [
        ("a.bin", b"\x00\x01", "binary"),
        ("a.js", b"x = '\xe9'", "no utf-8 text"),
        ("a.py", b"x = '\xe9'", "no utf-8 text"),
        ("a.py", b"# coding: nonsense\n", "nonsense"),
        ("a.py", b"# coding: rot13\nk = 1\n", "no rot-13 text"),
        ("a.py", b"# coding: utf-7\nx = '+2D3eAA-'\n", "text"),
        ("a.py", b"x = 1\ry = 2\r", "CR alone"),
        ("a.py", b"x" * (MAX_BYTES + 1), "too many"),
    ],
)
def test_what_is_no_text_is_refused(path: str, data: bytes, why: str) -> None:
    """Binary, undecodable and huge files are refused with the reason and the path."""
    with pytest.raises(UsageError, match=why) as error:
        read_document(path, data)
    assert path in error.value.message
    assert error.value.hint


def test_twenty_megabytes_in_one_line_are_refused_at_once() -> None:
    """Size is looked at before content."""
    started = time.monotonic()
    with pytest.raises(UsageError, match="20,000,000 bytes"):
        read_document("a.js", b"x" * 20_000_000)
    assert time.monotonic() - started < 0.5


@pytest.mark.parametrize(
    ("text", "unit"),
    [(b"def f():\n\treturn 1\n", b"\t"), (b"a:\n  b:\n    c\n", b"  "), (b"x\n", b"    "), (b"", b"    "),
     (b"def f(a,\n      b):\n    if a:\n        pass\n", b"    ")],
)  # fmt: skip
def test_the_unit_of_indentation_is_the_commonest_step(text: bytes, unit: bytes) -> None:
    """Continuation lines do not decide, and a file without any has four spaces."""
    assert indent_unit(text) == unit


METHOD = b'''\
    def f(self):
        """Say.

        More.
        """
        text = """
  kept
        as it is"""
        return (text,
                1)'''


def test_a_moved_definition_keeps_its_strings_and_moves_its_docstring() -> None:
    """Values of more than one line keep every byte; a docstring is laid out with the code."""
    moved = standalone(PYTHON, METHOD, 4, len(METHOD))
    assert b'\n    """Say.\n\n    More.\n    """\n' in moved
    assert b'"""\n  kept\n        as it is"""' in moved
    assert b"    " + laid_out(PYTHON, moved, b"    ", b"    ") == METHOD
    tabbed = laid_out(PYTHON, moved, b"\t", b"\t")
    assert b'\n\t\ttext = """\n  kept\n        as it is"""\n\t\treturn (text,\n' in tabbed


def test_a_definition_that_lost_its_first_indentation_alone_is_mended() -> None:
    """An answer whose leading white space was stripped reads like one that was not."""
    whole = b"    def f(self):\n        if self:\n            return 1"
    expected = b"def f(self):\n    if self:\n        return 1"
    for text in (whole, expected):
        start = text.index(b"def")
        assert standalone(PYTHON, text, start, len(text), b"    ") == expected
    assert standalone(PYTHON, whole[4:], 0, len(whole) - 4, b"    ") == expected


@pytest.mark.parametrize(
    ("text", "new", "result"),
    [
        (b"import os\nimport zlib\n\nx\n", "import re", b"import os\nimport re\nimport zlib\n\nx\n"),
        (b"import re\n", "from abc import ABC", b"import re\nfrom abc import ABC\n"),
        (b"from a import B\n", "import re", b"import re\n\nfrom a import B\n"),
        (b"import re\n", "import numpy", b"import re\n\nimport numpy\n"),
        (b"import re\n\nfrom . import x\n", "import numpy",
         b"import re\n\nimport numpy\n\nfrom . import x\n"),
        (b"from typing import Any, Union\n", "from typing import List",
         b"from typing import Any, List, Union\n"),
        (b"from a import x  # why\n", "from a import b", b"from a import b, x  # why\n"),
        (b"from a import (\n    x,\n)\n", "from a import y",
         b"from a import (\n    x,\n)\nfrom a import y\n"),
        (b'"""Doc."""\n\nx\n', "import re", b'"""Doc."""\n\nimport re\n\nx\n'),
        (b'"""Doc."""\nx\n', "import re", b'"""Doc."""\n\nimport re\n\n\nx\n'),
        (b"x\n", "import re", b"import re\n\n\nx\n"),
        (b"#!/bin/x\n# coding: utf-8\nx\n", "import re", b"#!/bin/x\n# coding: utf-8\n\nimport re\n\n\nx\n"),
        (b"# Licence.\n# More.\n\nx\n", "import re", b"# Licence.\n# More.\n\nimport re\n\nx\n"),
        (b"# about x\nx\n", "import re", b"import re\n\n\n# about x\nx\n"),
        (b"import re\nx\n", "import re", b"import re\nx\n"),
        (b"try:\n    import re\nexcept E:\n    re = 1\n", "import re",
         b"try:\n    import re\nexcept E:\n    re = 1\n"),
        (b"import os\r\nx\r\n", "import re", b"import os\r\nimport re\r\nx\r\n"),
        (b"import os.path\n", "import os", b"import os\nimport os.path\n"),
        (b'"""D."""\nimport re\n', "from __future__ import annotations",
         b'"""D."""\nfrom __future__ import annotations\n\nimport re\n'),
    ],
)  # fmt: skip
def test_an_import_goes_where_a_sorter_would_put_it(text: bytes, new: str, result: bytes) -> None:
    """New imports join the module's own in the default order of isort, and known ones are not repeated."""
    newline = b"\r\n" if b"\r" in text else b"\n"
    used = b"re ABC numpy List b y os"
    assert add_imports(PYTHON, text, [new], used_in=used, newline=newline) == (result, [])


def test_an_import_that_is_not_used_or_clashes_is_not_added() -> None:
    """A name that means something else in the file stays what it is, and that is said."""
    text = b"from datetime import datetime\n\ndef helper(): ...\n"
    assert add_imports(PYTHON, text, ["import re"], used_in=b"nothing") == (text, [])
    for statement in ("import datetime", "from tools import helper"):
        result, notes = add_imports(PYTHON, text, [statement], used_in=b"datetime helper")
        assert result == text
        assert len(notes) == 1
        assert statement in notes[0]


def test_an_import_that_nothing_uses_any_more_is_taken_out() -> None:
    """Only what the old text used goes, and only where nothing else uses it."""
    text = b"import sys\nimport unused\nfrom a import b, c\n\nprint(c)\n"
    result, notes = drop_imports(PYTHON, text, used_in=b"sys.exit(b(c))")
    assert result == b"import unused\nfrom a import c\n\nprint(c)\n"
    assert len(notes) == 2
    assert drop_imports(PYTHON, result, used_in=b"sys.exit(b(c))") == (result, [])
    for kept in (b"import sys  # why\nx\n", b"import sys; import os\n", b"from a import (\n    sys,\n)\n"):
        assert drop_imports(PYTHON, kept, used_in=b"sys") == (kept, [])
    alone = b'"""Doc."""\n\nimport sys\n\nfrom a import b\n'
    assert drop_imports(PYTHON, alone, used_in=b"sys")[0] == b'"""Doc."""\n\nfrom a import b\n'


def test_imports_of_other_languages_follow_the_last_one() -> None:
    """Where there is none they follow what must come first."""
    go, js = language_of("a.go"), language_of("a.js")
    assert go is not None
    assert js is not None
    assert add_imports(go, b"package a\n\nfunc f() {}\n", ['import "fmt"'], used_in=b"")[0] == (
        b'package a\nimport "fmt"\n\n\nfunc f() {}\n'
    )
    text = b'import a from "a";\nf()\n'
    assert add_imports(js, text, ['import a from "a"', 'import b from "b";'], used_in=b"")[0] == (
        b'import a from "a";\nimport b from "b";\nf()\n'
    )
