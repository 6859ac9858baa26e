"""The search: answers are asked for, the best is found, and what was found of the others goes back.

Nothing flows back in the flow itself: what is asked again is a new Request, with a remark.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Final, Protocol

from codegate.core import Origin, Proposal, Request, Sampling, Verdict
from codegate.errors import ModelError, UsageError
from codegate.models.session import Stage, Watcher
from codegate.pipeline import Asked, Plan, Project, ask, plan, prepare
from codegate.search.budget import Budget, Purse, SpentError
from codegate.search.quoting import Quote, quote
from codegate.search.sieve import Sieve
from codegate.search.tried import Found

if TYPE_CHECKING:
    from codegate.context import Context
    from codegate.models import Model

# The first answer is the likeliest one; more of them are worth their time only if they differ.
_HOTTER: Final = 0.3
_HOTTEST: Final = 0.9
_MORE: Final = "give it more: `--budget` has the seconds, `--tokens` what may be written"

Consent = Callable[["Context", Request], None]


@dataclass(frozen=True, slots=True)
class _Ear:
    """What a model is given to tell its text and, if it can, how far it is."""

    hear: Callable[[str], None]
    reach: Callable[[Stage], None]

    def __call__(self, text: str) -> None:
        self.hear(text)


class Writing(Protocol):
    """Hears an answer while it is written, and is told when it is there."""

    def __call__(self, text: str) -> None: ...

    def tell(self, proposal: Proposal) -> None: ...


class Watch(Protocol):
    """Hears what is happening in a search."""

    def waiting(self, what: str) -> AbstractContextManager[None]: ...

    def writing(self, model: str) -> AbstractContextManager[Writing]: ...

    def answered(self, verdict: Verdict) -> None: ...

    def say(self, sentence: str) -> None: ...


def search(
    project: Project, planned: Plan, model: Model, budget: Budget, watch: Watch, consent: Consent
) -> Found:
    """Return the best answer to a request within a budget, and what became of the others.

    What needs no model has one answer, and so has what rules alone are asked.

    `consent` is called with what a model is about to be shown, and raises to keep it from being shown. Raises
    ModelError where no answer is to be had; once there is one, that ends the search only.
    """
    if not planned.needs_model or model.identity.kind == "rules":
        budget = Budget(candidates=1, repairs=0)
    return _Search(project, planned, model, budget, watch, consent).run()


class _Search:
    def __init__(
        self, project: Project, planned: Plan, model: Model, budget: Budget, watch: Watch, consent: Consent
    ) -> None:
        self._project, self._planned, self._model = project, planned, model
        self._budget, self._watch, self._consent = budget, watch, consent
        self._purse = Purse(budget)
        self._quoted: set[frozenset[tuple[str, str, str]]] = set()
        self._round = 0
        self._over = ""

    def run(self) -> Found:
        base, request = self._planned.base, self._planned.request
        with self._watch.waiting("reading the repository"):
            context = prepare(self._project, self._planned, self._model)
            scope = self._project.scope(request, base.commit)
            gates, rules = self._project.rules(base.commit, Origin.MODEL, scope)
        for path in context.omitted:
            self._watch.say(f"  left out of the prompt for want of room: {path}")
        for path in context.kept.withheld:
            self._watch.say(f"  left out of the prompt, since it stays on this machine: {path}")
        self._sieve = sieve = Sieve(self._project, gates, rules, self._watch.answered)
        self._answer(context)
        if not sieve.count:
            raise ModelError(f"{self._over or self._purse.spent()}, and there is no answer yet", _MORE)
        again = self._repaired()
        return Found(
            self._planned.request, base, rules, sieve.tried, sieve.best, again,
            sieve.count, self._purse.tokens, self._purse.seconds,
        )  # fmt: skip

    def _repaired(self) -> Request | None:
        """Ask again with what was found while that may help; return what could be asked after that."""
        again: Request | None = None
        said: Quote | None = None
        while self._sieve.best is None:
            if fresh := [one for one in self._sieve.tried if one.round == self._round]:
                said = quote(fresh, self._project.stage.blobs)
                again = _remarked(self._planned.request, said) if said else None
            if said is None or again is None:
                return None
            if why := self._ends(said, bool(fresh)):
                if self._budget.repairs:
                    self._watch.say(f"no further repair: {why}")
                return again
            self._repair(again, said)
        return again

    def _ends(self, said: Quote, is_fresh: bool) -> str:
        """Say why no repair follows; nothing where one may help."""
        if self._round == self._budget.repairs:
            return f"{self._round} of {self._budget.repairs} are used up"
        if why := self._over or self._purse.spent():
            return why
        if not is_fresh:
            return "the answer repeats"
        return "the same findings again" if said.errors in self._quoted else ""

    def _repair(self, again: Request, said: Quote) -> None:
        self._quoted.add(said.errors)
        self._round += 1
        self._watch.say(
            f"repair {self._round} of {self._budget.repairs}: {said.summary}; {self._purse} spent"
        )
        try:
            planned = plan(self._project, again, self._planned.base)
            context = prepare(self._project, planned, self._model)
        except UsageError as error:  # there is no room for what was found
            self._over = error.message
            return
        self._planned = planned
        self._answer(context)

    def _answer(self, context: Context) -> None:
        """Take the answers of one round, and ask the dear gates of those that are left of them.

        Once there are answers a model that cannot go on, or may not, ends the search but loses none of them.
        """
        try:
            self._consent(context, self._planned.request)
            self._take_all(context)
        except SpentError as spent:
            self._over = str(spent)
        except ModelError as error:
            if not self._sieve.count:
                raise
            self._over = error.message
        if self._sieve.is_waiting:
            with self._watch.waiting("asking the gates that run it"):
                self._sieve.settle(self._purse.spent)

    def _take_all(self, context: Context) -> None:
        left = self._samplings()
        while left and not self._purse.spent():
            batch = left[: self._purse.affords(len(left), context.max_tokens)]
            del left[: len(batch)]
            asked = ask(
                self._planned, context, self._model, batch,
                max_tokens=self._purse.tokens_left, on_text=_Ear(self._hear, self._reach),
            )  # fmt: skip
            for _ in batch:
                with self._watch.writing(self._model.identity.id) as self._writing:
                    one = next(asked, None)
                if one is None:
                    raise ModelError(f"{self._model.identity.id} gave fewer answers than were asked for")
                self._take(one)
                if self._purse.is_late:
                    return

    def _samplings(self) -> list[Sampling]:
        """Return how each answer of a round is drawn: the first greedy, the others at rising temperature."""
        most = self._budget.candidates
        step = (_HOTTEST - _HOTTER) / most
        heats = [0.0, *(_HOTTER + step * number for number in range(1, most))]
        return [Sampling(heat, self._round * most + number) for number, heat in enumerate(heats)]

    def _reach(self, stage: Stage) -> None:
        self._purse.hear()
        if isinstance(self._writing, Watcher):
            self._writing.reach(stage)

    def _hear(self, text: str) -> None:
        self._purse.hear()
        if text:  # an empty one says only that the prompt is being read
            self._writing(text)

    def _take(self, asked: Asked) -> None:
        written = asked.proposal.answer_tokens
        self._purse.pay(self._model.count(asked.proposal.text) if written is None else written)
        self._writing.tell(asked.proposal)
        with self._watch.waiting("gating the answer"):
            one, is_new = self._sieve.take(self._planned.request, asked, self._round)
        if not is_new:
            self._watch.say(f"  the same as answer {one.number}: not gated again")
        elif (refusal := one.reading.refusal) is not None:
            self._watch.say(f"  refused: {refusal.rule}: {refusal.message}")


def _remarked(request: Request, said: Quote) -> Request:
    return replace(request, remarks=(*request.remarks, said.text))
