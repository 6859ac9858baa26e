"""`codegate demo`: the main job on a small example, in a temporary copy."""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from codegate.errors import CodegateError

RECIPE = "docstring"
TARGET = "src/bank/ledger.py::Ledger.balance"


def demo(
    model: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Another model than the embedded one.", show_default=False),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Leave the temporary copy in place.")] = False,
) -> None:
    """Do the main job on a small example, with the embedded model.

    Works on a temporary copy, in a git repository of its own.

    Without a terminal it goes as far as the question, keeps the candidate pending and says so.
    """
    from codegate.cli.conversation import converse
    from codegate.cli.targets import read_targets
    from codegate.cli.terminal import has_terminal
    from codegate.core import Request
    from codegate.pipeline import open_project

    folder = Path(tempfile.mkdtemp(prefix="codegate-demo-"))
    keep = keep or not has_terminal()
    try:
        project_folder = _copy(folder)
        print(
            f"a copy of the example is in {project_folder}\n$ codegate suggest {TARGET} --recipe {RECIPE}",
            file=sys.stderr,
        )
        with open_project(project_folder) as project:
            request = Request("", read_targets(project, [TARGET], project_folder), RECIPE)
            code = converse(project, request, model, no_apply=not has_terminal(), as_json=False)
        if keep:
            print(
                f"the copy stays in {project_folder}; review it with: codegate -C {project_folder} review",
                file=sys.stderr,
            )
        else:
            print("that was a temporary copy: it is gone now", file=sys.stderr)
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)
    raise typer.Exit(code)


def _copy(folder: Path) -> Path:
    """Copy the example into a repository of its own and commit it."""
    from codegate.repo import make_repository

    project = folder / "bank"
    shutil.copytree(_example(), project, ignore=shutil.ignore_patterns("__pycache__", ".*_cache"))
    # The example has no environment of its own: its tests run on the interpreter that codegate runs on.
    command = json.dumps([sys.executable, "-m", "pytest", "-q"])
    (project / "codegate.toml").write_text(f"[tests]\ncommand = {command}\n", encoding="utf-8")
    make_repository(project, "an example")
    return project


def _example() -> Path:
    package = Path(__file__).resolve().parents[1]
    for folder in (package / "examples" / "bank", package.parent / "examples" / "bank"):
        if folder.is_dir():
            return folder
    raise CodegateError(
        "the example of the demo is not installed", "install codegate again: its package is incomplete"
    )
