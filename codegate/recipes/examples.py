"""A recipe's examples: what it makes of small files, kept beside it in `examples/<case>/`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError

from codegate.core import Request, Target
from codegate.errors import ConfigError, UsageError
from codegate.recipes.declaration import line_of, nearest_key

_FILE = "example.toml"


class ExampleTable(BaseModel):
    """All of `example.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)

    target: str | None = None
    targets: Annotated[tuple[str, ...], Strict(False)] = ()
    instruction: str = ""
    inputs: dict[str, str] = Field(default_factory=dict)
    answers: dict[str, str] = Field(default_factory=dict)
    observed: dict[str, str] = Field(default_factory=dict)
    after: str = "after.py"
    refused: str | None = None


@dataclass(frozen=True, slots=True)
class Example:
    """One case: what is asked of which files, what goes into the holes, what must come of the first target.

    A hole without an answer takes its default. `after` is None where the recipe must refuse, saying `refused`
    among other things. `observed` gives what running an expression would show.
    """

    name: str
    request: Request
    files: Mapping[str, bytes]
    answers: Mapping[str, str]
    observed: Mapping[str, str]
    after: str | None
    refused: str = ""


def read_examples(recipe: str, where: str, files: Mapping[str, str]) -> Iterator[Example]:
    """Yield the examples that files below `examples/` are. Raises ConfigError with file and line."""
    for case in sorted({path.partition("/")[0] for path in files if "/" in path}):
        own = {p.partition("/")[2]: text for p, text in files.items() if p.startswith(f"{case}/")}
        yield _example(recipe, case, f"{where}/examples/{case}/{_FILE}", own)


def _example(recipe: str, case: str, where: str, files: Mapping[str, str]) -> Example:
    try:
        declared = ExampleTable.model_validate(tomllib.loads(files[_FILE]))
    except KeyError as error:
        raise ConfigError(f"{where}: no such file", "an example says there what is asked") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}", "mend the example") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = [str(part) for part in first["loc"]]
        line = line_of(files[_FILE], place)
        hint = "mend the example"
        if first["type"] == "extra_forbidden":
            hint = nearest_key(ExampleTable, place[-1])
        raise ConfigError(f"{where}:{line}: {'.'.join(place)}: {first['msg']}", hint) from error
    after = files.get(declared.after)
    if (after is None) == (declared.refused is None):
        raise ConfigError(
            f"{where}: it needs either {declared.after} or `refused`, not both", "mend the example"
        )
    targets = tuple(map(_target, [declared.target] if declared.target else declared.targets))
    request = Request(declared.instruction, targets, recipe, declared.inputs)
    base = {path: text.encode() for path, text in files.items() if path not in (_FILE, declared.after)}
    return Example(case, request, base, declared.answers, declared.observed, after, declared.refused or "")


def _target(text: str) -> Target:
    path, _, symbol = text.partition("::")
    if not path:
        raise UsageError(f"“{text}” names no file", "write path::symbol")
    return Target(path, symbol or None)
