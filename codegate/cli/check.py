"""`codegate check`: gate a diff that anyone wrote, print the report, apply nothing."""

from __future__ import annotations

import contextlib
import sys
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codegate.cli.output import Format, Output
from codegate.errors import Exit, PatchRefused, UsageError

if TYPE_CHECKING:
    from codegate.core import Base, Candidate, Origin
    from codegate.pipeline import Project
    from codegate.report import Report

# A diff beyond this is refused unread: it could not be shown to anyone either.
MAX_DIFF_BYTES = 64 << 20


class Hand(StrEnum):
    MODEL = "model"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class _Source:
    """What the command line names, exactly one of the first four."""

    patch: str | None
    staged: bool
    worktree: bool
    commits: str | None
    base: str | None


def check(
    patch: Annotated[
        str | None,
        typer.Argument(
            metavar="[PATCH]", help="A file with a diff, or - for standard input.", show_default=False
        ),
    ] = None,
    staged: Annotated[bool, typer.Option("--staged", help="Judge what is staged.")] = False,
    worktree: Annotated[
        bool, typer.Option("--worktree", help="Judge the checkout against its commit.")
    ] = False,
    commits: Annotated[
        str | None,
        typer.Option(
            "--range",
            metavar="A..B",
            help="Judge B against A; A...B against where they parted.",
            show_default=False,
        ),
    ] = None,
    origin: Annotated[
        Hand | None,
        typer.Option(
            help="Whose hand to judge it as: a PATCH is a model's, the others a person's.", show_default=False
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(
            metavar="REV",
            help="What a PATCH applies to. Without it the checkout, else its commit.",
            show_default=False,
        ),
    ] = None,
    gate: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Ask this gate only (repeatable).", show_default=False),
    ] = None,
    format: Annotated[Format, typer.Option(help="How to print the report.")] = Format.TEXT,  # noqa: A002
    output: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Where to write the report, instead of standard output.", show_default=False
        ),
    ] = None,
) -> None:
    """Gate a diff that anyone wrote and print the report.

    Applies nothing, ever.
    """
    from codegate.core import Origin
    from codegate.pipeline import open_project

    given = [
        name
        for name, value in (
            ("PATCH", patch),
            ("--staged", staged),
            ("--worktree", worktree),
            ("--range", commits),
        )
        if value
    ]
    if len(given) != 1:
        raise UsageError(
            f"say what to judge, once; given: {', '.join(given) or 'nothing'}",
            "codegate check PATCH, or one of --staged, --worktree, --range A..B",
        )
    if base is not None and patch is None:
        raise UsageError(f"--base goes with PATCH; {given[0]} has a base of its own")
    destination = Output(output)
    hand = Origin(origin.value if origin else "model" if patch else "person")
    with open_project(Path.cwd()) as project:
        report = _report(project, hand, _Source(patch, staged, worktree, commits, base), gate or [])
    destination.write(report, format)
    raise typer.Exit({"accepted": Exit.OK, "refused": Exit.REFUSED, "broken": Exit.UNABLE}[report.verdict])


def _report(project: Project, origin: Origin, source: _Source, names: list[str]) -> Report:
    from codegate.core import Scope
    from codegate.pipeline import gate
    from codegate.report import refused_report, report_of

    base = _base(project, source)
    gates, rules = project.rules(base.commit, origin, Scope(), names)
    try:
        candidate = _candidate(project, base, source)
    except PatchRefused as refusal:
        return refused_report(refusal, base, origin, rules)
    return report_of(gate(project, candidate, gates, rules), origin, rules)


def _base(project: Project, source: _Source) -> Base:
    """Return what the diff is judged against, and whose rules hold."""
    from codegate.core import Base

    repository = project.repository
    if source.commits:
        commit, _ = repository.resolve_range(source.commits)
        return Base(commit, repository.tree(commit))
    if source.staged or source.worktree:
        commit = repository.head_or_nothing()
    else:
        commit = repository.resolve(source.base) if source.base else repository.head()
    return Base(commit, repository.tree(commit))


def _candidate(project: Project, base: Base, source: _Source) -> Candidate:
    stage = project.stage
    if source.commits:
        _, last = project.repository.resolve_range(source.commits)
        return stage.between(base.commit, base.tree, project.repository.tree(last))
    if source.patch is None:
        return stage.between(
            base.commit, base.tree, stage.index_tree() if source.staged else stage.worktree_tree()
        )
    from codegate.core import Patch

    patch = Patch(diff=_read(source.patch))
    if source.base is None:
        try:
            return stage.stage(_snapshot(project, base, patch.diff or b""), patch)
        except PatchRefused as refusal:
            if refusal.rule != "scope/unapplied":
                raise
            # As with `git diff | codegate check -`: what it does may be done in the checkout already.
            with contextlib.suppress(PatchRefused):
                return stage.stage(base, patch)
            raise
    return stage.stage(base, patch)


def _snapshot(project: Project, base: Base, diff: bytes) -> Base:
    """Return the base with the checkout's text at the paths of a diff; what no patch may touch refuses it."""
    try:
        return project.stage.snapshot(base.commit, project.stage.paths_in(diff))
    except UsageError as error:
        raise PatchRefused("scope/path", error.message, error.hint) from error


def _read(patch: str) -> bytes:
    try:
        if patch == "-":
            data = sys.stdin.buffer.read(MAX_DIFF_BYTES + 1)
        else:
            with Path(patch).open("rb") as file:
                data = file.read(MAX_DIFF_BYTES + 1)
    except OSError as error:
        raise UsageError(f"cannot read {patch}: {error.strerror}") from error
    if len(data) > MAX_DIFF_BYTES:
        raise PatchRefused("scope/size", f"the diff is larger than {MAX_DIFF_BYTES >> 20} MB", "split it")
    return data
