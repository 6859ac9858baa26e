"""Where recipes are: a project's own, the user's own, and those that codegate ships."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Final

from codegate.errors import UsageError, did_you_mean
from codegate.recipes.bounds import bounded
from codegate.recipes.examples import Example, read_examples
from codegate.recipes.recipe import Recipe, open_recipe

OWN_FOLDER: Final = ".codegate/recipes"
# Templates that a recipe without its own takes from here: not a recipe, as it has no recipe.toml.
_SHARED: Final = "_shared"
_MAX_FILE: Final = 200_000


class Shelf:
    """Recipes by name. A project's stand before the user's, and these before codegate's own.

    `own` maps the names of a project's recipes to their files, as the base commit has them.
    """

    def __init__(
        self,
        own: Mapping[str, Mapping[str, bytes]] | None = None,
        *,
        shipped: Path | None = None,
        user: Path | None = None,
    ) -> None:
        self._own = own or {}
        self._shipped = shipped or prompts_folder()
        self._user = user

    def names(self) -> list[str]:
        return sorted({*self._own, *_folders(self._user), *_folders(self._shipped)})

    def __iter__(self) -> Iterator[Recipe]:
        """Yield every recipe, by name. Raises ConfigError for the first one that has a mistake."""
        return map(self.open, self.names())

    def open(self, name: str) -> Recipe:
        """Return one recipe. Raises UsageError for an unknown name, with the nearest one, and ConfigError
        with file and line for a recipe that has a mistake."""
        if name in self._own:
            files, where = self._complete(_texts(self._own[name])), f"{OWN_FOLDER}/{name}"
            return bounded(where, lambda: open_recipe(name, "project", where, files))
        for home, folder in (("user", self._user), ("codegate", self._shipped)):
            if folder is not None and name in _folders(folder):
                return open_recipe(name, home, str(folder / name), self._complete(_read(folder / name)))
        raise UsageError(f"there is no recipe `{name}`", did_you_mean(name, self.names()))

    def examples(self, name: str) -> Iterator[Example]:
        """Yield a recipe's examples. Raises ConfigError with file and line for a mistake in one."""
        texts = self.files(name)
        files = {p.removeprefix("examples/"): text for p, text in texts.items() if p.startswith("examples/")}
        return read_examples(name, self.open(name).where, files)

    def files(self, name: str) -> dict[str, str]:
        """Return a recipe's own files, by their paths in its folder."""
        if name in self._own:
            return _texts(self._own[name])
        return _read(
            next(f for f in (self._user, self._shipped) if f is not None and name in _folders(f)) / name
        )

    def _complete(self, files: dict[str, str]) -> dict[str, str]:
        """Return a recipe's files with the shared templates for those that it has not."""
        shared = {name: text for name, text in _read(self._shipped / _SHARED).items() if "/" not in name}
        return shared | {name: text for name, text in files.items() if not name.startswith("examples/")}


@cache
def prompts_folder() -> Path:
    """Return the folder of the recipes that codegate ships: inside the wheel, or beside the package."""
    package = Path(__file__).parent.parent
    # An editable install has no codegate/prompts: there they are where they are written.
    return next(p for p in (package / "prompts", package.parent / "prompts") if p.is_dir())


def user_folder() -> Path:
    """Return where the user's own recipes are, whether or not there are any."""
    from platformdirs import user_config_path

    return user_config_path("codegate", appauthor=False) / "recipes"


def _folders(folder: Path | None) -> list[str]:
    return [] if folder is None else sorted(path.parent.name for path in folder.glob("*/recipe.toml"))


def read_folder(folder: Path, *, links: bool = True) -> dict[str, bytes]:
    """Return the files below a folder by their paths there, but for what is too large for a recipe.

    A project's links lead nowhere: as in a commit, they are not followed there.
    """
    files = (
        path for path in sorted(folder.rglob("*")) if path.is_file() and (links or not path.is_symlink())
    )
    paths = (path for path in files if path.stat().st_size <= _MAX_FILE)
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _read(folder: Path) -> dict[str, str]:
    return _texts(read_folder(folder))


def _texts(files: Mapping[str, bytes]) -> dict[str, str]:
    """Return the files that are UTF-8 and not too large; a template that is not is told as not there."""
    texts: dict[str, str] = {}
    for name, data in files.items():
        if len(data) > _MAX_FILE:
            continue
        try:
            texts[name] = data.decode("utf-8")
        except UnicodeDecodeError:
            continue
    return texts
