"""Whatever the tests: an edit that changes no meaning is let be, and no assertion goes without a finding."""

from __future__ import annotations

import ast
import random
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_weakening import said

FILES: Final = sorted(Path(__file__).parent.glob("test_*.py"))
_CLAIMS: Final = (
    "assert total({n}) == {n}1",
    "assert cart({n}) in ({n}, 0)",
    "self.assertEqual(total({n}), 'x')",
    "assert total({n}) == pytest.approx({n}, rel=1e-9)",
    "assert not cart({n})",
    "with pytest.raises(ValueError, match='{n}'):\n    total({n})",
    "if cart():\n    assert total({n}) > 5",
    "for k in (1, {n}):\n    assert total(k) != {n}",
    "double_{n}.assert_called_once_with({n})",
    "check_total(total({n}))",
    "x = total({n})\nassert x is None, 'no'",
)

Tests = list[list[str]]


@st.composite
def _tests(draw: st.DrawFn) -> Tests:
    """Tests as lists of statements, in which no claim stands twice."""
    sizes = draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    number = 2
    made: Tests = []
    for size in sizes:
        made.append([])
        for _ in range(size):
            made[-1].append(draw(st.sampled_from(_CLAIMS)).format(n=number))
            number += 1
    return made


def _text(tests: Tests, first: int = 0) -> str:
    whole = "import pytest\nfrom shop import cart, total\n"
    for number, statements in enumerate(tests, first):
        body = "\n".join(["cart()", *statements]).replace("\n", "\n    ")
        whole += f"\n\ndef test_{number}(self):\n    {body}\n"
    return whole


def _said(before: str, after: str) -> list[str]:
    return said({"test_a.py": before}, {"test_a.py": after})


@given(tests=_tests(), seed=st.integers())
@settings(max_examples=100, deadline=None)
def test_an_edit_without_meaning_is_let_be(tests: Tests, seed: int) -> None:
    """Layout, comments, order of tests and of statements, added tests, other names, other files."""
    before = _text(tests)
    shuffled = random.Random(seed)
    assert _said(before, before) == []
    assert _said(before, ast.unparse(ast.parse(before))) == []
    assert _said(before, before.replace("\n    ", "  # why\n\n    ")) == []
    assert _said(before, before + "\n\ndef test_more():\n    assert cart(1) == 1\n") == []
    assert _said(before, _text([shuffled.sample(s, len(s)) for s in tests])) == []
    functions = before.split("\n\n\n")
    assert _said(before, "\n\n\n".join([functions[0], *reversed(functions[1:])])) == []
    assert _said(before, _text(tests, first=7)) == []
    assert said({"test_a.py": before}, {"sub/test_b.py": before}) == []


@given(tests=_tests(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_no_assertion_can_be_deleted(tests: Tests, data: st.DataObject) -> None:
    """Any one of them, in any test, among any others."""
    which = data.draw(st.integers(0, len(tests) - 1))
    at = data.draw(st.integers(0, len(tests[which]) - 1))
    fewer = [[s for j, s in enumerate(t) if (i, j) != (which, at)] for i, t in enumerate(tests)]
    assert "assertion" in _said(_text(tests), _text(fewer))


@given(tests=_tests(), data=st.data())
@settings(max_examples=100, deadline=None)
def test_no_test_can_be_taken_out(tests: Tests, data: st.DataObject) -> None:
    """Removed, renamed away, skipped: alone or among others."""
    before = _text(tests)
    name = f"def test_{data.draw(st.integers(0, len(tests) - 1))}("
    head, _, tail = before.partition(name)
    rest = tail.partition("\n\n\n")[2]
    assert _said(before, head + rest) == ["removed"]
    assert _said(before, head + name.replace("test", "check") + tail) == ["removed"]
    assert _said(before, f"{head}@pytest.mark.skip\n{name}{tail}") == ["skip"]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_real_file_says_the_same_in_another_layout(path: Path) -> None:
    """This project's own tests, without comments and in one layout."""
    text = path.read_text()
    assert _said(text, ast.unparse(ast.parse(text))) == []


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_assertion_of_a_real_file_can_be_deleted(data: st.DataObject) -> None:
    """Any `assert` in a function of this project's own tests."""
    text = data.draw(st.sampled_from(FILES)).read_text()
    lines = text.split("\n")
    tree = ast.parse(text)
    places = [
        n
        for n in ast.walk(tree)
        if isinstance(n, ast.Assert) and n.col_offset and lines[n.lineno - 1].strip().startswith("assert")
    ]
    if not places:
        return
    gone = data.draw(st.sampled_from(places))
    lines[gone.lineno - 1 : gone.end_lineno] = [" " * gone.col_offset + "pass"]
    assert set(_said(text, "\n".join(lines))) & {"assertion", "vacuous"}
