"""GBNF: what is read, what is refused and where, and which texts a grammar allows."""

from __future__ import annotations

import contextlib
from random import Random

import pytest
from grammars import mutate, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.grammar import TEXT_LIMIT, GrammarError, from_choices, parse_gbnf, schema_of

_NOTATION = r"""
# Every piece of the notation
root ::= greeting " " (name | "\"" name "\"") [^a-z0-9\]]{2} tail? # a remark
greeting ::= "hi" | "hello" |
    "\x48ey\u0021\U0001F642"
name ::= (
    [A-Z] [a-z-]*
)
tail ::= ("!" | .){1,3} "x"{2,} "\\" "\t"+
"""


@pytest.mark.parametrize(
    "text", ["hi Bob!!", 'hello "Jo-e"\n\u00e9', "Hey!🙂 A??", "hi A??!xx\\\t\t", "hi A??abcxxx\\\t"]
)
def test_all_of_the_notation_means_what_it_means_to_llama(text: str) -> None:
    """Literals, escapes, classes, groups, repetitions and remarks, over several lines."""
    assert parse_gbnf(_NOTATION).matches(text)


@pytest.mark.parametrize("text", ["hi Bob!]", "hi Bob!", "hi bob!!", "", "hi A??xx\\\t", "hi A??!xx\\"])
def test_no_part_of_the_notation_allows_more(text: str) -> None:
    """What each piece says is also what it leaves out."""
    assert not parse_gbnf(_NOTATION).matches(text)


@pytest.mark.parametrize(
    ("gbnf", "line", "problem", "hint"),
    [
        ("", None, "no rule `root`", ""),
        ('start ::= "a"', 1, "no rule `root`", ""),
        ('root ::= "a"\n\nroot ::= "b"', 3, "already defined in line 1", ""),
        ("root ::= nmae\nname ::= [a]", 1, "`nmae` is not defined", "Did you mean `name`?"),
        ("root ::= [a]\nx ::= zzz", 2, "`zzz` is not defined", "Rules here: root, x."),
        ('root ::= "a"\n  | "b"', 2, 'found `| "b"`', "only after `|` or within parentheses"),
        ("ro_ot ::= [a]", 1, "expected `::=`", "letters, digits and `-`"),
        ("root = [a]", 1, "expected `::=`, found `= [a]`", ""),
        ('root ::= "a', 1, "the end of the literal", ""),
        ("root ::= [a", 1, "the end of the literal or class", ""),
        ("root ::= [a]\nb ::= ([a] [b]", 2, "expected `)`", ""),
        ("root ::= [a])", 1, "expected the end of the line, found `)`", ""),
        ("root ::= <think>", 1, "found `<think>`", ""),
        (r'root ::= "\q"', 1, r"`\q` is no escape", r"\xHH"),
        (r'root ::= "\u12"', 1, r"`\u12\"` is no escape".replace("\\\"", '"'), ""),
        (r'root ::= "\x00"', 1, "no character that a text can hold", ""),
        (r"root ::= [\uD800]", 1, "no character that a text can hold", ""),
        ("root ::= [b-a]", 1, "range from 'b' to 'a' is empty", ""),
        ("root ::= []", 1, "a class without characters", "`.`"),
        (r"root ::= [^\x01-\U0010FFFF]", 1, "a class without characters", ""),
        ("root ::= * [a]", 1, "nothing stands before", ""),
        ("root ::= [a]{", 1, "expected `{m}`", ""),
        ("root ::= [a]{3,2}", 1, "from 3 to 2", ""),
        ("root ::= [a]{0}", 1, "from 0 to 0", ""),
        ("root ::= [a]{1001}", 1, "more than 1000 times", ""),
        ("root ::= [a]{99999999999999999999}", 1, "more than 1000 times", ""),
        ("root ::= ([a]{0,100} [b]){0,100}", 1, "too large", ""),
        ('root ::= "abcdefghijklmnopqrstuvwxyz"{1000}', 1, "20000 elements", ""),
        (f"root ::= {'(' * 60}[a]{')' * 60}", 1, "50 deep", ""),
        ('root ::= root "a" | "b"', 1, "`root` begins with itself", "root ::= item"),
        ('root ::= one\none ::= [a]? two\ntwo ::= one [b] | [c]', 2, "`one` begins with itself", ""),
        ('root ::= "a" root', 1, "`root` can never end", ""),
        ('root ::= [a]\none ::= "x" two\ntwo ::= "y" one', 2, "`one` can never end", ""),
        ("root ::= \n [a] ([b]? [c]*)*", 2, "repeated here may be empty", ""),
        ("root ::= blank{0,3}\nblank ::= [ ]*", 1, "repeated here may be empty", ""),
        ("root ::= [a]\n# \0", 2, "is no character", ""),
        ("root ::= [a]" + " " * 100_000, None, "more than the 100000", ""),
    ],
)  # fmt: skip
def test_a_mistake_is_named_with_its_line(gbnf: str, line: int | None, problem: str, hint: str) -> None:
    """What llama.cpp would refuse, die of, loop on or swell with is refused, with its line and a reason."""
    with pytest.raises(GrammarError) as caught:
        parse_gbnf(gbnf)
    assert caught.value.line == line
    assert problem in caught.value.problem
    assert hint in caught.value.hint
    assert caught.value.message.startswith("line ") == (line is not None)


@given(st.text(alphabet='ab-_ \n\r\t#:=|()[]{}^*+?.,1"\\xu0<!é', max_size=40))
def test_no_text_breaks_the_reader(noise: str) -> None:
    """Whatever is given as a grammar is read or refused with a line of it."""
    gbnf = f"root ::= {noise}"
    with contextlib.suppress(GrammarError):
        assert parse_gbnf(gbnf).source == gbnf
        return
    with pytest.raises(GrammarError) as caught:
        parse_gbnf(gbnf)
    assert caught.value.line in range(1, gbnf.count("\n") + 2)


def _balanced(text: str) -> bool:
    before = ""
    while text != before:
        before, text = text, text.replace("()", "").replace("[]", "").replace("x", "")
    return text == ""


@given(st.text(alphabet="()[]x", max_size=24), st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_nesting_is_followed_exactly(text: str, random: Random) -> None:
    """A grammar of balanced brackets allows just these, and says how far others can be mended."""
    grammar = parse_gbnf('root ::= (pair | "x")*\npair ::= "(" root ")" | "[" root "]"')
    for candidate in (text, sample(grammar, random), mutate(sample(grammar, random), random)):
        reach = grammar.follow(candidate)
        assert reach.complete == _balanced(candidate)
        assert (grammar.explain(candidate) is None) == reach.complete
        if reach.length < len(candidate):
            assert candidate[reach.length] not in "([x"  # which may stand anywhere


def test_a_rule_that_may_be_empty_is_entered_from_several_places() -> None:
    """What follows it at a later place is followed too, though it has ended already for an earlier one."""
    grammar = parse_gbnf(
        'root ::= maybe "1" | two\ntwo ::= three "2"\nthree ::= four "3"\nfour ::= maybe "4"\nmaybe ::= "x"?'
    )
    assert [t for t in ("1", "x1", "432", "x432", "32", "xx1") if grammar.matches(t)] == [
        "1",
        "x1",
        "432",
        "x432",
    ]


def test_a_grammar_says_where_a_text_leaves_it() -> None:
    """The message names the character, what belongs there and what was found."""
    grammar = parse_gbnf('root ::= [a-z]+ ("," | ";") " "? "end"')
    assert grammar.explain("abc; end") is None
    assert grammar.explain("abc: end") == 'at character 4: expected [a-z], ",", ";"; found \':\''
    assert grammar.explain("abc, en") == 'at character 8: expected "d"; found the end'
    assert grammar.explain("a,end.") == "at character 6: expected the end; found '.'"


def test_what_no_text_holds_is_allowed_nowhere() -> None:
    """NUL and lone surrogates match neither `.` nor a negated class."""
    grammar = parse_gbnf("root ::= . | [^a]")
    assert grammar.matches("\x01")
    assert not grammar.matches("\0")
    assert not grammar.matches("\ud800")


def test_time_is_bounded() -> None:
    """A long text is followed, one that is too long is not, and hopeless ambiguity is an error."""
    grammar = parse_gbnf('root ::= word (" " word)*\nword ::= "(" root ")" | [a-z]+ "."?')
    assert grammar.matches("abc. (de f.) " * 1000 + "end")
    assert "20000" in str(grammar.explain("a" * (TEXT_LIMIT + 1)))
    assert not grammar.matches("a" * (TEXT_LIMIT + 1))
    with pytest.raises(GrammarError, match="ambiguous"):
        parse_gbnf('root ::= one one one "!"\none ::= [a] | [a] one one').matches("a" * TEXT_LIMIT)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), min_size=1
    )
)
def test_choices_are_all_that_their_grammar_allows(choices: list[str]) -> None:
    """Each choice matches, nothing near it does, and the schema lists them."""
    gbnf = from_choices(choices)
    grammar = parse_gbnf(gbnf)
    assert all(map(grammar.matches, choices))
    for near in (choices[0] + "a", "a" + choices[0], choices[0][1:], ""):
        assert grammar.matches(near) == (near in choices)
    assert schema_of(gbnf) == {"type": "string", "enum": list(dict.fromkeys(choices))}


def test_choices_that_are_none_are_refused() -> None:
    """No choice at all, and one that no text can hold."""
    for choices in ([], ["a\0b"], ["\ud800"]):
        with pytest.raises(GrammarError):
            from_choices(choices)


def test_a_schema_bounds_what_it_cannot_describe() -> None:
    """A grammar that is no list becomes a string of bounded length."""
    assert schema_of("root ::= [a-z]+") == {"type": "string", "maxLength": TEXT_LIMIT}
