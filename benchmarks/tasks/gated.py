"""A task asked as `codegate suggest` asks, with a recipe and all gates, in the library's own repository."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from benchmarks.tasks.checking import Desk
from benchmarks.tasks.editing import Files, definition_text
from benchmarks.tasks.result import Result
from benchmarks.tasks.start import started
from benchmarks.tasks.task import Task
from benchmarks.tasks.way import Wanted, Way
from codegate.core import Gated, Origin, Outcome, Patch, Proposal, Request, Severity, Target, Verdict
from codegate.errors import ModelError, UsageError
from codegate.models import Model
from codegate.pipeline import Project, gate, open_project, plan
from codegate.search import Found, Tried, rank, search


def ask_gated(desk: Desk, task: Task, model: Model, way: Way) -> Result:
    """Return what came of a task. Raises Wanted where there is no recipe of its family."""
    with started(desk, task) as top, open_project(top) as project:
        return _asked(desk, task, project, model, way)


def _asked(desk: Desk, task: Task, project: Project, model: Model, way: Way) -> Result:
    asked = (model.identity.id, way.name, task.id, task.family)
    request = _request(desk, task, project, way)
    _warm(project)
    quiet, began = Quiet(), time.monotonic()
    try:
        planned = plan(project, request)
        found = search(project, planned, model, way.budget, quiet, lambda context, request: None)
    except (UsageError, ModelError) as error:  # the recipe does not fit, or there is no answer
        return Result(*asked, said=error.message, seconds=time.monotonic() - began)
    seconds = time.monotonic() - began
    best = found.best or min(found.tried, key=rank)
    after = _files(project, best)
    fault = desk.fault(task, after) if after is not None else ""
    return Result(
        *asked, answers=found.answers, accepted=found.best is not None,
        readable=sum(one.agreed for one in found.tried if one.reading.candidate is not None),
        right=found.best is not None and not fault,
        refused_right=found.best is None and after is not None and not fault,
        said=_why(found, best) or fault, seconds=seconds, tokens=found.tokens,
        model_seconds=quiet.seconds, text=_text(best),
    )  # fmt: skip


def refused_reference(desk: Desk, task: Task) -> str:
    """Return what the gates say against a task's right answer, as one of the free recipe; "" if nothing."""
    with started(desk, task) as top, open_project(top) as project:
        before, right = desk.prepared(task), desk.reference(task)
        changed = {path: text.encode() for path, text in right.items() if before.get(path) != text}
        base = project.stage.snapshot(project.repository.head(), [])
        targets = tuple(Target(path) for path in changed)
        scope = project.scope(Request(task.instruction, targets), base.commit)
        gates, rules = project.rules(base.commit, Origin.MODEL, scope)
        judged = gate(project, project.stage.stage(base, Patch(files=changed)), gates, rules)
    return "" if isinstance(judged, Gated) else _said(judged.verdicts)


def _request(desk: Desk, task: Task, project: Project, way: Way) -> Request:
    """Return the request of a way."""
    at = Target(task.writes) if task.writes else task.at
    if way.mode == "symbol":
        instruction = task.instruction
        if task.writes:  # the free recipe shows targets, and this one does not exist yet
            text = definition_text(desk.prepared(task)[task.at.path], task.at.symbol)
            instruction = f"{instruction} It is in `{task.at.path}`:\n\n{text}"
        return Request(instruction, (at,))
    shelf = project.shelf(project.repository.head())
    if task.recipe not in shelf.names():
        raise Wanted(task.recipe)
    return Request(task.instruction, (at,), task.recipe, task.asked_inputs)


def _warm(project: Project) -> None:
    """Have the tests of the base run before the clock does, as those of a base that was seen before."""
    base = project.stage.snapshot(project.repository.head(), [])
    gates, rules = project.rules(
        base.commit, Origin.PERSON, project.scope(Request("", ()), base.commit), ["tests"]
    )
    candidate = project.stage.stage(base, Patch(files={"warm_new.txt": b"warm\n"}, origin=Origin.PERSON))
    gate(project, candidate, gates, rules)


def _files(project: Project, one: Tried) -> Files | None:
    if one.reading.candidate is None:
        return None
    changed = {c.path: c.new_blob for c in one.reading.candidate.changes if c.new_blob is not None}
    blobs = project.stage.blobs(changed.values())
    return {path: blobs[blob].decode("utf-8", "replace") for path, blob in changed.items()}


def _why(found: Found, best: Tried) -> str:
    """Return why nothing was accepted, by the rules of the best answer; "" if something was."""
    if found.best is not None:
        return ""
    if (refusal := best.reading.refusal) is not None:
        return f"{refusal.rule}: {refusal.message}"
    return f"refused: {_said(best.verdicts)}"


def _text(best: Tried) -> str:
    """Return what to look at to see what went wrong: the diff, or the answer that amounts to none."""
    candidate = best.reading.candidate
    return (
        best.reading.asked.proposal.text if candidate is None else candidate.diff.decode("utf-8", "replace")
    )


def _said(verdicts: Iterable[Verdict]) -> str:
    """Return the gates that are broken, and the errors of the others."""
    told = tuple(verdicts)
    broken = [f"{v.gate}: {v.summary}" for v in told if v.outcome is Outcome.BROKEN]
    errors = [f"{f.rule} {f.message}" for v in told for f in v.findings if f.severity is Severity.ERROR]
    return "; ".join([*broken, *errors])[:300] or "no rule is named"


class Quiet:
    """Hears a search and says nothing of it; keeps how long the model wrote."""

    def __init__(self) -> None:
        self.seconds = 0.0

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        yield

    @contextmanager
    def writing(self, model: str) -> Iterator[Quiet]:
        started = time.monotonic()
        yield self
        self.seconds += time.monotonic() - started

    def __call__(self, text: str) -> None: ...

    def tell(self, proposal: Proposal) -> None: ...

    def answered(self, verdict: Verdict) -> None: ...

    def say(self, sentence: str) -> None: ...
