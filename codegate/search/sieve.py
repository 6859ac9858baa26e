"""Answers before the gates: equal ones once, the cheap gates first, the dear ones for what is left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from codegate.core import Outcome, Request, Verdict
from codegate.gating import OnVerdict, answers
from codegate.pipeline import Asked, Project, decide, read
from codegate.search.tried import Tried, is_passed, rank
from codegate.workspace import Workspace

if TYPE_CHECKING:
    from codegate.gates import Gate, Rules


class Sieve:
    """Takes answers as they come, and knows what became of each. No tree is gated twice.

    A gate that runs what it judges (`is_jailer`) is dear: it is asked only of what passed all the others.
    """

    def __init__(self, project: Project, gates: Sequence[Gate], rules: Rules, on_verdict: OnVerdict) -> None:
        self._project = project
        self._gates = gates
        self._dear = [gate for gate in gates if getattr(gate, "is_jailer", False)]
        self._cheap = [gate for gate in gates if gate not in self._dear]
        self._rules = rules
        self._on_verdict = on_verdict
        self._tried: dict[str, Tried] = {}
        self._keys: dict[str, str] = {}
        self.count = 0

    @property
    def tried(self) -> tuple[Tried, ...]:
        """The answers that are unlike each other, in the order in which they came."""
        return tuple(self._tried.values())

    @property
    def best(self) -> Tried | None:
        """What ranks first of that which passed every gate."""
        return min((one for one in self.tried if one.passed), key=rank, default=None)

    @property
    def is_waiting(self) -> bool:
        """Say whether there is something that the dear gates have yet to be asked of."""
        return any(_waits(one) for one in self.tried)

    def take(self, request: Request, asked: Asked, turn: int) -> tuple[Tried, bool]:
        """Return what became of an answer so far, and whether it is new: of new ones the cheap gates tell."""
        self.count += 1
        text = asked.proposal.text
        key, is_new = self._keys.get(text), False
        if key is None:
            reading = read(self._project, request, asked)
            key = self._keys[text] = reading.candidate.tree if reading.candidate else f"no tree: {text}"
            if is_new := key not in self._tried:
                self._tried[key] = self._sifted(Tried(reading, turn, self.count))
        if not is_new:
            self._tried[key] = replace(self._tried[key], agreed=self._tried[key].agreed + 1)
        return self._tried[key], is_new

    def settle(self, spent: Callable[[], str]) -> None:
        """Ask the dear gates of what is left, the best first, until nothing left could rank before the best.

        Once `spent` says something no second one is asked.
        """
        waiting = sorted(((one, key) for key, one in self._tried.items() if _waits(one)), key=_rank)
        for place, (one, key) in enumerate(waiting):
            why = "another candidate ranks higher" if self._is_beaten(one) else spent() if place else ""
            more = self._unasked(why) if why else self._ask(self._dear, one)
            self._tried[key] = self._judged(one, (*one.verdicts, *more))

    def _sifted(self, one: Tried) -> Tried:
        """Return an answer with what the cheap gates say of it, and its end if that is a no."""
        if one.reading.candidate is None:
            return one
        verdicts = self._ask(self._cheap, one)
        against = [v.gate for v in verdicts if not is_passed(v)]
        if not against:
            return replace(one, verdicts=tuple(verdicts))
        why = f"{' and '.join(against)} did not pass"
        return self._judged(one, (*verdicts, *self._unasked(why)))

    def _is_beaten(self, one: Tried) -> bool:
        return self.best is not None and rank(self.best) < rank(one)

    def _ask(self, gates: Sequence[Gate], one: Tried) -> list[Verdict]:
        assert one.reading.candidate is not None
        workspace = Workspace(self._project.repository, self._project.stage, one.reading.candidate)
        return answers(gates, workspace, self._rules, self._on_verdict)

    def _unasked(self, why: str) -> list[Verdict]:
        """Return the word of the dear gates where they were not asked: it is required, and it is no yes."""
        return [Verdict(gate.name, Outcome.SKIPPED, True, f"not asked: {why}") for gate in self._dear]

    def _judged(self, one: Tried, verdicts: Sequence[Verdict]) -> Tried:
        assert one.reading.candidate is not None
        judged = decide(one.reading.candidate, self._gates, verdicts, self._rules)
        return replace(one, verdicts=judged.verdicts, judged=judged)


def _waits(one: Tried) -> bool:
    return one.reading.candidate is not None and one.judged is None


def _rank(waiting: tuple[Tried, str]) -> tuple[float, ...]:
    return rank(waiting[0])
