"""What codegate reads as a grammar llama.cpp takes, does not die of, and understands alike."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

import pytest
from conftest import need
from grammars import Llama, mutate, sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegate.grammar import SHIPPED, Grammar, GrammarError, from_pattern, parse_gbnf, shipped
from codegate.models.weights import Store, find_known

pytestmark = pytest.mark.weights


@pytest.fixture(scope="module")
def llama() -> Iterator[Llama]:
    """llama.cpp with the vocabulary of the smallest known model."""
    need("llama_cpp")
    if not Store().has(find_known("smollm2-135m")):
        pytest.skip("the weights of smollm2-135m are not here: codegate model pull smollm2-135m")
    process = Llama(Store().open("smollm2-135m").path)
    yield process
    process.close()


def _agree(llama: Llama, grammar: Grammar, texts: list[str]) -> None:
    """Assert that llama.cpp allows nothing more, and all that is ASCII.

    After the first byte of a character it refuses all that begin so if a negated class leaves out one of
    them.
    """
    answers = llama.ask(grammar.source, texts)
    assert answers is not None, grammar.source
    for text, answer in zip(texts, answers, strict=True):
        if answer is not None and (answer or text.isascii()):
            assert (answer, text) == (grammar.matches(text), text), grammar.source


@pytest.mark.parametrize("name", SHIPPED)
def test_a_shipped_grammar_means_to_llama_what_it_means_here(llama: Llama, name: str) -> None:
    """Of texts from the grammar, and of texts near them, both allow the same."""
    grammar, random = parse_gbnf(shipped(name)), Random(name)
    texts = [text for text in (sample(grammar, random, 14) for _ in range(25)) if len(text) < 300]
    texts += [mutate(text, random) for text in texts]
    _agree(llama, grammar, texts)


_CHARACTER = st.sampled_from(["a", "b", "\\x61", "\\n", "é", "\\u00E9", '\\"', "\\\\", "\\]"])
_LEAF = st.one_of(
    st.lists(_CHARACTER, max_size=3).map(lambda inside: f'"{"".join(inside)}"'),
    st.lists(_CHARACTER, max_size=3).map(lambda inside: f"[{''.join(inside)}]"),
    st.lists(_CHARACTER, min_size=1, max_size=2).map(lambda inside: f"[^{''.join(inside)}]"),
    st.sampled_from(["one", "two", "[a-c]", "[^a-]", ".", "one two # so\n"]),
)
_SUFFIX = st.sampled_from(["", "", "*", "+", "?", "{2}", "{0,3}", "{1,}", "{ 1 , 2 }", "*?"])
_BODY = st.recursive(
    _LEAF,
    lambda inner: st.one_of(
        st.tuples(inner, _SUFFIX).map(lambda pair: f"({pair[0]}){pair[1]}"),
        st.tuples(_LEAF, _SUFFIX).map("".join),
        st.lists(inner, min_size=2, max_size=3).map(" ".join),
        st.lists(inner, min_size=2, max_size=3).map(" | ".join),
    ),
    max_leaves=6,
)


@given(root=_BODY, one=_BODY, two=_BODY, seed=st.integers(0, 9))
@settings(
    max_examples=100, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_any_grammar_read_here_is_one_for_llama(
    llama: Llama, root: str, one: str, two: str, seed: int
) -> None:
    """Where codegate takes a grammar llama.cpp does too, and allows the same texts."""
    gbnf = f"# a comment\nroot ::=\n  {root}\none ::= {one}\r\ntwo ::= {two}"
    try:
        grammar = parse_gbnf(gbnf)
    except GrammarError:
        return
    random = Random(seed)
    texts = [text for text in (sample(grammar, random, 6) for _ in range(3)) if len(text) < 30]
    texts += [mutate(text, random) for text in texts]
    _agree(llama, grammar, texts)


def test_the_largest_grammars_are_ones_for_llama_too(llama: Llama) -> None:
    """What is just within codegate's bounds on repetitions, nesting and size llama.cpp bears."""
    for gbnf in (
        'root ::= "a"{0,1000}',
        'root ::= ("a"{1,40} "b"){1,40}',
        f"root ::= {'(' * 50}[a]{')' * 50}",
        "root ::= r0\n" + "\n".join(f"r{n} ::= r{n + 1}" for n in range(3000)) + "\nr3000 ::= [a]",
        from_pattern(r"(((a?b?)*c?)*d?)*"),
    ):
        _agree(llama, parse_gbnf(gbnf), ["a", "ab", "a" * 99, "abdc", ""])
