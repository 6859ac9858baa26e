"""What `recipe.toml` may hold, and what is wrong with one that holds something else, by file and line."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Annotated, Final, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError, model_validator

from codegate.errors import ConfigError, did_you_mean
from codegate.grammar import GrammarError, from_choices, from_pattern, parse_gbnf, shipped

Form = Literal["symbol", "file", "edits", "skeleton"]
FORMS: Final[tuple[Form, ...]] = ("symbol", "file", "edits")
Place = Literal["member", "replace", "docstring", "before", "after", "top", "end", "under"]
Kind = Literal["function", "class", "file", "new"]
_MEND: Final = "mend the recipe, or remove its folder"
_LONG_QUOTE: Final = re.compile(r'"""|\'\'\'')
_KEY_PART: Final = re.compile(r'"[^"]*"|\'[^\']*\'|[\w-]+')
_HEAD: Final = re.compile(r"\s*(\[\[?)([^\]]+)\]")
_KEY: Final = re.compile(r"\s*([\w.\-\"' ]+?)\s*=")
_Names = Annotated[tuple[str, ...], Strict(False)]


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


class Input(_Table):
    """One thing that a person may set with `--set NAME=VALUE`; required where it has no default.

    `names` are identifiers with commas between them, `flag` is yes or no, `target` a `path::symbol` of the
    base, `json` a value as JSON, or `@path` of a file of the base that holds one.
    """

    help: str = Field(min_length=1)
    type: Literal["text", "name", "names", "choice", "flag", "number", "target", "json"] = "text"
    choices: _Names = ()
    default: str | None = None

    @model_validator(mode="after")
    def _choose(self) -> Self:
        if bool(self.choices) != (self.type == "choice"):
            raise ValueError('`choices` go with type = "choice", and with no other')
        return self


class HoleRule(_Table):
    """What may stand in a hole: one of `grammar` (a shipped one's name, or GBNF), `pattern`, `choices`.

    `default` is a template of what rules alone would write there.
    """

    help: str = ""
    grammar: str | None = None
    pattern: str | None = None
    choices: _Names = ()
    max_tokens: Annotated[int, Field(ge=1, le=2048)] = 48
    default: str | None = None

    @property
    def gbnf(self) -> str:
        """The grammar as GBNF. Raises GrammarError."""
        if self.pattern is not None:
            return from_pattern(self.pattern)
        if self.choices:
            return from_choices(list(self.choices))
        text = self.grammar or ""
        if "::=" not in text:
            return shipped(text)
        parse_gbnf(text)
        return text

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum((self.grammar is not None, self.pattern is not None, bool(self.choices))) != 1:
            raise ValueError("a hole has one of `grammar`, `pattern` and `choices`")
        try:
            _ = self.gbnf
        except GrammarError as error:
            raise ValueError(f"its grammar: {error}") from error
        return self


class Part(_Table):
    """Text that is computed, and where it goes: a template file, or `text` in place.

    `name` is a template of the name that the part brings, or the heading that it goes under: where there is
    one already it is replaced. `lead` stands before it when a model is shown it. `then` is the template that
    writes the text instead, once the holes are filled: it knows `filled`, texts by hole, and `seen`, what
    running the code showed.
    """

    place: Place
    template: str | None = None
    text: str | None = None
    then: str | None = None
    name: str = ""
    lead: str = ""

    @model_validator(mode="after")
    def _one(self) -> Self:
        if (self.template is None) == (self.text is None):
            raise ValueError("a part has one of `template` and `text`")
        return self


class Rewrite(_Table):
    """What stands in the place of each node of the target that a tree-sitter query captures as @change.

    `to` is a template, in which each other capture is a variable that holds its text. The node stays where it
    comes to nothing, and goes, with its line, where it comes to `gone`.
    """

    query: str = Field(min_length=1)
    to: str


class Observe(_Table):
    """What is run on the base's code, in the sandbox, once the holes are filled: an expression for each hole.

    `hole` is the name of the holes, `expression` a template that knows `text`, what fills one, and `setup`
    one of the statements before.
    """

    hole: str
    setup: str = ""
    expression: str


class Declaration(_Table):
    """All of `recipe.toml`.

    `about` says more than `summary`. `under_test` names the input that says what new tests are for.
    `ruff` are templates of the names of rules whose fixes are made in the target, but in what the query
    `spare` captures. Those of `through` are made where one of `ruff` then goes on from there.
    """

    summary: str = Field(min_length=1)
    ask: str = ""
    forms: Annotated[tuple[Form, ...], Strict(False)] = ()
    on: Annotated[tuple[Kind, ...], Strict(False)] = ()
    language: str = "python"
    query: str | None = None
    inputs: dict[str, Input] = Field(default_factory=dict)
    changes: _Names = ()
    checks: _Names = ()
    about: str = ""
    under_test: str = ""
    imports: _Names = ()
    shows: Annotated[tuple[Literal["target", "around"], ...], Strict(False)] = ("target", "around")
    parts: tuple[Part, ...] = Field(default=(), alias="part", strict=False)
    rewrites: tuple[Rewrite, ...] = Field(default=(), alias="rewrite", strict=False)
    holes: dict[str, HoleRule] = Field(default_factory=dict)
    ruff: _Names = ()
    observe: Observe | None = None
    through: _Names = ()
    spare: str = ""

    @property
    def has_skeleton(self) -> bool:
        return bool(self.parts or self.rewrites or self.ruff)


_TABLES: Final[dict[str, type[BaseModel]]] = {
    "inputs": Input, "holes": HoleRule, "part": Part, "rewrite": Rewrite, "observe": Observe,
}  # fmt: skip


def read_declaration(where: str, text: str) -> Declaration:
    """Return what a `recipe.toml` declares. Raises ConfigError with file, line and the nearest valid key."""
    try:
        return Declaration.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{where}: {error}", _MEND) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = [str(part) for part in first["loc"]]
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigError(
            f"{where}:{line_of(text, place)}: {'.'.join(place)}: {message}", _hint(first["type"], place)
        ) from error


def line_of(text: str, place: Sequence[str]) -> int:
    """Return the line of a TOML text in which the deepest written part of a key stands, else the first.

    A number in `place` is that of a table in an array of tables, from 0.
    """
    deepest, found = 0, 1
    for path, line in _keys(text):
        if len(path) > deepest and path == list(place[: len(path)]):
            deepest, found = len(path), line
    return found


def _keys(text: str) -> Iterator[tuple[list[str], int]]:
    """Yield each key of a TOML text, from the outermost table, and its line; inline tables are one key."""
    table, counts, quote = list[str](), Counter[str](), ""
    for number, line in enumerate(text.splitlines(), 1):
        was_inside = quote
        for mark in _LONG_QUOTE.findall(line):
            quote = mark if not quote else "" if mark == quote else quote
        if was_inside:
            continue
        if head := _HEAD.match(line):
            table = _parts(head[2])
            if head[1] == "[[":
                counts[head[2]] += 1
                table.append(str(counts[head[2]] - 1))
            yield table, number
        elif key := _KEY.match(line):
            yield [*table, *_parts(key[1])], number


def _parts(key: str) -> list[str]:
    return [part.strip("\"'") for part in _KEY_PART.findall(key)]


def nearest_key(table: type[BaseModel], key: str) -> str:
    """Return a hint that names the key of a table that was probably meant."""
    return did_you_mean(key, [field.alias or name for name, field in table.model_fields.items()])


def _hint(kind: str, place: list[str]) -> str:
    if kind != "extra_forbidden":
        return _MEND
    known: type[BaseModel] = Declaration if len(place) == 1 else _TABLES.get(place[0], Declaration)
    return nearest_key(known, place[-1])
