"""Work on a project's recipe that ends: what its author may have made endless is tried apart first."""

from __future__ import annotations

import resource
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from codegate.apart import Apart
from codegate.errors import CodegateError, ConfigError

if TYPE_CHECKING:
    from codegate.recipes.recipe import Recipe

_SECONDS: Final = 10.0
_MEMORY: Final = 1 << 30
_PAGE: Final = resource.getpagesize()
_Made = TypeVar("_Made")


def bounded(where: str, work: Callable[[], _Made]) -> _Made:
    """Return what `work` returns, which is the same each time, once a process of its own has done it.

    Raises ConfigError that names `where` if it takes more than ten seconds or a GiB there.
    """
    try:
        Apart(lambda: _tried(work)).result(_SECONDS, 2 * _MEMORY)
    except CodegateError as error:
        raise ConfigError(f"{where}: {error.message}", "mend the recipe, or remove its folder") from error
    return work()


def of_recipe(recipe: Recipe, work: Callable[[], _Made]) -> _Made:
    """Return what work on a recipe returns: bounded, if the recipe is the project's."""
    return bounded(recipe.where, work) if recipe.home == "project" else work()


def _tried(work: Callable[[], object]) -> bytes:
    # The system refuses a single large piece of memory; the parent sees many small ones.
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    size = int(Path("/proc/self/statm").read_text().split()[0]) * _PAGE + _MEMORY
    resource.setrlimit(resource.RLIMIT_AS, (size if hard < 0 else min(size, hard), hard))
    try:
        work()
    except Exception as error:  # it is raised again where it is told, but for what must not be tried there
        if isinstance(error, MemoryError) or isinstance(error.__cause__, MemoryError):
            raise MemoryError("it takes too much memory") from error
    return b""
