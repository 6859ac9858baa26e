"""One task put to one model in one way, and what came of it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Final, Literal

from benchmarks.projects import git
from benchmarks.tasks.checking import Desk
from benchmarks.tasks.editing import Files, definition_text
from benchmarks.tasks.result import Result
from benchmarks.tasks.task import Task
from codegate.answer import parse
from codegate.context import Context
from codegate.core import (
    Gated,
    Message,
    Origin,
    Outcome,
    Patch,
    Prompt,
    Proposal,
    Request,
    Severity,
    Target,
    Verdict,
)
from codegate.errors import ModelError, PatchRefused, UsageError
from codegate.models import Model
from codegate.pipeline import Project, gate, open_project, plan
from codegate.search import Budget, Found, Tried, search

Mode = Literal["rules", "free", "symbol", "recipe"]
MODES: Final[tuple[Mode, ...]] = ("rules", "free", "symbol", "recipe")
_PYTEST: Final = ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir=.")
_TESTS_SECONDS: Final = 300
# Room for the answer beside the prompt, as the free chat of a bare model gets it.
_FREE_TOKENS: Final = 3000


class Wanted(Exception):
    """There is no recipe of the task's family in this codegate."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a model is asked: bare, by the free recipe, by the family's; with how many answers and repairs."""

    mode: Mode
    candidates: int = 1

    @property
    def name(self) -> str:
        return self.mode if self.candidates == 1 else f"{self.mode} ×{self.candidates}"

    @property
    def budget(self) -> Budget:
        """One greedy answer and no more, or several with the repairs that codegate itself allows."""
        return Budget(candidates=1, repairs=0) if self.candidates == 1 else Budget(self.candidates)


def warm_up(model: Model) -> None:
    """Have a model loaded before the clock runs."""
    if model.identity.kind in ("local", "remote"):
        model.generate(Prompt((Message("user", "Say yes."),), 1), temperature=0.0, seed=0)


def attempt(desk: Desk, task: Task, model: Model, way: Way) -> Result:
    """Return what came of a task. Raises Wanted where the way needs a recipe that does not exist.

    The clock runs from the request to the decision, with a model that is loaded and a base whose tests were
    run; the hidden check is asked afterwards.
    """
    if way.mode == "free":
        return _bare(desk, task, model, way)
    with _checkout(desk, task) as top, open_project(top) as project:
        return _gated(desk, task, project, model, way)


# Bare: one chat, the whole text, no recipe and no gate. What can be read of the answer is applied.


def _bare(desk: Desk, task: Task, model: Model, way: Way) -> Result:
    files = desk.prepared(task)
    shown = definition_text(files[task.at.path], task.at.symbol)
    at = Target(task.writes) if task.writes else task.at
    old = files.get(at.path) or desk.read(task, at.path)
    context = Context((), (), "symbol" if at.symbol else "file", _FREE_TOKENS)
    started = time.monotonic()
    room = max(256, min(_FREE_TOKENS, model.context_tokens - model.count(shown) - 400))
    prompt = Prompt((Message("user", _chat(task, at, shown)),), room)
    try:
        proposal = model.generate(prompt, temperature=0.0, seed=0)
    except ModelError as error:
        return _result(task, model, way, said=error.message, seconds=time.monotonic() - started)
    try:
        request = Request(task.instruction, (at,))
        patch = parse(
            proposal, request, context, lambda path: old.encode() if path == at.path and old else None
        )
    except PatchRefused as refusal:
        said, after = f"{refusal.rule}: {refusal.message}", None
    else:
        said, after = "", {path: data.decode() for path, data in (patch.files or {}).items()}
    seconds = time.monotonic() - started
    fault = desk.fault(task, after) if after is not None else ""
    return _result(
        task, model, way, answers=1, readable=int(after is not None), accepted=after is not None,
        right=after is not None and not fault, said=said or fault, seconds=seconds,
        tokens=_written(model, proposal), model_seconds=proposal.seconds, text=_told(after, proposal),
    )  # fmt: skip


def _chat(task: Task, at: Target, shown: str) -> str:
    language = "python" if task.at.path.endswith(".py") else "text"
    title = f"Here is `{task.at.symbol or task.at.path}` of `{task.at.path}`:"
    quoted = f"{title}\n\n```{language}\n{shown.rstrip()}\n```\n"
    what = f"file `{at.path}`" if task.writes else f"text of `{at.symbol or at.path}`"
    return f"{quoted}\n{task.instruction}\nAnswer with the whole new {what} in one code block."


# Gated: as `codegate suggest` asks, in the library's own repository.


@contextmanager
def _checkout(desk: Desk, task: Task) -> Iterator[Path]:
    """Yield a repository of the library with a commit on top: the task's files, and the rules."""
    with desk.shelf.workplace(desk.libraries[task.library]) as top:
        _lay_out(desk, task, top)
        yield top


def _lay_out(desk: Desk, task: Task, top: Path) -> None:
    git(top, "checkout", "-q", "--force", "--detach", "library")
    git(top, "clean", "-fdq")
    for path, text in (desk.prepared(task) | {"codegate.toml": _rules(desk, task, top)}).items():
        if text or (top / path).exists():
            (top / path).parent.mkdir(parents=True, exist_ok=True)
            (top / path).write_text(text, "utf-8")
    git(top, "add", "-A", "-f")
    git(top, "commit", "-q", "-m", "what the task starts from")


def _rules(desk: Desk, task: Task, at: Path) -> str:
    """Return the configuration of the base: the library's tests that are about the target, and new ones."""
    tests = list(task.tests) or _tests_of(at, task)
    sources = f"{at / desk.libraries[task.library].source}:{at}"
    folders = sorted(
        {str(PurePosixPath(path).parent) for path in [*tests, *([task.writes] if task.writes else [])]}
    )
    names = " ".join(PurePosixPath(path).name for path in [*tests, task.writes] if path)
    command = [
        str(desk.shelf.python), *_PYTEST, "-o", f"python_files={names}", "--import-mode=importlib", *folders,
    ]  # fmt: skip
    if not tests:
        command = [str(desk.shelf.python), "-c", "pass"]
    return (
        f"[tests]\ncommand = {json.dumps(command)}\ntimeout = {_TESTS_SECONDS}\n"
        f"env = {{ PYTHONPATH = {json.dumps(sources)} }}\n"
    )


def _tests_of(top: Path, task: Task) -> list[str]:
    """Return the test file that is named after the target's, or the target itself where it is one."""
    path = PurePosixPath(task.at.path)
    if path.name.startswith("test_"):
        return [str(path)]
    stem = path.stem.strip("_")
    listed = subprocess.run(["git", "ls-files", f"*test_{stem}.py"], cwd=top, text=True, capture_output=True)
    return listed.stdout.split()[:1]


def _gated(desk: Desk, task: Task, project: Project, model: Model, way: Way) -> Result:
    request = _request(desk, task, project, way)
    quiet = Quiet()
    _warm(project, request)
    started = time.monotonic()
    try:
        planned = plan(project, request)
        found = search(project, planned, model, way.budget, quiet, lambda context, request: None)
    except (UsageError, ModelError) as error:  # the recipe does not fit, or there is no answer
        return _result(task, model, way, said=error.message, seconds=time.monotonic() - started)
    seconds = time.monotonic() - started
    best = found.best or min(found.tried, key=lambda one: one.reading.candidate is None, default=None)
    after = _files(project, best) if best is not None else None
    fault = desk.fault(task, after) if after is not None else ""
    readable = sum(one.agreed for one in found.tried if one.reading.candidate is not None)
    return _result(
        task, model, way, answers=found.answers, readable=readable,
        accepted=found.best is not None, right=found.best is not None and not fault,
        refused_right=found.best is None and after is not None and not fault,
        said=_why(found, best) or fault, seconds=seconds, tokens=found.tokens, model_seconds=quiet.seconds,
        text=_told(after, quiet.last),
    )  # fmt: skip


def refused_reference(desk: Desk, task: Task) -> str:
    """Return what the gates say against a task's right answer, as one of the free recipe; "" if nothing."""
    with _checkout(desk, task) as top, open_project(top) as project:
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


def _warm(project: Project, request: Request) -> None:
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


def _why(found: Found, best: Tried | None) -> str:
    """Return why nothing was accepted, by the rules of the best answer; "" if something was."""
    if found.best is not None or best is None:
        return "" if best is not None else "no answer"
    if (refusal := best.reading.refusal) is not None:
        return f"{refusal.rule}: {refusal.message}"
    return f"refused: {_said(best.verdicts)}"


def _said(verdicts: Iterable[Verdict]) -> str:
    """Return the gates that are broken, and the errors of the others."""
    told = tuple(verdicts)
    broken = [f"{v.gate}: {v.summary}" for v in told if v.outcome is Outcome.BROKEN]
    errors = [f"{f.rule} {f.message}" for v in told for f in v.findings if f.severity is Severity.ERROR]
    return "; ".join([*broken, *errors])[:300] or "no rule is named"


def _written(model: Model, proposal: Proposal) -> int:
    return model.count(proposal.text) if proposal.answer_tokens is None else proposal.answer_tokens


def _told(after: Files | None, proposal: Proposal | None) -> str:
    """Return what a person would look at to see what went wrong: the answer as it came."""
    return "" if proposal is None else proposal.text[:4000]


def _result(task: Task, model: Model, way: Way, said: str, seconds: float, **more: Any) -> Result:
    return Result(
        model.identity.id, way.name, task.id, task.family, said=said, seconds=round(seconds, 3), **more
    )


class Quiet:
    """Hears a search and says nothing of it; keeps how long the model wrote, and its last answer."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.last: Proposal | None = None

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        yield

    @contextmanager
    def writing(self, model: str) -> Iterator[Quiet]:
        started = time.monotonic()
        yield self
        self.seconds += time.monotonic() - started

    def __call__(self, text: str) -> None: ...

    def tell(self, proposal: Proposal) -> None:
        self.last = proposal

    def answered(self, verdict: Verdict) -> None: ...

    def say(self, sentence: str) -> None: ...
