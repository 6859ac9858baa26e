"""Regular expressions as grammars: both allow the same texts."""

from __future__ import annotations

import re
from random import Random

import pytest
from grammars import mutate, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.grammar import GrammarError, from_pattern, parse_gbnf

_ATOM = st.sampled_from(
    [
        "", "a", "b", "é", '"', ".", r"\.", r"\d", r"\D", r"\w", r"\W", r"\s", r"\S", r"\n", r"\x41", "[a-c]",
        "[^a]", "[^é]", r"[\d_-]", r"[^\W\d]", r"[\]\\^]", r"[^\S\n]",
    ]
)  # fmt: skip
_SUFFIX = st.sampled_from(["", "", "*", "+", "?", "{2}", "{,2}", "{0}", "{1,3}", "{2,}", "*?", "+?", "??"])
_PATTERN = st.recursive(
    _ATOM,
    lambda inner: st.one_of(
        st.tuples(inner, _SUFFIX).map(lambda pair: f"(?:{pair[0]}){pair[1]}"),
        st.tuples(inner, _SUFFIX).map(lambda pair: f"({pair[0]}){pair[1]}"),
        st.lists(inner, min_size=1, max_size=3).map("".join),
        st.lists(inner, min_size=2, max_size=3).map("|".join),
    ),
    max_leaves=6,
)


@given(_PATTERN, st.text(alphabet='abcé_- .0A"\n', max_size=6), st.integers(0, 99))
@settings(max_examples=150, deadline=None)
def test_a_grammar_allows_what_its_pattern_matches(pattern: str, text: str, seed: int) -> None:
    """`re.fullmatch` under `re.ASCII` and the grammar agree on texts from it, near them, and on any."""
    grammar, random = parse_gbnf(from_pattern(pattern)), Random(seed)
    drawn = [text for text in (sample(grammar, random, 8) for _ in range(2)) if len(text) < 40]
    for each in ["", text, *drawn, *(mutate(text, random) for text in drawn)]:
        assert grammar.matches(each) == bool(re.fullmatch(pattern, each, re.ASCII)), each


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_every_text_that_a_pattern_matches_its_grammar_allows(data: st.DataObject) -> None:
    """Texts that are made from the pattern, by another's reading of it."""
    pattern = data.draw(_PATTERN.filter(lambda pattern: "\\Z" not in pattern))
    text = data.draw(st.from_regex(re.compile(pattern, re.ASCII), fullmatch=True))
    if "\0" not in text and len(text) < 200:
        assert parse_gbnf(from_pattern(pattern)).matches(text)


@pytest.mark.parametrize(
    ("pattern", "gbnf"),
    [
        (r"^v\d+\.\d+$", 'root ::= "v" [0-9]+ "." [0-9]+\n'),
        ("test_[a-z_]+", 'root ::= "test_" [_a-z]+\n'),
        ("(get|set)_x", 'root ::= ("get" | "set") "_x"\n'),
        ("(a*b?)*", 'root ::= ("a" | "b")*\n'),
        ("((a+)+)+", 'root ::= "a"+\n'),
        ("[^é]", r"root ::= [\x01-\xE8\xEA-\uD7FF\uE000-\U0010FFFF]" + "\n"),
        ("", 'root ::= ""\n'),
    ],
)  # fmt: skip
def test_a_grammar_is_as_short_as_a_person_would_write_it(pattern: str, gbnf: str) -> None:
    """Literals stay whole, nested repetitions are one, and no class leaves out what is not ASCII."""
    assert from_pattern(pattern) == gbnf


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("a(?=b)", "lookahead"),
        ("(?<!a)b", "negative lookahead or lookbehind"),
        (r"(a)\1", "a backreference"),
        ("(a)?(?(1)b|c)", "a condition on a group"),
        ("(?i)a", "a flag"),
        ("(?s:.)", "a flag"),
        (r"a\b", "an anchor within"),
        ("a^b", "an anchor within"),
        ("(^a)", "an anchor within"),
        ("(?>a)", "an atomic group"),
        ("a*+", "a possessive repetition"),
        ("(a", "no regular expression"),
        ("a{5000}", "more than 1000 times"),
        ("[^\\s\\S]", "can stand in no text"),
        ("\\0", "can stand in no text"),
        ("(" * 900 + ")" * 900, "too deep"),
        ("a" * 3000, "more than the 2000"),
        ("(?:a{1,60}b){1,60}", "too large"),
        ("(?:a?" * 60 + "){0,2}" * 60, "too large"),
    ],
)
def test_what_a_grammar_cannot_say_is_named(pattern: str, problem: str) -> None:
    """A construct that no grammar has, a pattern that is none, and one that grows too large."""
    with pytest.raises(GrammarError, match=re.escape(problem)) as caught:
        from_pattern(pattern)
    assert caught.value.line is None
