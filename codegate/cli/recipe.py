"""`codegate recipe`: the kinds of boilerplate that codegate knows."""

from __future__ import annotations

import difflib
import re
import sys
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from codegate.errors import Exit, RepositoryError, UsageError
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
    width = max(len(visible(recipe.name)) for recipe in known)
    for recipe in known:
        home = "" if recipe.home == "codegate" else f"  ({recipe.home}'s own)"
        print(f"{visible(recipe.name):{width}}  {visible(recipe.summary)}{home}")


@app.command()
def show(name: _Name) -> None:
    """Print a recipe: what it makes, of what, and its inputs."""
    recipe = _shelf(as_written=True).open(name)
    declared = recipe.declared
    print(f"{visible(recipe.name)}: {visible(recipe.summary)}\nin {visible(recipe.where)}")
    if declared.about:
        print(visible(declared.about.strip()))
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
        print(f"--set {visible(key)}=…  {visible(one.help)} [{visible(kind)}]{default}")


@app.command("test")
def try_(
    name: Annotated[str | None, typer.Argument(help="The recipe's name; without it, all of them.")] = None,
) -> None:
    """Run the examples of a recipe and show what is not as it must be; ends with 1 if anything is not."""
    from codegate.answer.trial import try_example

    shelf = _shelf(as_written=True)
    wrong = 0
    for recipe in map(shelf.open, [name] if name else shelf.names()):
        for example in shelf.examples(recipe.name):
            tried = try_example(recipe, example)
            wrong += bool(tried.wrong)
            mark = f"✗ {visible(tried.wrong)}" if tried.wrong else "✓"
            print(f"{visible(recipe.name)}/{visible(example.name)} {mark}")
            if tried.wrong and tried.text is not None and example.after is not None:
                print(_difference(example.after, tried.text))
    raise typer.Exit(Exit.REFUSED if wrong else Exit.OK)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The new recipe's name.")],
    source: Annotated[str, typer.Option("--from", metavar="NAME", help="The recipe to start from.")] = "repr",
    mine: Annotated[
        bool, typer.Option("--user", help="Keep it in your settings, not in this project.")
    ] = False,
) -> None:
    """Start a recipe of your own as a copy of another, and print where it is.

    A project's own counts once it is committed: recipes are read from the base commit, like all rules.
    """
    from codegate.pipeline import open_project
    from codegate.recipes import OWN_FOLDER, user_folder

    if not re.fullmatch(r"[a-z][a-z0-9-]*", name):
        raise UsageError(
            f"“{name}” is no name of a recipe", "use small letters, digits and hyphens: crud-route"
        )
    with open_project(Path.cwd()) if not mine else nullcontext() as project:
        folder = (user_folder() if project is None else project.repository.top / OWN_FOLDER) / name
        shelf = _shelf()
        shelf.open(source)
        if folder.exists() or folder.is_symlink():
            raise UsageError(f"{folder} is there already", "choose another name, or edit that one")
        if project is not None and (link := _linked(project.repository.top, folder)) is not None:
            raise UsageError(f"{link} is a symbolic link, which leads elsewhere", "put a folder in its place")
        for path, text in shelf.files(source).items():
            place = folder / path
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_text(text, "utf-8")
    print(folder)
    commit = "" if mine else ", and commit it: recipes are read from the base commit"
    print(f"edit recipe.toml there; try it with `codegate recipe test {name}`{commit}", file=sys.stderr)


def _linked(top: Path, folder: Path) -> Path | None:
    """Return the symbolic link, below a project's top, that leads a folder there elsewhere."""
    around = [folder, *folder.parents]
    return next((p for p in around[: around.index(top)] if p.is_symlink()), None)


def _difference(wanted: str, got: str) -> str:
    lines = difflib.unified_diff(
        wanted.splitlines(), got.splitlines(), "as it must be", "as it is", lineterm=""
    )
    return "\n".join(visible(line) for line in lines)


def _shelf(*, as_written: bool = False) -> Shelf:
    """Return the recipes that can be used here: outside of a repository just the user's and codegate's.

    `as_written`, a project's own are those of the work tree, for whoever writes one; else of the last commit.
    """
    from codegate.pipeline import open_project
    from codegate.recipes import OWN_FOLDER, Shelf, read_folder, user_folder

    try:
        with open_project(Path.cwd()) as project:
            if not as_written:
                return project.shelf(project.repository.head())
            own = project.repository.top / OWN_FOLDER
            folders = [path.parent for path in own.glob("*/recipe.toml")]
            folders = [folder for folder in folders if _linked(project.repository.top, folder) is None]
            return Shelf({f.name: read_folder(f, links=False) for f in folders}, user=user_folder())
    except RepositoryError:
        return Shelf(user=user_folder())
