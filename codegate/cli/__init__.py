"""The command line: a file a verb, and the one boundary where an exception becomes an exit code."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from codegate import __version__
from codegate.cli import check, demo, doctor, history, init, model, pending, recipe, suggest
from codegate.cli.boundary import guarded
from codegate.visible import visible

app = typer.Typer(
    name="codegate",
    help="Ask a model for a patch; let nothing through that hard rules and a person did not pass.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"codegate {__version__}")
        raise typer.Exit


@app.callback()
def _start(
    directory: Annotated[
        Path | None, typer.Option("-C", metavar="DIR", help="Run as if started in DIR.", show_default=False)
    ] = None,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    if directory is not None:
        try:
            os.chdir(directory)
        except OSError as error:
            raise typer.BadParameter(
                f"cannot change to {visible(str(directory))}: {error.strerror}"
            ) from error


app.command()(suggest.suggest)
app.command()(check.check)
app.command()(pending.pending)
app.command()(pending.show)
app.command()(pending.review)
app.command()(history.undo)
app.command()(history.log)
app.add_typer(recipe.app, name="recipe")
app.add_typer(model.app, name="model")
app.command()(init.init)
app.command()(doctor.doctor)
app.command()(demo.demo)


def run() -> int:
    """Run the command line and return its exit code; nothing escapes as a traceback."""
    return guarded(app)
