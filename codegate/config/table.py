"""What the tables of both files share: strictness, and the kinds of values that a key can hold."""

from __future__ import annotations

import re
import shlex
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict

from codegate import globs


def _glob(pattern: str) -> str:
    if wrong := globs.complaint(pattern):
        raise ValueError(f"{pattern!r} is {wrong}")
    return pattern


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    if twice := {v for v in values if values.count(v) > 1}:
        raise ValueError(f"{min(twice)!r} stands there twice")
    return values


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(f"{name!r} is no name of an environment variable")
    return name


def _rule(name: str) -> str:
    if not re.fullmatch(r"[a-z][a-z0-9-]*/([\w.:-]+|\*)", name):
        raise ValueError(f"{name!r} is no name of a rule, as `lint/suppression` or `lint/*`")
    return name


def words_of(command: str | tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of a command, a string taken apart as a shell would. Raises ValueError."""
    return tuple(shlex.split(command)) if isinstance(command, str) else command


def _words(command: str | tuple[str, ...]) -> str | tuple[str, ...]:
    try:
        words = words_of(command)
    except ValueError as error:
        raise ValueError(f"cannot be taken apart as a shell would: {error}") from error
    if not words or not words[0]:
        raise ValueError("a command needs a program")
    return command


# TOML knows arrays only; `Strict(False)` lets one become a tuple, while its members stay strict.
Names = Annotated[tuple[str, ...], Strict(False), AfterValidator(_unique)]
Glob = Annotated[str, AfterValidator(_glob)]
Globs = Annotated[tuple[Glob, ...], Strict(False)]
Command = Annotated[str | Annotated[tuple[str, ...], Strict(False)], AfterValidator(_words)]
Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
Count = Annotated[int, Field(ge=1)]
Variable = Annotated[str, AfterValidator(_variable)]
Rule = Annotated[str, AfterValidator(_rule)]


class Table(BaseModel):
    """A table of one of the two files: no key but those it names, no value of another type, no change."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)
