"""`codegate recipe`: the kinds of boilerplate that codegate knows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codegate.visible import visible

if TYPE_CHECKING:
    from codegate.recipes import Shelf

app = typer.Typer(
    help="The kinds of boilerplate that codegate knows.", no_args_is_help=True, rich_markup_mode=None
)

_Name = Annotated[str, typer.Argument(help="The recipe's name.")]


@app.command("list")
def list_() -> None:
    """Print each recipe's name and what it makes; those of the project and the user are marked."""
    known = list(_shelf())
    width = max(len(recipe.name) for recipe in known)
    for recipe in known:
        home = "" if recipe.home == "codegate" else f"  ({recipe.home}'s own)"
        print(f"{recipe.name:{width}}  {visible(recipe.summary)}{home}")


@app.command()
def show(name: _Name) -> None:
    """Print a recipe: what it makes, of what, and its inputs."""
    recipe = _shelf().open(name)
    declared = recipe.declared
    print(f"{recipe.name}: {visible(recipe.summary)}\nin {visible(recipe.where)}")
    if declared.on:
        print(f"of: {', '.join(declared.on)}")
    print(f"answers with: {', '.join(recipe.forms)}")
    for label, words in (
        ("changes", declared.changes),
        ("checked for", declared.checks),
        ("asks a model for", declared.holes),
    ):
        if words:
            print(f"{label}: {visible(', '.join(words))}")
    for key, one in recipe.inputs.items():
        kind = " or ".join(one.choices) if one.choices else one.type
        default = "" if one.default is None else f" (default: {visible(one.default) or 'none'})"
        print(f"--set {key}=…  {visible(one.help)} [{kind}]{default}")


def _shelf() -> Shelf:
    """Return the recipes that can be used here: outside of a repository just the user's and codegate's."""
    from codegate.errors import RepositoryError
    from codegate.pipeline import open_project
    from codegate.recipes import Shelf, user_folder

    try:
        with open_project(Path.cwd()) as project:
            return project.shelf(project.repository.head())
    except RepositoryError:
        return Shelf(user=user_folder())
