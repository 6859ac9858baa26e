"""`codegate pending`, `show` and `review`: what waits for a person."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from codegate.cli.output import Format, Output
from codegate.errors import CodegateError, Exit, UsageError

if TYPE_CHECKING:
    from codegate.core import Judged
    from codegate.gates import Rules
    from codegate.pipeline import Project
    from codegate.store import Pending

# What `show` can print: git's diff itself, the report for a person, and the report in any form.
_VIEWS: Final[dict[str, Format | None]] = {
    "diff": None, "report": Format.TEXT, **{form.value: form for form in Format},
}  # fmt: skip

_ID = Annotated[
    str, typer.Argument(metavar="ID", help="An id of `codegate pending`, or its start.", show_default=False)
]
_ANY_ID = Annotated[
    str | None,
    typer.Argument(metavar="[ID]", help="An id of `codegate pending`; else the newest.", show_default=False),
]


def pending() -> None:
    """List what waits for a person, the oldest first."""
    from codegate.repo import Repository
    from codegate.store import Store
    from codegate.visible import visible

    with Store(Repository.discover(Path.cwd()).state()) as store:
        for one in store.pending():
            when = _when(one.created)
            targets = " ".join(str(t) for t in one.request.targets)
            print(f"{visible(one.id)}  {when}  {visible(targets)}  {visible(one.request.instruction)}")


def show(
    id: _ID,  # noqa: A002
    view: Annotated[
        str,
        typer.Option("--format", metavar="FORM", help=f"What to print of it: {', '.join(_VIEWS)}."),
    ] = "diff",
) -> None:
    """Print what waits, as diff or report.

    A report comes from gating it again now, on what is there now.
    """
    from codegate.core import Origin
    from codegate.pipeline import open_project
    from codegate.report import report_of
    from codegate.visible import visible_bytes

    if view not in _VIEWS:
        raise UsageError(f"there is no form “{view}”", f"known: {', '.join(_VIEWS)}")
    form = _VIEWS[view]
    with open_project(Path.cwd()) as project:
        one = project.store.get_pending(id)
        if form is None:
            if sys.stdout.isatty():
                print(visible_bytes(one.diff), end="")
            else:  # for programs: `git apply` wants the bytes
                sys.stdout.buffer.write(one.diff)
            return
        judged, rules = _judge_again(project, one)
        report = report_of(judged, Origin(one.origin), rules)
    Output(None).write(report, form)


def review(id: _ANY_ID = None) -> None:  # noqa: A002
    """Gate a pending candidate again, show it and ask.

    Approving applies it.
    """
    from codegate.cli.conversation import converse
    from codegate.cli.offer import Offer
    from codegate.cli.progress import say
    from codegate.cli.terminal import has_terminal
    from codegate.core import Gated
    from codegate.pipeline import open_project
    from codegate.report import report_of, to_text

    with open_project(Path.cwd()) as project:
        for sentence in project.recover():
            say(sentence)
        one = project.store.get_pending(id) if id else _newest(project.store.pending())
        if not has_terminal():
            raise CodegateError("there is no terminal to ask at", f"run it in one: codegate review {one.id}")
        judged, rules = _judge_again(project, one)
        report = report_of(judged, one.origin, rules)
        if not isinstance(judged, Gated):
            print(to_text(report), end="")
            raise typer.Exit(Exit.REFUSED if judged.verdict == "refused" else Exit.UNABLE)
        moved = judged.candidate.base.commit != one.base_commit
        notes = (
            ("the base has moved since: this is the same diff, gated again on what is there now",)
            if moved
            else ()
        )
        decision = Offer(judged, report, one.request, one.model, one.origin, notes).put_to_person(project)
        if isinstance(decision, Exit):
            raise typer.Exit(decision)
        model = one.model.id if one.model else None
        raise typer.Exit(converse(project, decision, model, no_apply=False, as_json=False))


def _when(created: float) -> str:
    try:
        return datetime.fromtimestamp(created).astimezone().strftime("%Y-%m-%d %H:%M")
    except (OverflowError, ValueError, OSError):  # somebody else wrote that
        return "at no time"


def _newest(waiting: list[Pending]) -> Pending:
    if not waiting:
        raise UsageError("nothing is pending here", "`codegate suggest … --no-apply` keeps a candidate")
    return waiting[-1]


def _judge_again(project: Project, one: Pending) -> tuple[Judged, Rules]:
    """Stage and gate a pending diff on what is there now: nothing that was said of it before counts."""
    from codegate.cli.progress import Progress
    from codegate.core import Patch
    from codegate.errors import PatchRefused
    from codegate.pipeline import gate

    progress = Progress()
    try:
        base = project.stage.snapshot(project.repository.head(), project.stage.paths_in(one.diff))
        candidate = project.stage.stage(base, Patch(diff=one.diff, origin=one.origin))
    except PatchRefused as refusal:
        raise CodegateError(
            f"{one.id} no longer fits the checkout: {refusal.message}",
            "ask for it again, on what is there now",
        ) from refusal
    gates, rules = project.rules(base.commit, one.origin, project.scope(one.request, base.commit))
    with progress.waiting("gating it again"):
        return gate(project, candidate, gates, rules, progress.answered), rules
