"""The flow, read once from left to right: nothing flows back.

    Request → gather → Context → render → Prompt → generate → Proposal
    ═══ untrusted: nothing below reads the model's text except parse ═══
    parse → Patch → stage → Candidate → open → Workspace → run gates → Verdicts → judge → Judged

What follows a `Gated` (review, apply) belongs to the person and to `codegate.apply`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from codegate.answer import parse
from codegate.config import Config, load
from codegate.context import Context, gather, render
from codegate.core import (
    Base,
    Candidate,
    Judged,
    Origin,
    Outcome,
    Proposal,
    Request,
    Scope,
    Verdict,
    judge,
)
from codegate.errors import CodegateError, PatchRefused
from codegate.gates import Gate, Rules, load_gates, make_rules
from codegate.models import Model
from codegate.recipes import load_recipe
from codegate.repo import Repository, Stage
from codegate.workspace import Workspace

OnVerdict = Callable[[Verdict], None]


@dataclass(frozen=True)
class Project:
    """A repository with a private stage: what every step of the flow reads, and none writes."""

    repository: Repository
    stage: Stage

    def config(self, commit: str) -> Config:
        """Return the configuration of a commit: the rules a candidate is judged by come from its base."""
        tree = self.repository.tree(commit)
        return load(lambda path: self.repository.read(tree, path))

    def reader(self, base: Base) -> Callable[[str], bytes | None]:
        """Return a function that reads a file of the base, the user's uncommitted text included."""
        return lambda path: self.stage.read(base.tree, path)


@contextmanager
def open_project(start: Path) -> Iterator[Project]:
    """Yield the repository around `start` and a stage that is gone afterwards."""
    repository = Repository.discover(start)
    with Stage(repository) as stage:
        yield Project(repository, stage)


@dataclass(frozen=True)
class Asked:
    """A model's answer to a request, unread, with what it was shown."""

    base: Base
    context: Context
    proposal: Proposal


@dataclass(frozen=True)
class Attempt:
    """One answer and what became of it: judged, or refused before it could be."""

    asked: Asked
    judged: Judged | None
    refusal: PatchRefused | None = None
    notes: tuple[str, ...] = ()


def prepare(project: Project, request: Request, model: Model) -> tuple[Base, Context]:
    """Return the base of a request, and what a model is shown of it within its window."""
    base = project.stage.snapshot(project.repository.head(), [t.path for t in request.targets])
    return base, gather(request, project.reader(base), model.count, model.context_tokens)


def ask(
    request: Request,
    base: Base,
    context: Context,
    model: Model,
    *,
    temperature: float = 0.0,
    seed: int = 0,
    on_text: Callable[[str], None] | None = None,
) -> Asked:
    """Return the model's answer to a request, as it came."""
    prompt = render(context, load_recipe(request.recipe), request)
    return Asked(base, context, model.generate(prompt, temperature=temperature, seed=seed, on_text=on_text))


def attempt(
    project: Project,
    request: Request,
    asked: Asked,
    gates: Sequence[Gate],
    rules: Rules,
    on_verdict: OnVerdict,
) -> Attempt:
    """Return what became of an answer. It is read here, by `parse`, and by nothing that comes after."""
    try:
        patch = parse(asked.proposal, request, asked.context, project.reader(asked.base))
        candidate = project.stage.stage(asked.base, patch)
    except PatchRefused as refusal:
        return Attempt(asked, None, refusal)
    return Attempt(asked, gate(project, candidate, gates, rules, on_verdict), notes=patch.notes)


def gate(
    project: Project,
    candidate: Candidate,
    gates: Sequence[Gate],
    rules: Rules,
    on_verdict: OnVerdict = lambda _: None,
) -> Judged:
    """Return the decision of all gates about a candidate. They run at once and cannot see each other."""
    workspace = Workspace(project.repository, project.stage, candidate)
    with ThreadPoolExecutor(max_workers=len(gates) or 1, thread_name_prefix="gate") as pool:
        verdicts = list(pool.map(lambda g: _answer(g, workspace, rules, on_verdict), gates))
    required = frozenset(g.name for g in gates) - {v.gate for v in verdicts if v.outcome is Outcome.SKIPPED}
    return judge(candidate, verdicts, required, rules.sha256)


def rules_of(config: Config, origin: Origin, scope: Scope) -> tuple[list[Gate], Rules]:
    """Return the gates that a base's configuration asks for, and the rules they judge by."""
    gates = load_gates(config)
    return gates, make_rules(config, origin, scope, gates)


def chosen(gates: Sequence[Gate], names: Sequence[str]) -> list[Gate]:
    """Return the gates of these names in the order a person reads them; all of them where none is named."""
    known = {g.name: g for g in gates}
    for name in names:
        if name not in known:
            raise CodegateError(f"there is no gate “{name}”", f"known here: {', '.join(known)}")
    return [g for g in gates if not names or g.name in names]


def _answer(gate: Gate, workspace: Workspace, rules: Rules, on_verdict: OnVerdict) -> Verdict:
    started = time.monotonic()
    try:
        verdict = gate.judge(workspace, rules)
    except CodegateError as error:
        verdict = Verdict(
            gate.name,
            Outcome.BROKEN,
            True,
            f"{error.message} ({error.hint})" if error.hint else error.message,
        )
    except Exception as error:  # a gate that crashes is broken, and the other gates still answer
        verdict = Verdict(gate.name, Outcome.BROKEN, True, f"crashed: {type(error).__name__}: {error}")
    verdict = replace(verdict, seconds=time.monotonic() - started)
    on_verdict(verdict)
    return verdict
