"""A recipe's text goes where it belongs, and every other byte of the file stays as it was."""

from __future__ import annotations

import ast
import json
import textwrap
from contextlib import suppress

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from codegate.answer.filling import fill
from codegate.answer.placing import placed
from codegate.answer.sections import headings, inserted
from codegate.answer.trial import try_example
from codegate.core import Hole, Request, Target
from codegate.errors import PatchRefused
from codegate.recipes import Draft, DraftPart, open_recipe
from codegate.recipes.declaration import Place
from codegate.recipes.examples import Example
from codegate.source import language_of, read_document

PYTHON = language_of("m.py")
DOC = '"""Say what it does.\n\nArgs:\n    a: One.\n"""'
METHOD = 'def __repr__(self):\n    if self:\n        return "é"\n    return ""'
BODIES = (
    "pass", "...", "return 1", "x = 1; y = 2", "# note\n    pass", "'''old'''", "'a' 'b'", "f'no {1}'",
    "'''old\n    older'''\n    a = 1", "async def g():\n        pass", "def g(): '''of g'''", "x = 1  # c",
    "class D:\n        x = 1",
)  # fmt: skip
MEMBERS = (
    "pass", "...", "x = 1", "def m(self): return 1", "'''old'''\n    y: int = 2",
    "def __eq__(self, o):\n        return True\n\n    z = 1",
)  # fmt: skip
HEADS = (
    "def {}(a, b=[1,\n        2]):", "def {}(a): # comment", "async def {}(a):", "def {}(a) -> 'x':",
    "@one\n@two(1)\ndef {}(a):",
)  # fmt: skip
CLASSES = ("class {}:", "class {}(Base): # c", "@deco\nclass {}:")
ASIDE = (
    "import os", "x = '''\n  é\n'''", "def other():\n    return 2", "if x:\n    pass\nelse:\n    pass",
    "# é", "",
)  # fmt: skip
LINES = (
    "# A", "## B", "text", "", "```", "~~~", "- item", "====", "Title", "----", "\x0c", "    # c",
    "A | B", "é",
)  # fmt: skip


@st.composite
def files(draw: st.DrawFn) -> tuple[bytes, str]:
    """A file with a function `f` or a class `C` at its top or in one, and the target's dotted name."""
    is_class = draw(st.booleans())
    name = "C" if is_class else "f"
    head = draw(st.sampled_from(CLASSES if is_class else HEADS))
    body = draw(st.sampled_from(MEMBERS if is_class else BODIES))
    is_plain = "\n" not in body and "#" not in head and not body.startswith(("async", "def"))
    beside = " " if is_plain and draw(st.booleans()) else "\n    "
    text = head.format(name) + beside + body
    if draw(st.booleans()):
        text, name = f"class Outer:\n    z = 0\n\n{textwrap.indent(text, '    ')}\n", f"Outer.{name}"
    around = [draw(st.sampled_from(ASIDE)), text, draw(st.sampled_from(ASIDE))]
    whole = "\n\n".join(around) + draw(st.sampled_from(("", "\n", "\n\n")))
    if draw(st.booleans()):
        whole = whole.replace("    ", "\t")
    return whole.replace("\n", draw(st.sampled_from(("\n", "\r\n")))).encode(), name


def _alike(one: bytes, other: bytes) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def between(old: bytes, new: bytes) -> tuple[bytes, bytes]:
    """Return what differs, of the old and of the new text: all before and behind is the same."""
    start = _alike(old, new)
    end = _alike(old[start:][::-1], new[start:][::-1])
    return old[start : len(old) - end], new[start : len(new) - end]


def node_of(text: bytes, name: str) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef:
    node: ast.AST = ast.parse(text)
    for part in name.split("."):
        node = next(n for n in ast.walk(node) if getattr(n, "name", "") == part)
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    return node


def put(text: bytes, place: Place, name: str | None, new: str) -> bytes:
    document = read_document("m.py", text)
    part = DraftPart(place, Target("m.py", name), (new,), name="")
    return document.encode(placed(document, PYTHON, part, new.encode()))


def without(text: bytes, name: str, drop: bool) -> str:
    """Return the tree of a text without the target's docstring, and `pass` where nothing is left."""
    tree = ast.parse(text)
    node: ast.AST = tree
    for part in name.split("."):
        node = next(n for n in ast.walk(node) if getattr(n, "name", "") == part)
    if drop and isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        del node.body[0]
    return ast.dump(tree)


@settings(max_examples=150, deadline=None)
@given(files())
@example((b"class C: pass", "C"))
@example((b"def f(): return 1", "f"))
@example((b"class Outer:\r\n\tdef f(self):\r\n\t\t# note\r\n\t\treturn 1", "Outer.f"))
def test_a_docstring_is_put_first_and_nothing_else_changes(case: tuple[bytes, str]) -> None:
    """One that is there is replaced; the file's line endings and indentation are kept."""
    text, name = case
    old = ast.get_docstring(node_of(text, name))
    new = put(text, "docstring", name, DOC)
    assert ast.get_docstring(node_of(new, name)) == ast.get_docstring(ast.parse(DOC))
    assert without(new, name, drop=True) == without(text, name, drop=old is not None)
    gone, come = between(text, new)
    if old is None:
        assert not gone.strip()
    assert b"\r\n" not in text or come.count(b"\n") == come.count(b"\r\n")
    assert put(new, "docstring", name, DOC) == new


@settings(max_examples=150, deadline=None)
@given(files())
@example((b"class C: pass", "C"))
@example((b"class C:\n\tx = 1", "C"))
@example((b"class C:\n    def f(self): return 1\n# behind", "C"))
def test_a_member_is_put_into_the_class_and_nothing_else_changes(case: tuple[bytes, str]) -> None:
    """But for a `pass` or a body on the header's line; a second time it is replaced by itself."""
    text, name = case
    if not name.endswith("C"):
        return
    new = put(text, "member", name, METHOD)
    gone, come = between(text, new)
    assert gone.strip() in (b"pass", b"...") or come.strip().startswith(gone.strip())
    members = [n.name for n in node_of(new, name).body if isinstance(n, ast.FunctionDef)]
    assert members.count("__repr__") == 1
    assert b"\r\n" not in text or come.count(b"\n") == come.count(b"\r\n")
    assert b"\t" not in text or b"    " not in come
    assert put(new, "member", name, METHOD) == new


@settings(max_examples=60, deadline=None)
@given(files(), st.sampled_from(("before", "after", "top", "end")))
def test_a_definition_beside_another_leaves_all_else(case: tuple[bytes, str], place: str) -> None:
    """It stands apart from its neighbours, and only blank lines beside it change."""
    text, name = case
    new = put(text, place, name, "def made(a):\n    return a")
    gone, come = between(text, new)
    assert not gone.strip()
    assert b"def made(a)" in new
    assert len(ast.parse(new).body) == len(ast.parse(text).body) + 1
    assert b"\r\n" not in text or come.count(b"\n") == come.count(b"\r\n")


MARKDOWN = """\
Title
=====

## Install

```sh
# Usage
## no heading
~~~
```

## Usage

- one
- two

### More

Text.
"""
REST = """\
Title
=====

Install
-------

::

    ## no heading

Usage
-----

* one
"""


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize(
    ("text", "path", "added", "behind"),
    [
        (MARKDOWN, "Usage", "\nNew.\n", "Text.\n"),
        (MARKDOWN, "Install", "\nNew.\n", "~~~\n```\n"),
        (MARKDOWN, "Usage / More", "\nNew.\n", "Text.\n"),
        (MARKDOWN, "Limits", "\n## Limits\n\nNew.\n", "Text.\n"),
        (MARKDOWN, "Limits before Usage", "\n## Limits\n\nNew.\n", "~~~\n```\n"),
        (MARKDOWN, "Limits after Install", "\n## Limits\n\nNew.\n", "~~~\n```\n"),
        (MARKDOWN, "Usage / Limits", "\n### Limits\n\nNew.\n", "Text.\n"),
        (MARKDOWN, "Limits / Known", "\n## Limits\n\n### Known\n\nNew.\n", "Text.\n"),
        (MARKDOWN, "Limits on top", "\n## Limits\n\nNew.\n", "=====\n"),
        (REST, "Usage", "\nNew.\n", "* one\n"),
        (REST, "Limits", "\nLimits\n------\n\nNew.\n", "* one\n"),
        (REST + "\nMore\n~~~~\n\nText.\n", "Usage / More", "\nNew.\n", "Text.\n"),
        (REST, "Usage / More", "\nMore\n~~~~\n\nNew.\n", "* one\n"),
        (REST, "Limits before Usage", "\nLimits\n------\n\nNew.\n", "    ## no heading\n"),
    ],
)
def test_a_text_goes_under_its_heading(text: str, path: str, added: str, behind: str, newline: str) -> None:
    """Not under what looks like one in fenced code; a heading that is not there is made as the others are."""
    document = read_document("README.md", text.replace("\n", newline).encode())
    new = placed(document, None, DraftPart("under", Target("README.md"), (), path), b"New.").decode()
    assert new == text.replace(behind, behind + added, 1).replace("\n", newline)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.sampled_from(LINES), max_size=12).map("\n".join),
    st.sampled_from(["A", "B", "New", "New before B", "New on top", "A / New", ""]),
)
def test_all_lines_of_a_document_are_kept_in_their_order(text: str, path: str) -> None:
    """Whatever the document: what was there is there, but for blank lines beside the new text."""
    new = inserted(text, path, "New text.")
    rest = iter(new.split("\n"))
    assert all(line in rest for line in text.split("\n") if line.strip())
    assert "New text." in new
    title = path.rpartition(" / ")[2].partition(" ")[0].lower()
    fences = sum(line in ("```", "~~~") for line in text.split("\n"))
    assert fences or not title or any(title in h.title.lower() for h in headings(new.split("\n")))


SUM = Hole("sum", "root ::= [a-z]+", 8, "a word")
PLAIN = Draft((DraftPart("end", Target("m.py"), ("x = '", SUM, "'")),))


@pytest.mark.parametrize(
    ("answer", "truncated", "rule"),
    [
        ("Sure! Here it is.", False, "answer/not-json"),
        ("x", True, "answer/truncated"),
        ('{"sum": "a', True, "answer/truncated"),
        ('{"sum": "a', False, "answer/not-json"),
        ("{}", False, "answer/unfilled"),
        ("{}", True, "answer/truncated"),
        ('{"sum": 1}', False, "answer/not-json"),
        ('{"sum": ["a"]}', False, "answer/not-json"),
        ('{"sum": null}', False, "answer/not-json"),
        ('["sum"]', False, "answer/not-json"),
        ('{"sum": "a", "sum": "b"}', False, "answer/not-json"),
        ('{"sum": "A"}', False, "answer/ill-formed"),
        ('{"sum": ""}', False, "answer/ill-formed"),
        ('{"sum": "a\\n"}', False, "answer/ill-formed"),
        ('{"sum": "\\ud800"}', False, "answer/ill-formed"),
        ('{"sum": "a" ' + "[" * 100_000, False, "answer/not-json"),
        ('{"a": ' * 50_000, False, "answer/not-json"),
    ],
)
def test_an_answer_that_does_not_fill_the_holes_is_refused(answer: str, truncated: bool, rule: str) -> None:
    """By a rule that says why; nothing but PatchRefused is ever raised."""
    with pytest.raises(PatchRefused) as error:
        fill(answer, PLAIN, truncated=truncated)
    assert error.value.rule == rule


@pytest.mark.parametrize(
    "answer", ['{"sum": "ab"}', 'Here:\n```json\n{"sum": "ab"}\n```\nBye.', '{"more": "x", "sum": "ab"} ']
)
def test_an_answer_that_fills_them_is_taken(answer: str) -> None:
    """With prose around it, and with keys that nobody asked for, which go nowhere."""
    assert fill(answer, PLAIN, truncated=False) == {"sum": "ab"}


def test_an_answer_that_nobody_can_judge_or_write_is_refused() -> None:
    """By a grammar too ambiguous to tell, and in an encoding that cannot hold it."""
    vague = 'root ::= x "b"\nx ::= "a" | "a" x | y\ny ::= "a" x x | "a"'
    draft = Draft((DraftPart("end", Target("m.py"), (Hole("a", vague, 9),)),))
    with pytest.raises(PatchRefused, match="cannot be"):
        fill(json.dumps({"a": "a" * 2000}), draft, truncated=False)
    text = 'summary = "x"\n[holes.a]\npattern = "€"\n[[part]]\nplace = "end"\ntext = "# {{ hole(\'a\') }}"\n'
    prompts = {"system.jinja": "s", "reference.jinja": "r", "task.jinja": "t"}
    request = Request("", (Target("m.py"),), "mine", {})
    asked = Example("one", request, {"m.py": b"# coding: latin-1\n"}, {"a": "€"}, {}, None, "cannot hold")
    assert (
        try_example(open_recipe("mine", "user", "mine", {**prompts, "recipe.toml": text}), asked).wrong == ""
    )


@settings(max_examples=50, deadline=None)
@given(st.text() | st.dictionaries(st.text(max_size=5), st.text()).map(json.dumps))
def test_no_answer_is_too_strange(answer: str) -> None:
    """Filled within the grammar, or refused."""
    with suppress(PatchRefused):
        assert fill(answer, PLAIN, truncated=False)["sum"].isalpha()
