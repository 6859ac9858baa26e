"""Recipes: kinds of boilerplate, kept as data in `prompts/<name>/` that people can read and write."""

from __future__ import annotations

import difflib
import re
import tomllib
import traceback
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from codegate.errors import ConfigError, UsageError

Form = Literal["symbol", "file", "edits"]
FORMS: Final[tuple[Form, ...]] = ("symbol", "file", "edits")
_TEMPLATES: Final = ("system", "reference", "task")


class Input(BaseModel):
    """One thing that a person may set with `--set NAME=VALUE`; required where it has no default."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    help: str
    default: str | None = None


class _Declaration(BaseModel):
    """What `recipe.toml` may hold."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    summary: str = Field(min_length=1)
    forms: tuple[Form, ...] = FORMS
    inputs: dict[str, Input] = Field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """A kind of boilerplate: what it makes, what may be set, and its templates.

    `forms` are the forms of answer that its prompt is written for: one symbol's text, a whole file, or edits.
    `system` says how to answer, `reference` shows what is around the targets, `task` them and the wish.
    """

    name: str
    summary: str
    forms: tuple[Form, ...]
    inputs: dict[str, Input]
    system: jinja2.Template
    reference: jinja2.Template
    task: jinja2.Template

    def fill(self, given: Mapping[str, str]) -> dict[str, str]:
        """Return a value for every input. Raises UsageError for one that is unknown or missing."""
        for name in given:
            if name not in self.inputs:
                raise UsageError(f"recipe {self.name} has no input `{name}`", _offer(name, list(self.inputs)))
        values = {name: given.get(name, declared.default) for name, declared in self.inputs.items()}
        if missing := [name for name, value in values.items() if value is None]:
            raise UsageError(
                f"recipe {self.name} needs `{missing[0]}`: {self.inputs[missing[0]].help}",
                f"add --set {missing[0]}=…",
            )
        return {name: value for name, value in values.items() if value is not None}

    def write(self, **values: Any) -> tuple[str, str, str]:
        """Return the text of each template. Raises ConfigError that names the file and the line."""
        return _rendered(self.system, values), _rendered(self.reference, values), _rendered(self.task, values)


def recipes(folder: Path | None = None) -> list[Recipe]:
    """Return every recipe, by name. Raises ConfigError for the first one that has a mistake."""
    return [load_recipe(name, folder) for name in _names(folder or prompts_folder())]


def load_recipe(name: str, folder: Path | None = None) -> Recipe:
    """Return one recipe, its templates compiled.

    Raises UsageError for an unknown name, with the nearest one, and ConfigError with file and line for a
    recipe that has a mistake.
    """
    folder = folder or prompts_folder()
    if name not in (known := _names(folder)):
        raise UsageError(f"there is no recipe `{name}`", _offer(name, known))
    declared = _read(folder / name / "recipe.toml")
    # The sandbox keeps a recipe from reaching Python through a value, and from changing what it is given.
    environment = ImmutableSandboxedEnvironment(
        loader=jinja2.FileSystemLoader(folder / name),
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # the text is for a model, not for a browser
        keep_trailing_newline=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates = (_template(environment, folder / name, f"{part}.jinja") for part in _TEMPLATES)
    return Recipe(name, declared.summary, declared.forms, declared.inputs, *templates)


@cache
def prompts_folder() -> Path:
    """Return the folder of the recipes that codegate ships: inside the wheel, or beside the package."""
    package = Path(__file__).parent
    # An editable install has no codegate/prompts: there they are where they are written.
    return next(p for p in (package / "prompts", package.parent / "prompts") if p.is_dir())


def _names(folder: Path) -> list[str]:
    return sorted(path.parent.name for path in folder.glob("*/recipe.toml"))


def _offer(name: str, known: list[str]) -> str:
    if not known:
        return "it has no inputs"
    nearest = difflib.get_close_matches(name, known, n=1)
    return f"did you mean `{nearest[0]}`?" if nearest else f"there are: {', '.join(known)}"


def _read(path: Path) -> _Declaration:
    try:
        text = path.read_text("utf-8")
        return _Declaration.model_validate(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise ConfigError(f"{path}: {error}", "mend the recipe, or remove its folder") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = [str(part) for part in first["loc"]]
        raise ConfigError(
            f"{path}:{_line(text, where)}: {'.'.join(where)}: {first['msg']}",
            _nearest_key(first["type"], where),
        ) from error


def _nearest_key(kind: str, where: list[str]) -> str:
    if kind != "extra_forbidden":
        return "mend the recipe, or remove its folder"
    known = _Declaration if len(where) == 1 else Input
    return _offer(where[-1], list(known.model_fields))


def _line(text: str, where: list[str]) -> int:
    """Return the line in which the deepest part of a key stands that is written at all, else the first."""
    for part in reversed(where):
        for number, line in enumerate(text.splitlines(), 1):
            if re.match(rf"\s*(\[[\w.]*\b{re.escape(part)}\b|{re.escape(part)}\s*=)", line):
                return number
    return 1


def _template(environment: jinja2.Environment, folder: Path, name: str) -> jinja2.Template:
    try:
        return environment.get_template(name)
    except jinja2.TemplateSyntaxError as error:
        raise ConfigError(f"{folder / name}:{error.lineno}: {error.message}", "mend the template") from error
    except (jinja2.TemplateNotFound, UnicodeError) as error:
        raise ConfigError(
            f"{folder / name}: no such template, or no UTF-8", f"a recipe has {', '.join(_TEMPLATES)}"
        ) from error


def _rendered(template: jinja2.Template, values: Mapping[str, Any]) -> str:
    try:
        return template.render(values).strip()
    except (jinja2.TemplateError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".jinja")]
        line = frames[-1].lineno if frames else 1
        raise ConfigError(f"{template.filename}:{line}: {error}", "mend the template") from error
