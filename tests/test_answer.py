"""From a model's answer to a patch."""

from __future__ import annotations

import ast
import json
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.answer import parse
from codegate.context import gather
from codegate.core import ModelIdentity, Patch, Proposal, Request, Target
from codegate.errors import PatchRefused

BANK = '''\
"""Accounts."""

import sys
from typing import Any


class Account:
    """An account."""

    def __init__(self, owner: str, balance: int) -> None:
        self.owner = owner
        self.balance = balance

    @property
    def rich(self) -> bool:
        return self.balance > 10

    def close(self):
        print("closing", file=sys.stderr)
        return self.balance


class Empty:
    pass


def total(accounts: Any) -> int:
    # every account counts
    return sum(a.balance for a in accounts)
'''


def _answered(
    answer: str,
    target: str = "bank.py::total",
    files: dict[str, bytes] | None = None,
    instruction: str = "change it",
    truncated: bool = False,
) -> Patch:
    """Return the patch of an answer about `target`, or several targets with spaces between."""
    known = {"bank.py": BANK.encode()} if files is None else files
    targets = []
    for text in target.split():
        path, _, symbol = text.partition("::")
        targets.append(Target(path, symbol or None))
    request = Request(instruction, tuple(targets))
    context = gather(request, known.get, len, 100_000)
    proposal = Proposal(answer, ModelIdentity("test", "scripted"), "", truncated=truncated)
    return parse(proposal, request, context, known.get)


def _text(answer: str, target: str = "bank.py::total", **more: object) -> str:
    files = _answered(answer, target, **more).files  # type: ignore[arg-type]
    assert files is not None
    (content,) = files.values()
    return content.decode()


def _rule(answer: str, target: str = "bank.py::total", **more: object) -> str:
    with pytest.raises(PatchRefused) as refusal:
        _answered(answer, target, **more)  # type: ignore[arg-type]
    assert refusal.value.message
    return refusal.value.rule


NEW = "def total(accounts: Any) -> int:\n    return 0"
EXPECTED = BANK[: BANK.index("def total")] + NEW + "\n"


@pytest.mark.parametrize(
    "answer",
    [
        NEW,
        f"```python\n{NEW}\n```",
        f"```\n{NEW}\n```\n",
        f"~~~py\n{NEW}\n~~~",
        f"````python\n{NEW}\n````",
        f"Sure! Here it is:\n\n```python\n{NEW}\n```\n\nThis returns 0, doesn't it?",
        f"Sure! Here it is:\n\n{NEW}\n\nThis returns 0, doesn't it?",
        f"```python\n{NEW}",
        f"```python\n{NEW}\n```\nAnd use it so:\n```python\nprint(total([]))\n```",
        f"Use it so:\n```python\nprint(total([]))\n```\nwith\n```python\n{NEW}\n```",
        f"1. Change it:\n   ```python\n   {NEW.replace(chr(10), chr(10) + '   ')}\n   ```",
        f"```python\r\n{NEW.replace(chr(10), chr(13) + chr(10))}\r\n```\r\n",
        f"```python\n{NEW}\n\n\nprint(total([]))\n\ndef other():\n    pass\n```",
        f"```python\nimport os\n\n{NEW}\n```",
        f"```python\n    {NEW.replace(chr(10), chr(10) + '    ')}\n```",
        f"\ufeff```python\n{NEW}\n```",
    ],
)
def test_the_code_is_found_whatever_is_around_it(answer: str) -> None:
    """Fences of every kind, none, an open one, prose, other blocks and unused imports are peeled off."""
    assert _text(answer) == EXPECTED


def test_a_fence_inside_a_docstring_ends_nothing() -> None:
    """The farthest closing fence that leaves code that parses is the one."""
    new = 'def total(accounts: Any) -> int:\n    """Add.\n\n```\ntotal([])\n```\n    """\n    return 0'
    assert _text(f"```python\n{new}\n```\nDone.") == BANK[: BANK.index("def total")] + new + "\n"


METHOD = "def close(self):\n    return 0"


@pytest.mark.parametrize(
    "answer",
    [
        METHOD,
        "    def close(self):\n        return 0",
        "def close(self):\n        return 0",
        "class Account:\n    def close(self):\n        return 0",
        "class Account:\n  def close(self):\n    return 0\n\n  def more(self): ...",
        "def close(self):\n\treturn 0",
    ],
)
def test_a_method_may_come_at_any_depth_or_in_its_class(answer: str) -> None:
    """It ends up where the old one was, indented as the file is."""
    expected = BANK.replace(
        '        print("closing", file=sys.stderr)\n        return self.balance\n', "        return 0\n"
    )
    assert _text(answer, "bank.py::Account.close") == expected.replace("import sys\n", "")


def test_a_value_of_many_lines_keeps_its_bytes_when_the_code_around_it_moves() -> None:
    """A string's content is data; a docstring is laid out with the code."""
    answer = 'def close(self):\n    """Close.\n\n    Now.\n    """\n    return """\n a\n   b\n"""'
    tree = ast.parse(_text(answer, "bank.py::Account.close"))
    method = next(n for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name == "close")
    assert ast.get_docstring(method, clean=False) == "Close.\n\n        Now.\n        "
    assert ast.unparse(method.body[1]) == repr("\n a\n   b\n").join(("return ", ""))


def test_decorators_that_the_answer_forgot_are_kept_and_said() -> None:
    """A decorator goes only if the instruction speaks of it."""
    patch = _answered("def rich(self) -> bool:\n    return True", "bank.py::Account.rich")
    assert (
        b"    @property\n    def rich(self) -> bool:\n        return True\n" in (patch.files or {})["bank.py"]
    )
    assert any("decorators" in note for note in patch.notes)
    asked = _text(
        "def rich(self) -> bool:\n    return True", "bank.py::Account.rich", instruction="no property"
    )
    assert "@property" not in asked
    shown = _text("@cached_property\ndef rich(self):\n    return True", "bank.py::Account.rich")
    assert "    @cached_property\n    def rich" in shown
    assert "@property" not in shown


def test_a_property_may_come_with_its_setter() -> None:
    """Several definitions of the name that stand together are one answer."""
    answer = (
        "@property\ndef rich(self):\n    return self._rich\n\n"
        "@rich.setter\ndef rich(self, value):\n    self._rich = value"
    )
    text = _text(answer, "bank.py::Account.rich")
    assert "    @rich.setter\n    def rich(self, value):\n        self._rich = value\n\n    def close" in text


def test_new_imports_are_hoisted_and_useless_ones_go() -> None:
    """Imports follow what the new text uses and the old one used alone."""
    patch = _answered(
        "```python\nimport logging\nimport json\n```\nand\n"
        "```python\ndef close(self):\n    logging.info(1)\n```",
        "bank.py::Account.close",
    )
    text = (patch.files or {})["bank.py"].decode()
    assert text.startswith('"""Accounts."""\n\nimport logging\nfrom typing import Any\n\n\nclass')
    assert any("import sys" in note for note in patch.notes)


def test_what_stands_beside_the_symbol_is_left_out_and_said() -> None:
    """A scope of one symbol is kept, and nobody wonders where the rest went."""
    patch = _answered(f"LIMIT = 3\n{NEW}\ndef other(): pass\nprint(total([]))\n")
    assert (patch.files or {})["bank.py"].decode() == EXPECTED
    assert patch.notes == ("left out of the answer: `other`, 2 statements",)


def test_methods_alone_are_put_into_their_class() -> None:
    """A small model often writes just what is new; what has a name that is there replaces it.

    A special method joins the others.
    """
    answer = "def __repr__(self):\n    return 'x'\n\ndef close(self):\n    return 1"
    patch = _answered(answer, "bank.py::Account")
    text = (patch.files or {})["bank.py"].decode()
    assert "    def close(self):\n        return 1\n\n\nclass E" in text
    assert text.index("def __init__") < text.index("\n\n    def __repr__(self):\n        return 'x'\n\n")
    assert text.index("def __repr__") < text.index("def close")
    assert text.count("def close") == 1
    assert "put into the class" in patch.notes[0]


def test_a_class_with_new_methods_alone_is_an_addition() -> None:
    """The head of the class with nothing but new methods does not drop the old ones."""
    text = _text(
        'class Account:\n    """An account."""\n\n    def __len__(self):\n        return 1\n',
        "bank.py::Account",
    )
    assert "\n\n    def __len__(self):\n        return 1\n\n    @property" in text
    assert "        return self.balance\n\n\nclass Empty" in text
    assert _text("def f(self):\n    return 1", "bank.py::Empty").count("pass") == 0


def test_a_class_that_lost_a_method_is_said() -> None:
    """What an answer takes out without being asked is a note; with being asked it is none."""
    answer = "class Account:\n    def __init__(self, owner, balance):\n        self.rich = True\n"
    assert "the answer takes out `Account.close`" in str(_answered(answer, "bank.py::Account").notes) or (
        "`Account.close`" in str(_answered(answer, "bank.py::Account").notes)
    )
    asked = _answered(answer, "bank.py::Account", instruction="remove close and rich")
    assert "takes out" not in str(asked.notes)


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("", "answer/empty"),
        (" \n\t\n", "answer/empty"),
        ("I'm sorry, but I can't help with that.", "answer/declined"),
        ("I cannot do this.", "answer/declined"),
        ("The function adds up.", "answer/malformed"),
        ("```python\n```", "answer/malformed"),
        ("def total(accounts:\n    return", "answer/malformed"),
        ("```python\ndef totals(accounts):\n    return 1\n```", "answer/wrong-symbol"),
        ("class Other:\n    def total(self):\n        return 1", "answer/wrong-symbol"),
        (f"{NEW}\nx = 1\n{NEW}", "answer/ambiguous"),
        ("def total(accounts):\n    # ... rest of the code\n    return 1", "answer/elided"),
        ("def total(accounts):\n    # rest of the function remains the same", "answer/malformed"),
        ("def total(accounts):\n    # the rest of the body remains the same\n    return x", "answer/elided"),
        ("def total(accounts):\n    # existing code\n    return 1", "answer/elided"),
        ("def total(accounts):\n    x = 1\n    ...\n    return x", "answer/elided"),
        ("def total(accounts):\n    ...", "answer/elided"),
        (BANK[BANK.index("def total") :], "answer/unchanged"),
        ("diff --git a/b.py b/b.py\n--- a/b.py\n+++ b/b.py\n@@ -1 +1 @@\n-x\n+y\n", "answer/malformed"),
        ("x" * 200_001, "answer/too-large"),
    ],
)  # fmt: skip
def test_an_answer_that_cannot_be_used_is_refused_by_a_rule_of_its_own(answer: str, rule: str) -> None:
    """Each way to answer badly has a name that a report can show."""
    assert _rule(answer) == rule


@pytest.mark.parametrize(
    "comment",
    ["every account counts", "the rest of the accounts are added up", "TODO: other currencies", "see above",
     "existing accounts come first", "wait... what"],
)  # fmt: skip
def test_an_ordinary_comment_is_no_elision(comment: str) -> None:
    """Only what stands for code left out is refused."""
    assert f"# {comment}" in _text(f"def total(accounts: Any) -> int:\n    # {comment}\n    return 2")


def test_a_comment_that_was_there_before_is_no_elision() -> None:
    """What the old text says the new one may say."""
    files = {"a.py": b"def f():\n    # ... existing code\n    return 1\n"}
    assert "return 2" in _text("def f():\n    # ... existing code\n    return 2", "a.py::f", files=files)


def test_a_cut_answer_is_refused_unless_its_code_is_whole() -> None:
    """What ran into the token limit counts only if a fence closed behind the code."""
    assert _rule(f"```python\n{NEW}", truncated=True) == "answer/truncated"
    assert _rule(NEW, truncated=True) == "answer/truncated"
    assert _text(f"```python\n{NEW}\n```\nThis is an expl", truncated=True) == EXPECTED


@pytest.mark.parametrize("ending", ["\n", "\r\n"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("final", [True, False])
def test_line_endings_mark_and_last_newline_survive(ending: str, bom: bytes, final: bool) -> None:
    """Nothing but the symbol's lines differs, in the file's own line endings."""
    text = BANK if final else BANK.rstrip("\n")
    old = bom + text.replace("\n", ending).encode()
    new = _answered(NEW, files={"bank.py": old}).files
    assert new == {
        "bank.py": bom + (EXPECTED if final else EXPECTED.rstrip("\n")).replace("\n", ending).encode()
    }


def test_the_encoding_of_the_file_is_kept_or_the_answer_refused() -> None:
    """A Latin-1 file stays one; what it cannot hold is refused."""
    old = "# coding: latin-1\nname = 'é'\ndef f():\n    return 1\n".encode("latin-1")
    new = _answered("def f():\n    return 'ü'", "a.py::f", {"a.py": old}).files
    assert new == {"a.py": old.replace(b"return 1", "return 'ü'".encode("latin-1"))}
    assert _rule("def f():\n    return '€'", "a.py::f", files={"a.py": old}) == "answer/encoding"


def test_a_file_indented_with_tabs_stays_so() -> None:
    """Spaces of an answer become the file's own levels, tabs or another width."""
    tabbed = b"class A:\n\tdef f(self):\n\t\treturn 1\n\n\tdef g(self):\n\t\treturn 1\n"
    answer = "def f(self):\n    if self:\n        return 2"
    assert _text(answer, "a.py::A.f", files={"a.py": tabbed}) == (
        "class A:\n\tdef f(self):\n\t\tif self:\n\t\t\treturn 2\n\n\tdef g(self):\n\t\treturn 1\n"
    )
    two = tabbed.replace(b"\t", b"  ")
    assert "    if self:\n      return 2\n" in _text(answer, "a.py::A.f", files={"a.py": two})


def test_other_languages_are_spliced_too() -> None:
    """Methods out of their class, exports that were forgotten, and hoisted imports."""
    script = (
        b'import a from "a";\n\nexport function f() {\n  return 1;\n}\n\n'
        b"class A {\n  m() {\n    return 1;\n  }\n}\n"
    )
    text = _text('import b from "b";\n\nfunction f() {\n    return b;\n}', "a.js::f", files={"a.js": script})
    assert text.startswith(
        'import a from "a";\nimport b from "b";\n\nexport function f() {\n  return b;\n}\n'
    )
    for answer in ("m() {\n  return 2;\n}", "class A {\n  m() {\n    return 2;\n  }\n}"):
        assert "  m() {\n    return 2;\n  }\n}" in _text(answer, "a.js::A.m", files={"a.js": script})
    go = b"package a\n\nfunc f() int {\n\treturn 1\n}\n"
    assert _text("```go\nfunc f() int {\n    return 2\n}\n```", "a.go::f", files={"a.go": go}) == (
        "package a\n\nfunc f() int {\n\treturn 2\n}\n"
    )


def test_a_whole_file_is_taken_whole() -> None:
    """New or old, with the line ending and the last newline of the old."""
    assert _text("```python\nx = 1\n```", "new.py", files={}) == "x = 1\n"
    assert _text("x = 1", "old.py", files={"old.py": b"x = 2\r\ny = 3\r\n"}) == "x = 1\r\n"
    assert _text("x = 1\n", "old.py", files={"old.py": b"x = 2"}) == "x = 1"
    assert _rule("x = (", "new.py", files={}) == "answer/malformed"
    assert _rule("x = 1\n# ... rest of the file", "new.py", files={}) == "answer/elided"
    assert _rule("```python\nx = 1", "new.py", files={}, truncated=True) == "answer/truncated"


def test_a_text_without_grammar_is_taken_from_its_fence() -> None:
    """Markdown may hold fences of its own; chatter around an answer that is all fence is peeled."""
    page = "# Title\n\n```sh\nmake\n```\n\nMore."
    assert _text(page, "a.md", files={}) == page + "\n"
    assert _text(f"```markdown\n{page}\n```", "a.md", files={}) == page + "\n"
    assert _text("Here:\n```\nall: test\n```\nEnjoy.", "Makefile", files={}) == "all: test\n"
    macro = "LIST(int) x;\nSTART {\n  go(\nEND\n"
    assert _text(f"Here:\n```c\n{macro}```\nEnjoy.", "a.c", files={}) == macro


def _edits(*edits: tuple[str, str | None, str]) -> str:
    return json.dumps({"edits": [dict(zip(("path", "symbol", "text"), e, strict=True)) for e in edits]})


def test_edits_are_made_one_after_the_other() -> None:
    """Several symbols of one file and a new file in one answer, fenced or bare."""
    answer = _edits(
        ("bank.py", "total", NEW),
        ("bank.py", "Account.close", METHOD),
        ("test_bank.py", None, "import bank\n"),
    )
    for text in (answer, f"```json\n{answer}\n```", f"Here:\n{answer}\nDone."):
        files = _answered(text, "bank.py::Account bank.py::total test_bank.py").files
        assert files is not None
        assert files["test_bank.py"] == b"import bank\n"
        assert files["bank.py"].decode().endswith(NEW + "\n")
        assert b"def close(self):\n        return 0\n" in files["bank.py"]


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        (_edits(("other.py", None, "x")), "answer/outside"),
        (_edits(("../bank.py", None, "x")), "answer/outside"),
        (_edits(("bank.py", "Empty", "class Empty: ...")), "answer/outside"),
        (_edits(("bank.py", None, "x = 1")), "answer/outside"),
        (_edits(("bank.py", "Account.nothing", "def nothing(self): pass")), "answer/outside"),
        (_edits(("bank.py", "total", "def total(:")), "answer/malformed"),
        (_edits(), "answer/not-json"),
        ('{"edits": [{"path": "bank.py", "text": "x"}]}', "answer/not-json"),
        ('{"edits": [{"path": "bank.py", "symbol": 1, "text": "x", "more": 1}]}', "answer/not-json"),
        ("[" * 100_000, "answer/not-json"),
        (NEW, "answer/not-json"),
    ],
)
def test_edits_outside_the_request_or_the_schema_are_refused(answer: str, rule: str) -> None:
    """Only what was asked for can be edited, and only as the schema says."""
    assert _rule(answer, "bank.py::Account bank.py::total") == rule


_PIECES = st.sampled_from(
    ["```", "```python", "~~~", "````", "\n", "\r\n", "    ", "\t", "def total(a):", "    return 1",
     "class Account:", "def close(self):", "import os", "from x import *", "@x", '"""', "'", "# ...", "{",
     "}", '{"edits": [', "\ufeff",
     "\x00", "\x0c", "\u2028", "\ud800", "é", "..."]
)  # fmt: skip


@given(st.one_of(st.text(max_size=200), st.lists(_PIECES, max_size=25).map("".join)), st.booleans())
@settings(deadline=None, max_examples=100)
@pytest.mark.parametrize(
    "target",
    ["bank.py::total", "bank.py::Account.close", "bank.py::Account", "new.py", "bank.py new.md", "a.js::A.m"],
)
def test_any_text_is_a_patch_or_a_refusal(target: str, answer: str, truncated: bool) -> None:
    """Nothing that a model can write makes `parse` fail in another way."""
    try:
        patch = _answered(
            answer, target, {"bank.py": BANK.encode(), "a.js": b"class A { m() {} }"}, truncated=truncated
        )
    except PatchRefused as refusal:
        rule, paths = refusal.rule, set[str]()
    else:
        rule, paths = "answer/used", set(patch.files or {})
    assert re.fullmatch(r"answer/[a-z-]+", rule)
    assert paths <= {t.partition("::")[0] for t in target.split()}


@given(st.integers(0, 10_000))
@settings(deadline=None, max_examples=60)
def test_every_byte_outside_the_symbol_stays(seed: int) -> None:
    """Whatever the endings, indentation, mark and neighbours, only the symbol's own span differs."""
    chance = random.Random(seed)
    ending = chance.choice(["\n", "\r\n"])
    unit = chance.choice(["\t", "  ", "    "])
    bom = chance.choice([b"", b"\xef\xbb\xbf"])
    before = "".join(
        chance.choice(["x = 'é  '\n", "\n", "# c\x0c\n", 's = """\n  a\n"""\n', "import os\n"])
        for _ in range(6)
    )
    after = "".join(chance.choice(["\n", "# t \n", "y = 2   \n", "def g(): pass\n"]) for _ in range(4))
    depth = chance.choice([0, 1, 2])
    heads = ["class A:\n", f"{unit}class B:\n"][:depth]
    old = f"{unit * depth}def f(self):\n{unit * depth}{unit}return 1"
    tail = chance.choice(["", "\n"]) if not after else "\n"
    whole = "".join([before, *heads, old, tail, after]).replace("\n", ending)
    data = bom + whole.encode()
    name = ".".join([*["A", "B"][:depth], "f"])
    new = _answered("def f(self):\n    if self:\n        return 2", f"m.py::{name}", {"m.py": data}).files
    assert new is not None
    result = f"{unit * depth}def f(self):\n{unit * (depth + 1)}if self:\n{unit * (depth + 2)}return 2"
    assert new["m.py"] == data.replace(
        old.replace("\n", ending).encode(), result.replace("\n", ending).encode()
    )
