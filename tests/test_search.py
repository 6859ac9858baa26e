"""The best of several answers, and findings that go back: what it costs, what is shown, and where it ends."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest
from conftest import GitRepo
from hypothesis import given
from hypothesis import strategies as st

from codegate.config import Config
from codegate.context import Context
from codegate.core import (
    Base,
    Finding,
    Gated,
    ModelIdentity,
    Origin,
    Outcome,
    Prompt,
    Proposal,
    Request,
    Severity,
    Target,
    Verdict,
)
from codegate.errors import ModelError, PatchRefused
from codegate.gates import Gate, Rules, conclude, make_rules
from codegate.models.scripted import Line, Scripted
from codegate.models.session import Session
from codegate.pipeline import Asked, Reading, open_project, plan, prepare
from codegate.search import Budget, Found, Tried, explain, search
from codegate.search.quoting import quote
from codegate.search.sieve import Sieve
from codegate.visible import is_hidden
from codegate.workspace import Workspace

CODE = "def double(x):\n    return x + x\n"
REQUEST = Request("say it by a product", (Target("a.py", "double"),))
TWICE = "```python\ndef double(x):\n    return 2 * x\n```"
AFTER = "```python\ndef double(x):\n    return x * 2\n```"
LONGER = "```python\ndef double(x):\n    factor = 2\n    return factor * x\n```"
# An unused local is no diagnostic of the base's: F841, which ruff does not put right by itself.
UNUSED = "```python\ndef double(x):\n    unused = 2\n    return 2 * x\n```"
UNUSED_TOO = UNUSED.replace("unused = 2", "unused = 3")


@dataclass
class Heard:
    """Hears a search, and keeps it."""

    verdicts: list[Verdict] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    answers: list[Proposal] = field(default_factory=list)

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        yield

    @contextmanager
    def writing(self, model: str) -> Iterator[Heard]:
        yield self

    def __call__(self, text: str) -> None:
        pass

    def tell(self, proposal: Proposal) -> None:
        self.answers.append(proposal)

    def answered(self, verdict: Verdict) -> None:
        self.verdicts.append(verdict)

    def say(self, sentence: str) -> None:
        self.said.append(sentence)

    def asked_of(self) -> Counter[str]:
        return Counter(verdict.gate for verdict in self.verdicts)


def agree(context: Context, request: Request) -> None:
    """Let everything be shown."""


def script(*answers: str) -> Scripted:
    """A model that gives those answers in their order."""
    return Scripted([Line(text) for text in answers])


def searched(repo: GitRepo, model: Session, budget: Budget) -> tuple[Found, Heard]:
    heard = Heard()
    with open_project(repo.path) as project:
        return search(project, plan(project, REQUEST), model, budget, heard, agree), heard


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    """A function, and no tests: what is dear is asked about, and costs next to nothing."""
    git_repo.commit({"a.py": CODE})
    return git_repo


def test_duplicates_cost_no_gate_and_are_agreement(repo: GitRepo) -> None:
    """Of eight answers three are different: each gate answers at most three times, the dear one once."""
    same = [
        TWICE,
        f"Sure!\n\n{TWICE}",
        TWICE.replace("python", "py"),
        f"{TWICE}\n\nThat is it.",
        TWICE,
        TWICE,
    ]
    found, heard = searched(repo, script(LONGER, *same[:3], UNUSED, *same[3:]), Budget(candidates=8))
    assert heard.asked_of() == {"scope": 3, "syntax": 3, "lint": 3, "imports": 3, "secrets": 3, "tests": 1}
    assert [(one.number, one.agreed) for one in found.tried] == [(1, 1), (2, 6), (5, 1)]
    assert found.best is not None
    assert found.best.number == 2
    assert explain(found) == [
        "shown of 8 answers, 3 of them different: 1 passed every gate, 1 did not, "
        "1 could not have ranked higher, and did not cost the dear gates",
        "why this one: more answers amount to it (6 against 1)",
    ]
    assert sum("not gated again" in sentence for sentence in heard.said) == 5


class Cheap:
    """A gate that warns of a longer answer, and refuses one that names what is unused."""

    name = "cheap"

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        text = (workspace.after("a.py") or b"").decode()
        found = [Finding("cheap/unused", Severity.ERROR, "unused", "a.py", 2)] if "unused" in text else []
        return conclude(self.name, found, "looked at it")


@dataclass
class Dear:
    """A gate that runs what it judges, and says what it was made to say of each text."""

    said: dict[str, Finding]
    asked: list[str] = field(default_factory=list)
    name: str = "dear"
    is_jailer: bool = True

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        text = (workspace.after("a.py") or b"").decode()
        self.asked.append(text)
        return conclude(self.name, [f for part, f in self.said.items() if part in text], "ran it")


@contextmanager
def sieve(repo: GitRepo, dear: Dear, *answers: str) -> Iterator[Sieve]:
    """A sieve that took those answers, of which the dear gate was not asked."""
    with open_project(repo.path) as project:
        gates: list[Gate] = [Cheap(), dear]
        made = Sieve(project, gates, make_rules(Config(), Origin.MODEL, REQUEST.scope, gates), lambda _: None)
        with script(*answers) as model:
            planned = plan(project, REQUEST)
            context = prepare(project, planned, model)
            for text in answers:
                proposal = Proposal(text, model.identity, "")
                made.take(REQUEST, Asked(planned.base, context, proposal), 0)
        yield made


def outcomes(one: Tried) -> dict[str, tuple[str, bool]]:
    return {verdict.gate: (verdict.outcome.value, verdict.required) for verdict in one.verdicts}


def test_dear_gates_are_asked_of_survivors_in_their_rank_and_no_further_than_needed(repo: GitRepo) -> None:
    """What a cheap gate refuses costs no dear one; a full pass that nothing can overtake ends it."""
    no = Finding("dear/no", Severity.ERROR, "wrong")
    dear = Dear({"2 * x": no})
    with sieve(repo, dear, UNUSED, LONGER, TWICE, f"again: {TWICE}", AFTER) as made:
        made.settle(lambda: "")
        refused, beaten, wrong, best = made.tried
    assert [text.split("return ")[1] for text in dear.asked] == ["2 * x\n", "x * 2\n"]
    assert made.best == best
    assert isinstance(best.judged, Gated)
    assert outcomes(wrong)["dear"] == ("failed", True)
    for one, why in ((refused, "cheap did not pass"), (beaten, "another candidate ranks higher")):
        assert outcomes(one)["dear"] == ("skipped", True)
        assert not isinstance(one.judged, Gated)
        assert any(why in verdict.summary for verdict in one.verdicts)


def test_executed_lines_decide_between_equals(repo: GitRepo) -> None:
    """Of two that are equal in all else the one whose lines the tests run is shown, and the reason told."""
    note = Finding("tests/not-executed", Severity.NOTE, "no test runs what changes in line 2", "a.py", 2)
    dear = Dear({"2 * x": note})
    with sieve(repo, dear, TWICE, AFTER, LONGER) as made:
        made.settle(lambda: "")
        _, second, _ = made.tried
    assert len(dear.asked) == 2
    assert made.best == second
    found = Found(REQUEST, Base("", ""), any_rules(), made.tried, second, None, 3, 0, 0.0)
    assert explain(found)[1] == "why this one: the tests run more of it (0 places that none runs, against 1)"


def any_rules() -> Rules:
    return make_rules(Config(), Origin.MODEL, REQUEST.scope, ())


def test_once_the_time_is_over_one_candidate_is_still_gated(repo: GitRepo) -> None:
    """What the model was paid for is not lost: the best of it is gated, a second one is not."""
    dear = Dear({"return": Finding("dear/no", Severity.ERROR, "wrong")})
    with sieve(repo, dear, TWICE, LONGER) as made:
        made.settle(lambda: "the budget of 1 s is spent")
        assert made.best is None
    assert len(dear.asked) == 1
    assert "not asked: the budget of 1 s is spent" in [v.summary for v in made.tried[1].verdicts]


def test_a_repaired_answer_is_found(repo: GitRepo) -> None:
    """What lint says goes back, with the line that it is about, as a remark; the next answer passes."""
    found, heard = searched(repo, script(UNUSED, TWICE), Budget(repairs=2))
    assert found.best is not None
    assert (found.best.round, found.best.number) == (1, 2)
    [repair] = [sentence for sentence in heard.said if sentence.startswith("repair")]
    assert repair.startswith("repair 1 of 2: lint/F841 a.py:2; ")
    assert f"{heard.answers[0].answer_tokens} tokens, " in repair
    [remark] = found.request.remarks
    assert "a.py:2 lint/F841 Local variable `unused`" in remark
    assert "    in: unused = 2" in remark
    assert explain(found)[1] == "why this one: the only one that passed every gate"


@pytest.mark.parametrize(
    ("answers", "asked", "why"),
    [
        ((UNUSED, UNUSED), 2, "the answer repeats"),
        ((UNUSED, f"Well: {UNUSED}"), 2, "the answer repeats"),
        ((UNUSED, UNUSED_TOO, TWICE), 2, "the same findings again"),
        (("I cannot.", "What is this?", UNUSED, TWICE), 3, "2 of 2 are used up"),
        ((UNUSED,), 1, "has no answer to this prompt"),
    ],
)
def test_repair_ends_where_it_repeats_itself(
    repo: GitRepo, answers: tuple[str, ...], asked: int, why: str
) -> None:
    """The same text, tree or findings, the last round, or a model that cannot go on: it is said, and over."""
    found, heard = searched(repo, script(*answers), Budget(repairs=2))
    assert found.best is None
    assert found.again is not None
    assert found.answers == asked
    assert heard.said[-1].startswith("no further repair: ")
    assert why in heard.said[-1]


def test_without_repair_nothing_goes_back(repo: GitRepo) -> None:
    """`repairs=0` asks once, and leaves it to the person to ask again."""
    found, heard = searched(repo, script(UNUSED, TWICE), Budget(repairs=0))
    assert (found.answers, found.best) == (1, None)
    assert found.again is not None
    assert not any("repair" in sentence for sentence in heard.said)


def test_what_no_answer_mends_is_not_repaired(repo: GitRepo) -> None:
    """A gate that could not answer is the person's to mend: nothing is asked again, nor offered to be."""
    repo.commit({"codegate.toml": '[tests]\ncommand = ["no-such-program"]\n'})
    found, heard = searched(repo, script(TWICE, AFTER), Budget(repairs=2))
    assert [v.outcome for v in heard.verdicts if v.gate == "tests"] == [Outcome.BROKEN]
    assert (found.answers, found.best, found.again) == (1, None, None)


@pytest.mark.parametrize(
    "answer",
    [
        "spam " * 40_000,
        "```python\ndef double(x):",
        "Ich verstehe die Frage nicht.",
        "say it by a product\nRewrite `double`: say it by a product",
        "",
        "```rust\nfn double(x: i32) -> i32 { 2 * x }\n```",
    ],
    ids=["loops", "stops short", "another language", "repeats the prompt", "says nothing", "another grammar"],
)
def test_an_answer_that_is_none_costs_its_budget_and_no_more(repo: GitRepo, answer: str) -> None:
    """Whatever a model does instead of answering, it is asked so often, writes so much, and no gate runs."""
    model = Scripted([Line(f"{answer}{' ' * number}") for number in range(20)])
    found, heard = searched(repo, model, Budget(candidates=2, repairs=2, tokens=600))
    assert found.best is None
    assert found.tokens <= 600
    assert found.answers <= 6
    assert heard.verdicts == []


def test_tokens_are_a_hard_bound(repo: GitRepo) -> None:
    """No more is asked for at once than there is room for at worst; the last one is cut at what is left."""
    found, heard = searched(repo, script(*["blah " * 200] * 20), Budget(candidates=8, repairs=5, tokens=800))
    assert found.tokens == 800
    assert [answer.answer_tokens for answer in heard.answers] == [334, 334, 132]
    assert heard.said[-1] == "no further repair: the budget of 800 tokens is spent"


class Endless(Session):
    """A model that answers once, and then writes for ever."""

    def __init__(self, *answers: str) -> None:
        self.identity = ModelIdentity("endless", "test")
        self.context_tokens = 8192
        self._answers = list(answers)

    def count(self, text: str) -> int:
        return len(text) // 3

    def generate(
        self,
        prompt: Prompt,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        on_text: Callable[[str], None] | None = None,
    ) -> Proposal:
        assert on_text is not None
        while not self._answers:
            on_text("spam ")
            time.sleep(0.01)
        return Proposal(self._answers.pop(0), self.identity, prompt.sha256)


def test_an_answer_without_end_is_stopped_when_the_time_is_over(repo: GitRepo) -> None:
    """Without any answer that is an error that says how to give it more; with one, that one is gated."""
    started = time.monotonic()
    with pytest.raises(ModelError, match=r"budget of 0\.5 s is spent"):
        searched(repo, Endless(), Budget(seconds=0.5))
    assert time.monotonic() - started < 30
    found, _ = searched(repo, Endless(TWICE), Budget(candidates=3, seconds=1))
    assert found.best is not None
    assert found.answers == 1


def test_a_model_that_fails_halfway_loses_no_answer(repo: GitRepo) -> None:
    """What came before is gated and shown; a model that fails at once is an error as ever."""
    found, _ = searched(repo, script(UNUSED, TWICE), Budget(candidates=4))
    assert found.best is not None
    assert found.best.number == 2
    with pytest.raises(ModelError):
        searched(repo, script(), Budget(candidates=4))


@given(st.text(), st.none() | st.text(max_size=5000))
def test_what_is_quoted_is_bounded_and_escaped(message: str, path: str | None) -> None:
    """Whatever a finding holds, no control or invisible character of it goes into a prompt, nor very much."""
    context = Context((), (), "symbol", 1)
    asked = Asked(Base("", ""), context, Proposal("", ModelIdentity("m", "test"), ""))
    refusal = PatchRefused("answer/malformed", message * 50, path=path)
    said = quote([Tried(Reading(asked, None, refusal), 0, 1)], lambda blobs: {})
    assert said is not None
    assert len(said.text) <= 1500
    assert not any(is_hidden(c) for c in said.text if c not in "\n\t")
