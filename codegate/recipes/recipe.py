"""A recipe: a kind of boilerplate, kept as data that people can read, copy and write."""

from __future__ import annotations

import re
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import jinja2
from jinja2.sandbox import ImmutableSandboxedEnvironment

from codegate.core import Target
from codegate.errors import CodegateError, ConfigError, UsageError, did_you_mean
from codegate.recipes.bounds import of_recipe
from codegate.recipes.declaration import Declaration, Form, Input, read_declaration
from codegate.recipes.inputs import typed
from codegate.recipes.pathways import by_pathlib
from codegate.recipes.rules import double_quoted, logged
from codegate.recipes.shapes import shapes
from codegate.recipes.soundness import PROMPTS, check

_MOST: Final = 1_000_000  # characters that a template comes to


@dataclass(frozen=True)
class Recipe:
    """What it makes, what may be set, its templates, and the contract that its results are held to.

    `home` is `project`, `user` or `codegate`, `where` its folder, for messages; `files` maps names to texts.
    """

    name: str
    home: str
    where: str
    declared: Declaration
    files: Mapping[str, str]

    @property
    def summary(self) -> str:
        return self.declared.summary

    @property
    def inputs(self) -> dict[str, Input]:
        return self.declared.inputs

    @property
    def forms(self) -> tuple[Form, ...]:
        return ("skeleton",) if self.declared.has_skeleton else self.declared.forms

    def fill(self, given: Mapping[str, str]) -> dict[str, Any]:
        """Return a value of its type for every input. Raises UsageError for one unknown, missing or wrong.

        A `target` stays text here: whoever reads the repository looks it up.
        """
        for name in given:
            if name not in self.inputs:
                hint = did_you_mean(name, list(self.inputs)) if self.inputs else "it has no inputs"
                raise UsageError(f"recipe {self.name} has no input `{name}`", hint)
        values: dict[str, Any] = {}
        for name, declared in self.inputs.items():
            text = given.get(name, declared.default)
            if text is None:
                raise UsageError(f"recipe {self.name} needs `{name}`: {declared.help}", f"add --set {name}=…")
            values[name] = typed(self.name, name, declared, text)
        return values

    def write(self, **values: Any) -> tuple[str, str, str]:
        """Return the texts of the prompt's templates: system, reference, task.

        Raises ConfigError that names the file and the line.
        """
        return of_recipe(self, lambda: self._written(values))

    def _written(self, values: Mapping[str, Any]) -> tuple[str, str, str]:
        known = {**values, "ask": self.render_text(self.declared.ask, "ask", values)}
        system, reference, task = (self.render(f"{part}.jinja", known) for part in PROMPTS)
        return system, reference, task

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """Return the text of a template file. Raises ConfigError that names the file and the line."""
        return self._rendered(lambda: self.environment.get_template(template), template, values)

    def render_text(self, text: str, key: str, values: Mapping[str, Any]) -> str:
        """Return what a template in `recipe.toml` comes to; `key` says where it stands there."""
        return self._rendered(lambda: self.environment.from_string(text), f"recipe.toml: {key}", values)

    def changes(self, targets: Iterable[Target], inputs: Mapping[str, Any]) -> tuple[str, ...]:
        """Return which parts of the targets may change, in the words of `Scope.changes`; empty for all.

        A template may come to several words, one a line.
        """
        named = [(t.symbol or "").rpartition(".")[2] for t in targets]
        texts = of_recipe(self, lambda: self._changes(named, inputs))
        words = [word.strip() for text in texts for word in text.splitlines()]
        return tuple(dict.fromkeys(filter(None, words)))

    def _changes(self, named: Sequence[str], inputs: Mapping[str, Any]) -> list[str]:
        return [
            self.render_text(word, "changes", {"inputs": inputs, "name": name})
            for word in self.declared.changes
            for name in named
        ]

    @cached_property
    def environment(self) -> ImmutableSandboxedEnvironment:
        """What its templates are read and written with."""
        # The sandbox keeps a recipe from reaching Python through a value, and from changing what it is given.
        environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FunctionLoader(self._source),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # the text is for a model or a file, not for a browser
            # What is computed is so when it is rendered, not when a template is read.
            optimized=False,
            finalize=_late,
            keep_trailing_newline=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["literal"] = repr
        environment.filters["double_quoted"] = double_quoted
        environment.filters["by_pathlib"] = by_pathlib
        environment.filters["snake"] = _snake
        environment.filters["logged"] = logged
        environment.filters["shapes"] = shapes
        environment.filters["indented"] = _indented
        environment.filters["spoken"] = _spoken
        return environment

    def _source(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        text = self.files.get(name)
        return None if text is None else (text, f"{self.where}/{name}", lambda: True)

    def _rendered(self, load: Callable[[], jinja2.Template], name: str, values: Mapping[str, Any]) -> str:
        try:
            text = load().render(values).strip("\n")
            text.encode()  # a template can write half a surrogate pair
            if len(text) > _MOST:
                raise ValueError(f"it comes to {len(text):,} characters, more than {_MOST:,}")
        except CodegateError:  # what it refuses itself
            raise
        except Exception as error:  # whatever it calls, the mistake is the template's
            frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".jinja")]
            line = f":{frames[-1].lineno}" if frames else ""
            said = str(error) or type(error).__name__
            raise ConfigError(f"{self.where}/{name}{line}: {said}", "mend the template") from error
        return text


def open_recipe(name: str, home: str, where: str, files: Mapping[str, str]) -> Recipe:
    """Return the recipe of these files. Raises ConfigError with file and line for a mistake in it."""
    if "recipe.toml" not in files:
        raise ConfigError(f"{where}/recipe.toml: no such file, or no UTF-8", "write it, or remove the folder")
    recipe = Recipe(name, home, where, read_declaration(f"{where}/recipe.toml", files["recipe.toml"]), files)
    check(recipe)
    return recipe


@jinja2.pass_context
def _late(_: jinja2.runtime.Context, value: object) -> object:
    return value


def _snake(name: str) -> str:
    """Return a name of words in capitals with underscores between them."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _indented(text: str, by: int = 4) -> str:
    """Return a text with each line after its first moved to the right, but for blank ones."""
    return re.sub(r"\n(?=[^\n])", "\n" + " " * by, text)


def _spoken(name: str) -> str:
    """Return a name as words."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name.strip("_"))
    return parts.replace("_", " ").lower()
