"""Whatever text comes in, what goes out cannot act on a terminal, hide, or reorder."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.visible import is_hidden, visible, visible_block, visible_bytes

_ACTING = {"Cc", "Cf", "Cs", "Zl", "Zp"}


@given(st.text(alphabet=st.characters(exclude_categories=[])))
@settings(deadline=None)
def test_one_line_stays_one_line_without_a_control(text: str) -> None:
    """No control, format, surrogate or line-separating character survives, whatever the text."""
    shown = visible(text)
    assert not {unicodedata.category(c) for c in shown} & _ACTING
    assert len(shown.splitlines()) <= 1
    shown.encode("utf-8")


@given(st.binary())
@settings(deadline=None)
def test_bytes_become_lines_and_nothing_else(data: bytes) -> None:
    """Any bytes can be shown; only newline and tab keep their effect, and no line is lost or added."""
    shown = visible_bytes(data)
    assert {c for c in shown if unicodedata.category(c) in _ACTING} <= {"\n", "\t"}
    assert shown.count("\n") == data.count(b"\n")


@given(st.text(alphabet=st.characters(min_codepoint=0x20, max_codepoint=0x7E)))
def test_printable_ascii_is_left_alone(text: str) -> None:
    """Ordinary code is shown as it is."""
    assert visible(text) == text


@pytest.mark.parametrize(
    ("hostile", "shown"),
    [
        ("\x1b]0;owned\x07", "\\x1b]0;owned\\x07"),
        ("\x9b31m", "\\x9b31m"),
        ("a\u202eb", "a\\u202eb"),
        ("a\u2066b", "a\\u2066b"),
        ("pass\u200bword", "pass\\u200bword"),
        ("x\u3164", "x\\u3164"),
        ("x\ufe0f", "x\\ufe0f"),
        ("\U000e0041", "\\U000e0041"),
        ("a\u00a0b", "a\\xa0b"),
        ("a\rb", "a\\x0db"),
        ("a\u2028b", "a\\u2028b"),
        ("\udcff", "\\udcff"),
    ],
)
def test_known_tricks_stand_as_escapes(hostile: str, shown: str) -> None:
    """Terminal sequences, bidirectional controls, inkless letters, tags and odd spaces are seen."""
    assert visible(hostile) == shown


def test_text_of_the_world_is_left_alone() -> None:
    """Letters with ink in any script are not escaped."""
    text = "größe 変数 переменная α→β 😀 é"
    assert visible(text) == text
    assert not any(is_hidden(c) for c in text)


def test_blocks_keep_newlines_and_tabs_only() -> None:
    """A block keeps its lines; a carriage return is not one of them."""
    assert visible_block("a\n\tb\r\n") == "a\n\tb\\x0d\n"
