"""The shipped grammars: what they allow is what they say, as far as a grammar can say it."""

from __future__ import annotations

import ast
from collections.abc import Callable
from functools import cache
from random import Random

import pytest
from grammars import sample
from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.grammar import SHIPPED, Grammar, GrammarError, parse_gbnf, shipped
from codegate.visible import is_hidden

_READERS: dict[str, Callable[[str], object]] = {
    "identifier": lambda text: ast.parse(f"{text} = 1"),
    "python-literal": ast.literal_eval,
    "python-type": lambda text: ast.parse(f"x: {text}"),
    "python-expression": lambda text: ast.parse(text, mode="eval"),
    "python-arguments": lambda text: ast.parse(f"f({text})", mode="eval"),
    "python-block": lambda text: ast.parse(f"async def f():\n{text}\n"),
}


@cache
def _grammar(name: str) -> Grammar:
    return parse_gbnf(shipped(name))


@pytest.mark.parametrize("name", _READERS)
@given(seed=st.integers(0, 10**9))
@settings(max_examples=60, deadline=None)
def test_python_reads_what_a_grammar_allows(name: str, seed: int) -> None:
    """Every text from a grammar of Python parses, if its names are no keywords: that a grammar cannot say."""
    text = sample(_without_keywords(name), Random(seed), 16)
    _READERS[name](text)


@cache
def _without_keywords(name: str) -> Grammar:
    """Return the grammar with names that begin with a `v`, as no keyword does."""
    source = shipped(name)
    narrowed = source.replace("\nname ::= [A-Za-z_]", "\nname ::= [v]")
    assert (narrowed != source) == (name != "python-literal")
    return parse_gbnf(narrowed)


@pytest.mark.parametrize("name", ["line", "sentence", "text"])
@given(seed=st.integers(0, 10**9))
def test_prose_can_stand_in_a_docstring(name: str, seed: int) -> None:
    """Prose ends no docstring of either mark, hides nothing, and has no blanks at its ends."""
    text = sample(_grammar(name), Random(seed))
    for quotes in ('"""', "'''"):
        assert ast.literal_eval(f"{quotes}{text}{quotes}") == text
    assert text == text.strip()
    assert not any(is_hidden(c) for c in text.replace("\n", "") if ord(c) < 0x300)


@pytest.mark.parametrize(
    ("name", "allowed", "refused"),
    [
        (
            "line",
            ["Return x.", 'The "name" of it', "the callers' own", "a – b…"],
            ["", " a", "a ", "a  b", "a\nb", "a\\b", 'say "x"', '"""', "a\tb", "a\u202eb"],
        ),
        (
            "sentence",
            ["Return the `x` of os.path.", "Écrit 1.5 fois.", 'Say "no" to it.'],
            ["return it.", "Return it", "One. Two.", "Return\nit.", "Etc.."],
        ),
        ("text", ["One.", "One.\nTwo.\n\n  - three\n    four"], ["", "One.\n", "One.\n\n\nTwo.", "\nOne."]),
        ("identifier", ["a", "_x1", "HTTPServer"], ["", "1a", "é", "a.b", "a-b"]),
        (
            "python-literal",
            ["-1_000", "0", "1.5e-3", '["a", (1,), {}, None]', '{"a": {"b": b"c"}, 1: []}', "{1, 2}", "''"],
            ["01", "x", "[1,]", "{[1]}", '"a', "'''a'''", "1 + 2", '"\n"'],
        ),
        (
            "python-type",
            [
                "int",
                "str | None",
                "dict[str, list[int]]",
                "Callable[[int, str], None]",
                "tuple[int, ...]",
                'Literal["a", 1]',
                "collections.abc.Iterator[T]",
            ],
            ['"Foo"', "int |", "list[]", "list[int", "1", "dict[str,int]"],
        ),
        (
            "python-expression",
            [
                "x",
                "a + b * -c",
                'f"{self.x!r} of"',
                "x if not y else z",
                "[i for i in x if i]",
                "a[1:, ::2]",
                "await f(*a, k=1, **b)",
                "{**a, 'b': 1}",
                "lambda x: x.y",
                "a < b <= c",
                "x not in y",
                "(1,)",
                "sum(i**2 for i in x)",
                '", ".join(x)',
            ],
            [
                "",
                "a +",
                "a = b",
                "f(k=1, 2)",
                "[*not a]",
                "[b, *not a]",
                "a == not b",
                "x\ny",
                "f(x",
                "1.real",
                "'a' 'b'",
                "a+b",
            ],
        ),
        (
            "python-arguments",
            ["1", "a, *b, c=3, **d", "x for x in y", "key=lambda x: x[0]"],
            ["", "a=1, 2", "a,", "a b", "x for x in y, 2"],
        ),
        (
            "python-block",
            [
                "    pass",
                "    x = f(1)\n    assert x == [1, 2]",
                "    a, b = b, a\n\n    x.y[0] += 1",
                "    with pytest.raises(ValueError, match='x') as e:\n        f()\n    x: int = 3",
                "    if x:\n        return 1\n    elif y:\n        raise A from b\n    else:\n        pass",
                "    try:\n        for i in x:\n            f(i)\n    except (A, B) as e:\n        pass",
                "    @".replace("@", "def g(x: int, y=1, *a: str, **k) -> int:\n        return x"),
            ],
            [
                "pass",
                "    pass\n",
                "   pass",
                "    if x:\n    pass",
                "    f() = 1",
                "    a, b += 1",
                "    try:\n        pass",
                "    pass\nimport os",
                "    def f(a=1, b):\n        pass",
                "    x = (1",
                "    while x:",
                '    """a"""',
            ],
        ),
    ],
)
def test_a_grammar_allows_what_people_write_and_refuses_what_is_wrong(
    name: str, allowed: list[str], refused: list[str]
) -> None:
    """Common texts of the kind are allowed; what breaks the kind's rules is not."""
    grammar = _grammar(name)
    assert {text: grammar.explain(text) for text in allowed} == dict.fromkeys(allowed)
    assert [text for text in refused if grammar.matches(text)] == []


def test_a_grammar_that_is_not_shipped_is_named_with_the_nearest() -> None:
    """A slip of the pen is answered with the name that was meant."""
    with pytest.raises(GrammarError) as caught:
        shipped("python-expresion")
    assert caught.value.hint == "Did you mean `python-expression`?"
    with pytest.raises(GrammarError) as caught:
        shipped("zzz")
    assert all(name in caught.value.hint for name in SHIPPED)
