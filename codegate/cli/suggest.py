"""`codegate suggest`: ask a model, gate its answers, show the best, ask the person, apply."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final

import typer

from codegate.errors import UsageError

# The recipe that knows nothing of what is wanted: it is all in the instruction.
_FREE: Final = "edit"


class Format(StrEnum):
    TEXT = "text"
    JSON = "json"


def suggest(
    instruction: Annotated[str, typer.Argument(help="What is wanted, in plain words.", show_default=False)],
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[TARGET]...",
            help="path, path::symbol (dotted for nested) or a directory.",
            show_default=False,
        ),
    ] = None,
    recipe: Annotated[str, typer.Option(help="The kind of boilerplate.")] = _FREE,
    inputs: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="K=V", help="An input of the recipe.", show_default=False),
    ] = None,
    candidates: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=32,
            help="How many answers to ask for (1, or your setting).",
            show_default=False,
        ),
    ] = None,
    repair: Annotated[
        int | None,
        typer.Option(
            min=0,
            max=10,
            metavar="N",
            show_default=False,
            help="How often to ask again with what was found, if nothing passed (2, or your setting).",
        ),
    ] = None,
    budget: Annotated[
        float | None,
        typer.Option(
            min=0.001,
            metavar="SECONDS",
            show_default=False,
            help="After so long nothing more is asked; what is there is still gated.",
        ),
    ] = None,
    tokens: Annotated[
        int | None,
        typer.Option(min=1, metavar="N", help="How much the model may write in all.", show_default=False),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="ID",
            help="A model's name, a GGUF's path, remote[:NAME] or scripted:FILE.",
            show_default=False,
        ),
    ] = None,
    no_apply: Annotated[
        bool, typer.Option("--no-apply", help="Keep the gated candidate pending and print its id.")
    ] = False,
    format: Annotated[Format, typer.Option(help="How to print the outcome.")] = Format.TEXT,  # noqa: A002
) -> None:
    """Ask a model for a patch, gate it, show it, apply it on your word.

    A recipe knows what is wanted: with one, the instruction may be left out, or says more of it.

    Without a terminal nothing is ever applied: the candidate is kept pending.
    """
    from codegate.cli.conversation import converse
    from codegate.cli.targets import read_targets
    from codegate.core import Request
    from codegate.pipeline import open_project

    targets = targets or []
    if recipe != _FREE and _names_a_file(instruction):
        instruction, targets = "", [instruction, *targets]
    if recipe == _FREE and not instruction.strip():
        raise UsageError(
            "the instruction is empty",
            "say what is wanted, for example: codegate suggest 'add a __repr__' src/bank.py::Account",
        )
    with open_project(Path.cwd()) as project:
        request = Request(
            instruction.strip(),
            read_targets(project, targets, Path.cwd()),
            recipe,
            _inputs(inputs or []),
        )
        raise typer.Exit(
            converse(
                project,
                request,
                model,
                no_apply=no_apply,
                as_json=format is Format.JSON,
                bounds={"candidates": candidates, "repairs": repair, "seconds": budget, "tokens": tokens},
            )
        )


def _names_a_file(instruction: str) -> bool:
    """Say whether what stands where the instruction does is a target: a recipe needs no instruction."""
    path = Path(instruction.partition("::")[0])
    try:
        return " " not in instruction and (path.exists() or (path.suffix != "" and path.parent.is_dir()))
    except (OSError, ValueError):
        return False


def _inputs(given: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in given]
    for key, equals, _ in pairs:
        if not equals or not key:
            raise UsageError(f"--set wants K=V, not “{key}”", "for example: --set style=google")
    return {key: value for key, _, value in pairs}
