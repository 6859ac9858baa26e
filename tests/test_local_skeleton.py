"""Skeletons filled by the local model: it writes the holes, each within its grammar, and nothing else."""

from __future__ import annotations

import json
import re

import pytest

from codegate.core.prompt import Hole, Message, Prompt, Sampling
from codegate.errors import ModelError
from codegate.models.local import Local

_MESSAGES = (Message("system", "You write Python."), Message("user", "Describe a function that adds."))
_LINE = 'root ::= [^\\n"]+'
_WORDS = 'root ::= [a-z ]+ "."'
_NUMBER = "root ::= [0-9] [0-9]?"


def _prompt(*skeleton: str | Hole, max_tokens: int = 200) -> Prompt:
    return Prompt(_MESSAGES, max_tokens, skeleton=skeleton)


_DOCSTRING = (
    'def add(a, b=1):\n    """', Hole("summary", _LINE, 16),
    "\n\n    Args:\n        a: ", Hole("a", _WORDS, 16), "\n        b: ",
    Hole("b", _LINE, 16), '\n    """\n    return ', Hole("value", _NUMBER, 4), "\n",
)  # fmt: skip


@pytest.mark.weights
def test_every_hole_is_filled_within_its_grammar(model: Local) -> None:
    """The answer is a JSON object of the holes' names in order, and no text strays into what is given.

    Whatever the sampling; several answers side by side are as many objects.
    """
    samplings = [Sampling(), Sampling(1.2, 1), Sampling(1.2, 2)]
    proposals = list(model.generate_all(_prompt(*_DOCSTRING), samplings))
    assert len(proposals) == 3
    for proposal in proposals:
        texts = json.loads(proposal.text)
        assert list(texts) == ["summary", "a", "b", "value"]
        assert re.fullmatch(r'[^\n"]+', texts["summary"])
        assert re.fullmatch(r"[a-z ]+\.", texts["a"]) or proposal.truncated
        assert re.fullmatch(r'[^\n"]+', texts["b"])
        assert re.fullmatch(r"[0-9]{1,2}", texts["value"])
        assert not any(text.startswith(" ") for text in (texts["summary"], texts["value"]))
        assert proposal.prompt_tokens == len(model.tokens(_MESSAGES))
        assert proposal.answer_tokens is not None
        assert 4 <= proposal.answer_tokens <= 52
        assert proposal.first_token_seconds is not None
        assert 0 < proposal.first_token_seconds < proposal.seconds


@pytest.mark.weights
@pytest.mark.parametrize(
    ("grammar", "before", "after", "fits"),
    [
        ('root ::= "yes" | "no"', "Answer:", "\n", r"yes|no"),
        ('root ::= "yes" | "no"', "Answer: ", ".", r"yes|no"),
        ('root ::= "a"*', "x", "b", r"a*"),
        ('root ::= item (", " item)*\nitem ::= [a-z]+', "f(", ") -> None:\n", r"[a-z]+(, [a-z]+)*"),
        ('root ::= "é" | "\\u4e16"', "«", "»\n", r"é|世"),
        ('root ::= "\\"" [^"]* "\\""', "x = ", '"\n', r'"[^"]*"'),
        ('answer ::= [a-z]+\nroot ::= answer "(" ")"', "return ", "\n", r"[a-z]+\(\)"),
        ("root ::= [0-9]+", "x = ", "", r"[0-9]+"),
    ],
)
def test_a_hole_ends_where_what_follows_begins(
    model: Local, grammar: str, before: str, after: str, fits: str
) -> None:
    """Also where a token would span both, the hole may be empty, or its grammar has names like ours."""
    prompt = _prompt(before, Hole("it", grammar, 12), after)
    for proposal in model.generate_all(prompt, [Sampling(), Sampling(1.5, 3)]):
        assert re.fullmatch(fits, json.loads(proposal.text)["it"]) or proposal.truncated


@pytest.mark.weights
def test_a_model_that_loops_costs_its_limit(model: Local) -> None:
    """A hole that never ends is cut: to what its grammar takes for complete, else the answer says so."""
    endless = _prompt("x", Hole("it", "root ::= [a-b]+", 8), "c", Hole("then", _NUMBER, 2), "\n")
    never = _prompt("x", Hole("it", 'root ::= [a-b]{99} "!"', 8), "c", Hole("then", _NUMBER, 2), "\n")
    for prompt in (endless, never):
        proposal = model.generate(prompt, temperature=1.5, seed=5)
        texts = json.loads(proposal.text)
        assert list(texts) == ["it", "then"]
        assert proposal.answer_tokens is not None
        assert proposal.answer_tokens <= 10
        assert re.fullmatch("[ab]+", texts["it"])
        assert proposal.truncated == (prompt is never)


@pytest.mark.weights
def test_the_answers_limit_bounds_all_holes_together(model: Local) -> None:
    """What the prompt allows in all is not exceeded, and the cut is said."""
    holes = [piece for n in range(4) for piece in (f"\n{n}: ", Hole(str(n), 'root ::= [a-z]+ "!!"', 50))]
    proposal = model.generate(_prompt(*holes, max_tokens=20), temperature=1.0)
    assert proposal.answer_tokens == 20
    assert proposal.truncated
    assert len(json.loads(proposal.text)) == 4


@pytest.mark.weights
def test_given_text_stays_text(model: Local) -> None:
    """Chat markup in the given text ends nothing, and a hole that may hold it never holds a control token."""
    prompt = _prompt(
        "<|im_end|>\n<|im_start|>", Hole("it", 'root ::= "<|im_end|>" [0-9]', 24), "<|im_end|>\n"
    )
    proposal = model.generate(prompt)
    assert re.fullmatch(r"<\|im_end\|>[0-9]", json.loads(proposal.text)["it"])
    assert proposal.answer_tokens is not None
    assert proposal.answer_tokens > 3  # spelt, not one token


@pytest.mark.weights
def test_a_skeleton_with_a_mistake_is_refused_and_the_child_lives(model: Local) -> None:
    """Two holes with nothing between them, none at all, a grammar that is none, more than fits."""
    model.count("warm")
    before = model.pid
    one, two = Hole("a", _LINE, 4), Hole("b", _LINE, 4)
    for skeleton, says in [
        ((one, two), "text between"),
        (("x",), "needs holes"),
        (("x", Hole("a", "root ::= nowhere", 4)), "not valid GBNF"),
        ((one, "a b c d " * 3000, two), "context holds"),
    ]:
        with pytest.raises(ModelError, match=says):
            model.generate(_prompt(*skeleton))
    assert model.pid == before


@pytest.mark.weights
def test_answers_that_do_not_fit_side_by_side_wait(model: Local) -> None:
    """Eight answers that want a third of the context each are all written."""
    prompt = _prompt("\n", Hole("it", "root ::= [0-9] [0-9]", 600), "\n", max_tokens=700)
    proposals = list(model.generate_all(prompt, [Sampling(1.0, n) for n in range(8)]))
    assert all(re.fullmatch("[0-9]{2}", json.loads(p.text)["it"]) for p in proposals)
    assert len({p.text for p in proposals}) > 1
