"""A recipe: a kind of boilerplate, kept as data that people can read, copy and write."""

from __future__ import annotations

import json
import re
import traceback
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import jinja2
from jinja2 import meta, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from codegate.core import Target
from codegate.errors import ConfigError, UsageError, did_you_mean
from codegate.recipes.declaration import Declaration, Form, Input, line_of, read_declaration
from codegate.recipes.rules import double_quoted, logged
from codegate.recipes.shapes import shapes

# What a template may speak of, beside what it sets itself.
PROMPT_NAMES: Final = (
    "form", "instruction", "inputs", "subject", "is_new", "targets", "sections", "surroundings", "remarks",
    "holes", "ask",
)  # fmt: skip
SKELETON_NAMES: Final = (
    "target", "owner", "file", "inputs", "instruction", "name", "project", "hole", "width", "sentence",
    "types", "one_type", "unions", "of", "refuse", "gone", "builtins",
)  # fmt: skip
_OF_MATCHES: Final = ("inside", "parent", "field", "margin")
_PROMPTS: Final = ("system", "reference", "task")
_NEEDS: Final = {
    "member": ("member:",), "docstring": ("docstring",), "replace": ("body", "bases"),
    "before": ("definition:", "assign:"), "after": ("definition:", "assign:"),
    "top": ("definition:", "assign:"), "end": ("definition:", "assign:"), "under": (),
}  # fmt: skip


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
            values[name] = _typed(self.name, name, declared, text)
        return values

    def write(self, **values: Any) -> tuple[str, str, str]:
        """Return the texts of the prompt's templates: system, reference, task.

        Raises ConfigError that names the file and the line.
        """
        values["ask"] = self.render_text(self.declared.ask, "ask", values)
        system, reference, task = (self.render(f"{part}.jinja", values) for part in _PROMPTS)
        return system, reference, task

    def render(self, template: str, values: Mapping[str, Any]) -> str:
        """Return the text of a template file. Raises ConfigError that names the file and the line."""
        return self._rendered(lambda: self._environment.get_template(template), template, values)

    def render_text(self, text: str, key: str, values: Mapping[str, Any]) -> str:
        """Return what a template in `recipe.toml` comes to; `key` says where it stands there."""
        return self._rendered(lambda: self._environment.from_string(text), f"recipe.toml: {key}", values)

    def changes(self, targets: Iterable[Target], inputs: Mapping[str, Any]) -> tuple[str, ...]:
        """Return which parts of the targets may change, in the words of `Scope.changes`; empty for all.

        A template may come to several words, one a line.
        """
        named = [(t.symbol or "").rpartition(".")[2] for t in targets]
        texts = [
            self.render_text(word, "changes", {"inputs": inputs, "name": name})
            for word in self.declared.changes
            for name in named
        ]
        words = [word.strip() for text in texts for word in text.splitlines()]
        return tuple(dict.fromkeys(filter(None, words)))

    def check(self) -> None:
        """Raise ConfigError, with file and line, for a template that does not parse or speaks of what is not.

        Also for a part that `changes` does not cover, and for a hole that nothing declares or nothing uses.
        """
        declared, used = self.declared, set[str]()
        for prompt in _PROMPTS:
            self._check_template(f"{prompt}.jinja", PROMPT_NAMES)
        self._check_text(declared.ask, ["ask"], PROMPT_NAMES)
        for number, part in enumerate(declared.parts):
            needs = _NEEDS[part.place]
            if (
                needs
                and declared.changes
                and not any(c.startswith(n) for c in declared.changes for n in needs)
            ):
                raise self._wrong(
                    ["part", str(number), "place"],
                    f"`{part.place}` is out of scope: `changes` has none of {', '.join(needs)}",
                )
            if part.template is not None:
                used |= self._check_template(part.template, SKELETON_NAMES)
            if part.then is not None:
                self._check_template(part.then, (*SKELETON_NAMES, "filled", "seen"))
            for key in ("text", "name", "lead"):
                used |= self._check_text(getattr(part, key) or "", ["part", str(number), key], SKELETON_NAMES)
        for key in ("ruff", "through"):
            for rule in getattr(declared, key):
                self._check_text(rule, [key], ("inputs",))
        for number, rewrite in enumerate(declared.rewrites):
            captures = re.findall(r"@([\w.]+)", rewrite.query)
            if "change" not in captures:
                raise self._wrong(["rewrite", str(number), "query"], "it captures nothing as @change")
            used |= self._check_text(
                rewrite.to, ["rewrite", str(number), "to"], (*SKELETON_NAMES, *_OF_MATCHES, *captures)
            )
        if declared.under_test and declared.under_test not in declared.inputs:
            raise self._wrong(["under_test"], f"there is no input `{declared.under_test}`")
        if declared.observe is not None:
            if declared.observe.hole not in declared.holes:
                raise self._wrong(["observe", "hole"], f"there is no hole `{declared.observe.hole}`")
            self._check_text(declared.observe.setup, ["observe", "setup"], SKELETON_NAMES)
            self._check_text(
                declared.observe.expression, ["observe", "expression"], (*SKELETON_NAMES, "text", "filled")
            )
        captured = [c for rewrite in declared.rewrites for c in re.findall(r"@([\w.]+)", rewrite.query)]
        for name in self.files:
            if name.endswith(".jinja") and name.removesuffix(".jinja") not in _PROMPTS:
                used |= self._check_template(
                    name, (*SKELETON_NAMES, *_OF_MATCHES, "filled", "seen", *captured)
                )
        for name in declared.holes:
            if name not in used:
                raise self._wrong(["holes", name], f"no template has a hole `{name}`")

    @cached_property
    def _environment(self) -> ImmutableSandboxedEnvironment:
        # The sandbox keeps a recipe from reaching Python through a value, and from changing what it is given.
        environment = ImmutableSandboxedEnvironment(
            loader=jinja2.FunctionLoader(self._source),
            undefined=jinja2.StrictUndefined,
            autoescape=False,  # the text is for a model or a file, not for a browser
            keep_trailing_newline=False,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.filters["literal"] = repr
        environment.filters["double_quoted"] = double_quoted
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
            return load().render(values).strip("\n")
        except (
            jinja2.TemplateError,
            TypeError,
            ValueError,
            ArithmeticError,
            LookupError,
            AttributeError,
        ) as error:
            frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename.endswith(".jinja")]
            line = f":{frames[-1].lineno}" if frames else ""
            raise ConfigError(f"{self.where}/{name}{line}: {error}", "mend the template") from error

    def _check_template(self, name: str, known: tuple[str, ...]) -> set[str]:
        if name not in self.files:
            raise ConfigError(
                f"{self.where}/{name}: no such template, or no UTF-8", "write it, or name another"
            )
        return self._check(self.files[name], known, lambda line: f"{self.where}/{name}:{line}")

    def _check_text(self, text: str, place: list[str], known: tuple[str, ...]) -> set[str]:
        line = line_of(self.files["recipe.toml"], place)
        return self._check(text, known, lambda _: f"{self.where}/recipe.toml:{line}")

    def _check(self, text: str, known: tuple[str, ...], where: Callable[[int], str]) -> set[str]:
        """Return the holes that a template has."""
        try:
            parsed = self._environment.parse(text)
        except jinja2.TemplateSyntaxError as error:
            raise ConfigError(f"{where(error.lineno)}: {error.message}", "mend the template") from error
        # What is set under a condition counts as undeclared there, though it is used under the same one.
        own = {n.name for n in parsed.find_all(nodes.Name) if n.ctx != "load"}
        if unknown := sorted(meta.find_undeclared_variables(parsed) - own - set(known)):
            found = [n for n in parsed.find_all(nodes.Name) if n.name == unknown[0]]
            raise ConfigError(
                f"{where(found[0].lineno if found else 1)}: there is no `{unknown[0]}` here",
                did_you_mean(unknown[0], known),
            )
        holes = set[str]()
        for call in parsed.find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "hole":
                first = call.args[0] if call.args else None
                name = first.value if isinstance(first, nodes.Const) else None
                if name not in self.declared.holes:
                    raise ConfigError(
                        f"{where(call.lineno)}: no hole `{name}` is declared in recipe.toml",
                        did_you_mean(str(name), list(self.declared.holes)),
                    )
                holes.add(str(name))
        return holes

    def _wrong(self, place: list[str], message: str) -> ConfigError:
        line = line_of(self.files["recipe.toml"], place)
        return ConfigError(
            f"{self.where}/recipe.toml:{line}: {message}", "mend the recipe, or remove its folder"
        )


def open_recipe(name: str, home: str, where: str, files: Mapping[str, str]) -> Recipe:
    """Return the recipe of these files. Raises ConfigError with file and line for a mistake in it."""
    if "recipe.toml" not in files:
        raise ConfigError(f"{where}/recipe.toml: no such file, or no UTF-8", "write it, or remove the folder")
    recipe = Recipe(name, home, where, read_declaration(f"{where}/recipe.toml", files["recipe.toml"]), files)
    recipe.check()
    return recipe


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


def _typed(recipe: str, name: str, declared: Input, text: str) -> Any:
    wrong = f"recipe {recipe}: `{name}` is {declared.help}"
    if declared.type == "choice":
        if text not in declared.choices and text != declared.default:
            raise UsageError(f"{wrong}, not “{text}”", did_you_mean(text, declared.choices))
        return text
    if declared.type == "flag":
        if text.lower() not in ("yes", "no", "true", "false", "1", "0"):
            raise UsageError(f"{wrong}: yes or no, not “{text}”", f"--set {name}=yes")
        return text.lower() in ("yes", "true", "1")
    if declared.type == "number":
        if not re.fullmatch(r"-?\d{1,9}", text):
            raise UsageError(f"{wrong}: a whole number, not “{text}”", f"--set {name}=3")
        return int(text)
    if declared.type in ("name", "names"):
        names = [n.strip() for n in text.split(",") if n.strip()]
        if bad := next((n for n in names if not n.isidentifier()), None):
            raise UsageError(
                f"{wrong}: “{bad}” is no name",
                f"--set {name}=first,second" if declared.type == "names" else "",
            )
        if declared.type == "names":
            return names
        if len(names) > 1:
            raise UsageError(f"{wrong}: one name, not {len(names)}", f"--set {name}={names[0]}")
        return names[0] if names else ""
    if declared.type == "json" and text and not text.startswith("@"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError) as error:
            raise UsageError(
                f"{wrong}: {error}", f"--set '{name}={{\"a\": 1}}', or --set {name}=@sample.json"
            ) from error
    return text
