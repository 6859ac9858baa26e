"""`codegate recipe`: the kinds of boilerplate that codegate knows."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer(
    help="The kinds of boilerplate that codegate knows.", no_args_is_help=True, rich_markup_mode=None
)


@app.command("list")
def list_() -> None:
    """Print each recipe's name and what it makes."""
    from codegate.recipes import recipes

    known = recipes()
    width = max(len(recipe.name) for recipe in known)
    for recipe in known:
        print(f"{recipe.name:{width}}  {recipe.summary}")


@app.command()
def show(name: Annotated[str, typer.Argument(help="The recipe's name.")]) -> None:
    """Print a recipe: what it makes, and its inputs."""
    from codegate.recipes import load_recipe

    recipe = load_recipe(name)
    print(f"{recipe.name}: {recipe.summary}\nanswers with: {', '.join(recipe.forms)}")
    for key, declared in recipe.inputs.items():
        default = "" if declared.default is None else f" (default: {declared.default})"
        print(f"--set {key}=…  {declared.help}{default}")
