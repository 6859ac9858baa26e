"""The two places where trust is made say yes in one case only."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegate.core import (
    Answer,
    Approved,
    Base,
    Candidate,
    Declined,
    Finding,
    Gated,
    Outcome,
    Refused,
    Severity,
    Verdict,
    judge,
    review,
)

CANDIDATE = Candidate(Base("c" * 40, "a" * 40), "b" * 40, b"diff", ())
REQUIRED = frozenset({"scope", "lint"})


def said(gate: str, outcome: Outcome = Outcome.PASSED, *findings: Finding, required: bool = True) -> Verdict:
    return Verdict(gate, outcome, required, "", findings)


def gated(*findings: Finding) -> Gated:
    judged = judge(CANDIDATE, [said("scope"), said("lint", Outcome.PASSED, *findings)], REQUIRED, "r" * 64)
    assert isinstance(judged, Gated)
    return judged


outcomes = st.sampled_from(Outcome)
severities = st.sampled_from(Severity)
verdicts = st.builds(
    lambda gate, outcome, required, severity: said(
        gate, outcome, *([Finding(f"{gate}/x", severity, "")] if severity else []), required=required
    ),
    st.sampled_from(["scope", "lint", "extra"]), outcomes, st.booleans(), st.none() | severities,
)  # fmt: skip


@given(st.lists(verdicts, max_size=5))
def test_only_a_clean_pass_of_every_required_gate_is_gated(given_verdicts: list[Verdict]) -> None:
    """Whatever gates say, a Gated means: each required gate answered once, passed, and found no error."""
    judged = judge(CANDIDATE, given_verdicts, REQUIRED, "")
    if isinstance(judged, Gated):
        for name in REQUIRED:
            (one,) = [v for v in given_verdicts if v.gate == name]
            assert one.outcome is Outcome.PASSED
            assert one.required
            assert not any(f.severity is Severity.ERROR for f in one.findings)
        assert all(v.outcome is Outcome.PASSED for v in given_verdicts if v.required)


def test_all_passed_is_gated() -> None:
    """The one yes there is."""
    assert gated().candidate is CANDIDATE


@pytest.mark.parametrize(
    ("verdicts", "word"),
    [
        ([said("scope")], "broken"),
        ([], "broken"),
        ([said("scope"), said("lint", Outcome.FAILED)], "refused"),
        ([said("scope"), said("lint", Outcome.BROKEN)], "broken"),
        ([said("scope"), said("lint", Outcome.SKIPPED)], "broken"),
        ([said("scope"), said("lint"), said("lint", Outcome.FAILED)], "broken"),
        ([said("scope", required=False), said("lint")], "broken"),
        ([said("scope"), said("lint", Outcome.PASSED, Finding("lint/x", Severity.ERROR, ""))], "broken"),
        ([said("scope", Outcome.FAILED), said("lint", Outcome.BROKEN)], "refused"),
    ],
)
def test_anything_less_is_refused(verdicts: list[Verdict], word: str) -> None:
    """Missing, failed, broken, skipped, doubled and self-contradicting answers are all a no."""
    judged = judge(CANDIDATE, verdicts, REQUIRED, "")
    assert isinstance(judged, Refused)
    assert judged.verdict == word


def test_a_gate_that_is_not_required_cannot_refuse() -> None:
    """An optional gate's no is shown, and does not decide."""
    extra = said("extra", Outcome.FAILED, required=False)
    assert isinstance(judge(CANDIDATE, [said("scope"), said("lint"), extra], REQUIRED, ""), Gated)


def test_the_digest_names_everything_that_was_judged() -> None:
    """Another tree, diff, base, rule or finding is another digest; another wall time is not."""
    digests = {gated().digest}
    for candidate in (
        replace(CANDIDATE, tree="d" * 40),
        replace(CANDIDATE, diff=b"other"),
        replace(CANDIDATE, base=Base("c" * 40, "e" * 40)),
        replace(CANDIDATE, base=Base("f" * 40, "a" * 40)),
    ):
        judged = judge(candidate, [said("scope"), said("lint")], REQUIRED, "r" * 64)
        assert isinstance(judged, Gated)
        digests.add(judged.digest)
    for verdicts, rules in (
        ([said("scope"), said("lint")], "other"),
        ([said("scope"), said("lint", Outcome.PASSED, Finding("lint/x", Severity.NOTE, "m"))], "r" * 64),
    ):
        judged = judge(CANDIDATE, verdicts, REQUIRED, rules)
        assert isinstance(judged, Gated)
        digests.add(judged.digest)
    assert len(digests) == 7
    slow = judge(CANDIDATE, [replace(said("lint"), seconds=9.0), said("scope")], REQUIRED, "r" * 64)
    assert isinstance(slow, Gated)
    assert slow.digest == gated().digest


class Person:
    """A screen with somebody at it who answers from a list; `{code}` stands for what was shown last."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.codes: list[str] = []
        self.said: list[str] = []
        self.wholes: list[bool] = []

    def present(self, gated: Gated, code: str, *, whole: bool) -> None:
        self.codes.append(code)
        self.wholes.append(whole)

    def ask(self, question: str) -> str:
        if not self.answers:
            raise EOFError
        return self.answers.pop(0).format(code=self.codes[-1], first=self.codes[0])

    def say(self, message: str) -> None:
        self.said.append(message)


def test_the_code_on_the_screen_approves() -> None:
    """Typing what the screen says is the one yes there is."""
    approved = review(gated(), Person("{code}"))
    assert isinstance(approved, Approved)
    assert approved.gated.digest == gated().digest


@pytest.mark.parametrize("answer", ["y", "yes", "", "apply", "{code}x", "a", "1", "true", "\x00"])
def test_nothing_else_approves(answer: str) -> None:
    """No answer that could be prepared without the screen is a yes; the help says what is."""
    person = Person(answer)
    assert review(gated(), person) == Declined(Answer.QUIT)
    assert person.codes[0] in person.said[0]


def test_a_code_is_good_for_one_showing() -> None:
    """After “show more” the code of the first showing is worth nothing."""
    person = Person("m", "{first}", "n")
    assert review(gated(), person) == Declined(Answer.REJECT)
    assert person.wholes == [False, True]
    assert person.codes[0] != person.codes[1]


def test_the_code_cannot_be_found_by_trying() -> None:
    """After three answers that mean nothing it is shown anew, under another code."""
    person = Person("aaaa", "bbbb", "cccc", "{first}", "q")
    assert review(gated(), person) == Declined(Answer.QUIT)
    assert len(set(person.codes)) == 2


def test_an_empty_remark_is_no_rejection() -> None:
    """A slip at the remark shows it again."""
    person = Person("r", "", "{code}")
    assert isinstance(review(gated(), person), Approved)
    assert len(person.codes) == 2


def test_codes_are_not_guessable() -> None:
    """A hundred showings have about a hundred codes: none is derived from what is shown."""
    person = Person(*["m"] * 100, "q")
    review(gated(), person)
    assert len(set(person.codes)) > 90


def test_a_remark_asks_again() -> None:
    """A remark is a rejection that says what should be different."""
    assert review(gated(), Person("r", " show the id too ")) == Declined(Answer.REMARK, "show the id too")


def test_a_terminal_that_closes_is_no_yes() -> None:
    """Nobody there means “not now”."""
    assert review(gated(), Person()) == Declined(Answer.QUIT)


def _warning(message: str, line: int | None = None, path: str = "a.py") -> Finding:
    return Finding("lint/x", Severity.WARNING, message, path, line)


def test_each_warning_is_acknowledged_before_the_code_counts() -> None:
    """The code is no answer to a warning; those that say the same of one file are one; notes are none."""
    judged = gated(
        _warning("one", 3), _warning("one", 4), _warning("two"), Finding("lint/n", Severity.NOTE, "three")
    )
    person = Person("{code}", "y", "y", "{code}")
    assert isinstance(review(judged, person), Approved)
    assert [s for s in person.said if s.startswith("Warning")] == [
        "Warning 1 of 2: a.py:3: one  [lint/x]",
        "Warning 2 of 2: a.py: two  [lint/x]",
    ]


def test_an_acknowledged_warning_is_not_asked_again() -> None:
    """Showing it again asks for what is left."""
    judged = gated(_warning("one"), _warning("two"))
    person = Person("y", "m", "y", "{code}")
    assert isinstance(review(judged, person), Approved)
    assert len(person.codes) == 2
    assert sum(s.startswith("Warning") for s in person.said) == 3


@pytest.mark.parametrize(("answer", "ends"), [("n", Answer.REJECT), ("q", Answer.QUIT), ("", Answer.QUIT)])
def test_a_warning_can_end_it(answer: str, ends: Answer) -> None:
    """It is a question like the last one; and no number of empty lines gets past it."""
    assert review(gated(_warning("one")), Person(*[answer] * 9)) == Declined(ends)


def test_a_warning_cannot_act_on_the_terminal() -> None:
    """It may quote what a model wrote: one line of it, escaped."""
    person = Person("q")
    review(gated(_warning("\x1b]0;title\x07\nApply this? y", path="\u202egnp.py")), person)
    assert person.said == ["Warning 1 of 1: \\u202egnp.py: \\x1b]0;title\\x07  [lint/x]"]
