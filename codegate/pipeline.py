"""The flow, read once from left to right: nothing flows back.

    Request → plan → Plan → gather → Context → render → Prompt → generate → Proposal
    ═══ untrusted: nothing below reads the model's text except parse ═══
    read: parse → Patch → stage → Candidate; gate: open → Workspace → run gates → Verdicts → judge → Judged

What follows a `Gated` (review, apply) belongs to the person and to `codegate.apply`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING

from codegate.config import Config, load
from codegate.core import (
    Base,
    Candidate,
    Judged,
    Origin,
    Outcome,
    Patch,
    Proposal,
    Request,
    Sampling,
    Scope,
    Target,
    Verdict,
    judge,
)
from codegate.errors import CodegateError, PatchRefused
from codegate.gates import Gate, Rules, load_gates, make_rules
from codegate.gating import OnVerdict, answers
from codegate.repo import Repository, Stage, git_version
from codegate.store import Store
from codegate.workspace import Workspace

if TYPE_CHECKING:
    from codegate.context import Context
    from codegate.models import Model
    from codegate.recipes import Draft, Recipe, Shelf


class Project:
    """A repository with a private stage and its working state: what every step of the flow reads."""

    def __init__(self, repository: Repository, closing: ExitStack) -> None:
        self.repository = repository
        self.stage = closing.enter_context(Stage(repository))
        self._closing = closing

    @cached_property
    def store(self) -> Store:
        """The working state beside the repository, opened when it is first needed."""
        return self._closing.enter_context(Store(self.repository.state()))

    def recover(self) -> list[str]:
        """Finish or roll back what a crash left of an application, and return sentences that say which."""
        from codegate.apply import recover

        return recover(self.repository, self.store)

    def config(self, commit: str) -> Config:
        """Return the configuration of a commit: the rules a candidate is judged by come from its base."""
        tree = self.repository.tree(commit)
        return load(lambda path: self.repository.read(tree, path))

    def rules(
        self, commit: str, origin: Origin, scope: Scope, only: Sequence[str] = ()
    ) -> tuple[list[Gate], Rules]:
        """Return the gates that a base asks for, or `only` those named, and the rules they judge by.

        Raises UsageError for a name that no gate has.
        """
        config = self.config(commit)
        gates = load_gates(config, only, scope.checks)
        for gate in gates:
            if gate.name == "tests":
                from codegate.gates.tests import Tests

                assert isinstance(gate, Tests)
                with suppress(CodegateError):  # without a place to remember, the base is run each time
                    gate.baselines = self.store
        return gates, make_rules(config, origin, scope, gates, git_version())

    def shelf(self, commit: str) -> Shelf:
        """Return the recipes that there are: those of a commit, the user's own, and codegate's."""
        from codegate.recipes import OWN_FOLDER, Shelf, user_folder

        tree = self.repository.tree(commit)
        own: dict[str, dict[str, bytes]] = {}
        for path in self.repository.entries(tree, [OWN_FOLDER], recursive=True):
            name, slash, file = path.removeprefix(f"{OWN_FOLDER}/").partition("/")
            if slash and (data := self.repository.read(tree, path)) is not None:
                own.setdefault(name, {})[file] = data
        whole = {name: files for name, files in own.items() if "recipe.toml" in files}
        return Shelf(whole, user=user_folder())

    def scope(self, request: Request, commit: str) -> Scope:
        """Return what a request may change, as its recipe at a commit says."""
        recipe = self.shelf(commit).open(request.recipe)
        inputs = recipe.fill(request.inputs)
        changes = recipe.changes(request.targets, inputs)
        about: tuple[Target, ...] = ()
        if named := inputs.get(recipe.declared.under_test):
            path, _, symbol = str(named).partition("::")
            about = (Target(path, symbol or None),)
        return Scope(request.targets, changes, recipe.declared.checks, about)

    def reader(self, base: Base) -> Callable[[str], bytes | None]:
        """Return a function that reads a file of the base, the user's uncommitted text included."""
        return lambda path: self.stage.read(base.tree, path)


@contextmanager
def open_project(start: Path) -> Iterator[Project]:
    """Yield the repository around `start`; what was staged is gone afterwards."""
    with ExitStack() as closing:
        yield Project(Repository.discover(start), closing)


@dataclass(frozen=True)
class Asked:
    """A model's answer to a request, unread, with what it was shown."""

    base: Base
    context: Context
    proposal: Proposal


@dataclass(frozen=True)
class Reading:
    """An answer, read: the candidate that it amounts to, or why it amounts to none. Exactly one is set."""

    asked: Asked
    candidate: Candidate | None
    refusal: PatchRefused | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Plan:
    """A request on its base, before a model is needed: `draft` is what its recipe computes, or None.

    What is computed rests on the files `sources`, and may quote any of them.
    """

    request: Request
    base: Base
    recipe: Recipe
    draft: Draft | None
    sources: tuple[str, ...] = ()

    @property
    def needs_model(self) -> bool:
        return self.draft is None or bool(self.draft.holes)


def plan(project: Project, request: Request, base: Base | None = None) -> Plan:
    """Return a request with its base, its recipe, and what that computes of it.

    With a `base` that one stays: what is asked again is asked of the same text. Raises UsageError where the
    recipe does not apply, ConfigError for a mistake in it.
    """
    from codegate.recipes import draft  # late, as all that asks a model: a check needs none of it

    commit = project.repository.head() if base is None else base.commit
    recipe = project.shelf(commit).open(request.recipe)
    recipe.fill(request.inputs)
    base = base or project.stage.snapshot(commit, [t.path for t in request.targets])
    sources, read_base = dict[str, None](), project.reader(base)

    def read_noted(path: str) -> bytes | None:
        sources[path] = None
        return read_base(path)

    drafted = draft(recipe, request, read_noted) if recipe.declared.has_skeleton else None
    return Plan(request, base, recipe, drafted, tuple(sources))


def prepare(project: Project, planned: Plan, model: Model) -> Context:
    """Return what a model is shown of a request's base, within its window."""
    from codegate.context import Kept, gather

    reader, around = project.reader(planned.base), "around" in planned.recipe.declared.shows
    kept = Kept(() if model.on_this_machine else project.config(planned.base.commit).keep_local)
    kept.refuse(planned.sources)
    return gather(
        planned.request,
        reader,
        model.count,
        model.context_tokens,
        draft=planned.draft,
        around=around,
        kept=kept,
    )


def ask(
    planned: Plan,
    context: Context,
    model: Model,
    samplings: Sequence[Sampling] = (Sampling(),),
    *,
    max_tokens: int | None = None,
    on_text: Callable[[str], None] | None = None,
) -> Iterator[Asked]:
    """Yield the model's answers to a request, one a sampling, each as it came and as soon as it is there.

    `max_tokens` bounds each of them further than the context does.
    """
    from codegate.context import render

    prompt = render(context, planned.recipe, planned.request)
    if max_tokens is not None:
        prompt = replace(prompt, max_tokens=min(prompt.max_tokens, max_tokens))
    for proposal in model.generate_all(prompt, samplings, on_text=on_text):
        yield Asked(planned.base, context, proposal)


def read(project: Project, request: Request, asked: Asked) -> Reading:
    """Return what an answer amounts to. It is read here, by `parse`, and by nothing that comes after."""
    from codegate.answer import parse
    from codegate.observation import observe

    try:
        patch = parse(
            asked.proposal,
            request,
            asked.context,
            project.reader(asked.base),
            partial(observe, project, asked.base),
        )
        candidate, mends = _mend(project, project.stage.stage(asked.base, patch))
    except PatchRefused as refusal:
        return Reading(asked, None, refusal)
    return Reading(asked, candidate, notes=(*patch.notes, *mends))


def _mend(project: Project, candidate: Candidate) -> tuple[Candidate, tuple[str, ...]]:
    """Return a candidate in which what ruff can put right is right, and notes that say where."""
    from codegate.gates.lint.mending import mended

    try:
        files = mended(Workspace(project.repository, project.stage, candidate))
    except CodegateError:
        return candidate, ()  # the gate `lint` will say why ruff could not be asked
    if not files:
        return candidate, ()
    # The other changed files stay as they are: staged again beside the mended ones.
    rest = [c for c in candidate.changes if c.path not in files and c.new_blob is not None]
    blobs = project.stage.blobs(c.new_blob for c in rest if c.new_blob is not None)
    whole = {c.path: blobs[c.new_blob] for c in rest if c.new_blob is not None} | files
    notes = tuple(f"put right by ruff: {path}" for path in files)
    return project.stage.stage(candidate.base, Patch(files=whole)), notes


def gate(
    project: Project,
    candidate: Candidate,
    gates: Sequence[Gate],
    rules: Rules,
    on_verdict: OnVerdict = lambda _: None,
) -> Judged:
    """Return the decision of all gates about a candidate. They run at once and cannot see each other."""
    workspace = Workspace(project.repository, project.stage, candidate)
    return decide(candidate, gates, answers(gates, workspace, rules, on_verdict), rules)


def decide(candidate: Candidate, gates: Sequence[Gate], verdicts: Sequence[Verdict], rules: Rules) -> Judged:
    """Return the decision that the verdicts of `gates` come to: one that is missing is not passed."""
    skipped = {v.gate for v in verdicts if v.outcome is Outcome.SKIPPED and not v.required}
    return judge(candidate, verdicts, frozenset(g.name for g in gates) - skipped, rules.sha256)
