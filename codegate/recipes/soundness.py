"""What is wrong with a recipe, told when it is loaded, by file and line: not when someone first uses it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

import jinja2
from jinja2 import meta, nodes

from codegate.errors import ConfigError, UsageError, did_you_mean
from codegate.recipes.declaration import Part, Rewrite, line_of
from codegate.recipes.inputs import typed
from codegate.source.contract import validate_changes, validate_checks
from codegate.source.grammars import LANGUAGES
from codegate.source.languages import grammar_of

if TYPE_CHECKING:
    from codegate.recipes.recipe import Recipe

# What a template may speak of, beside what it sets itself.
PROMPT_NAMES: Final = (
    "form", "instruction", "inputs", "subject", "is_new", "targets", "sections", "surroundings", "remarks",
    "holes", "ask",
)  # fmt: skip
SKELETON_NAMES: Final = (
    "target", "owner", "file", "inputs", "instruction", "name", "project", "hole", "width", "sentence",
    "types", "one_type", "unions", "of", "refuse", "gone", "builtins",
)  # fmt: skip
REWRITE_NAMES: Final = ("inside", "parent", "field", "margin")
THEN_NAMES: Final = ("filled", "seen")
PROMPTS: Final = ("system", "reference", "task")
_NEEDS: Final = {
    "member": ("member:",), "docstring": ("docstring",), "replace": ("body", "bases"),
    "before": ("definition:", "assign:"), "after": ("definition:", "assign:"),
    "top": ("definition:", "assign:"), "end": ("definition:", "assign:"), "under": (),
}  # fmt: skip
_MEND: Final = "mend the recipe, or remove its folder"


def check(recipe: Recipe) -> None:
    """Raise ConfigError for the first mistake of a recipe, with file, line, and the nearest right word.

    For a template that does not parse, or speaks of what is not; a word of `changes` or a name in `checks`
    that there is not; a query that the grammar does not take; a part that `changes` does not cover; a default
    of the wrong type; and a hole that nothing declares or nothing uses.
    """
    declared, used = recipe.declared, set[str]()
    _check_contract(recipe)
    _check_names(recipe)
    for prompt in PROMPTS:
        _check_template(recipe, f"{prompt}.jinja", PROMPT_NAMES)
    _check_text(recipe, declared.ask, ["ask"], PROMPT_NAMES)
    for number, part in enumerate(declared.parts):
        used |= _check_part(recipe, part, ["part", str(number)])
    for number, rewrite in enumerate(declared.rewrites):
        used |= _check_rewrite(recipe, rewrite, ["rewrite", str(number)])
    for key, texts, names in _other_templates(recipe):
        for text in texts:
            _check_text(recipe, text, key, names)
    captured = [c for rewrite in declared.rewrites for c in _captures(rewrite.query)]
    every = (*SKELETON_NAMES, *REWRITE_NAMES, *THEN_NAMES, *captured)
    for name in recipe.files:
        if name.endswith(".jinja") and name.removesuffix(".jinja") not in PROMPTS:
            used |= _check_template(recipe, name, every)
    for name in declared.holes:
        if name not in used:
            raise _wrong(recipe, ["holes", name], f"no template has a hole `{name}`")


def _other_templates(recipe: Recipe) -> Iterator[tuple[list[str], Iterable[str], tuple[str, ...]]]:
    """Yield where templates stand in `recipe.toml` that no hole may be in, and what they may speak of."""
    declared = recipe.declared
    plain = tuple(name for name in SKELETON_NAMES if name != "hole")
    for key in ("ruff", "through"):
        yield [key], getattr(declared, key), ("inputs",)
    yield ["changes"], declared.changes, ("inputs", "name")
    yield ["imports"], declared.imports, plain
    for name, hole in declared.holes.items():
        yield ["holes", name, "help"], [hole.help], plain
        yield ["holes", name, "default"], [hole.default or ""], plain
    if declared.observe is not None:
        yield ["observe", "setup"], [declared.observe.setup], plain
        yield ["observe", "expression"], [declared.observe.expression], (*plain, "text", "filled")


def _check_contract(recipe: Recipe) -> None:
    """Raise ConfigError for a language, a word of `changes`, a check or a query that there is not."""
    declared = recipe.declared
    known = {language.name: language for language in LANGUAGES}
    language = known.get(declared.language)
    if language is None and declared.language != "any":
        hint = did_you_mean(declared.language, [*known, "any"])
        raise _wrong(recipe, ["language"], f"there is no language `{declared.language}`", hint)
    try:
        validate_checks(declared.checks)
        # What is computed is checked when it is: then it is known which language the target is in.
        validate_changes((word for word in declared.changes if not _is_computed(word)), language)
    except ConfigError as error:
        key = error.message.partition(":")[0]
        raise _wrong(recipe, [key], error.message.removeprefix(f"{key}: "), error.hint) from error
    queries = [(["query"], declared.query), (["spare"], declared.spare)]
    queries += [(["rewrite", str(n), "query"], rewrite.query) for n, rewrite in enumerate(declared.rewrites)]
    for place, query in queries:
        if not query:
            continue
        if not _captures(query):
            raise _wrong(recipe, place, "it captures nothing", "write @change behind the node that is meant")
        if language is not None:
            _compile(recipe, place, language.name, query)


def _compile(recipe: Recipe, place: list[str], language: str, query: str) -> None:
    import tree_sitter

    try:
        tree_sitter.Query(grammar_of(next(row for row in LANGUAGES if row.name == language)), query)
    except (tree_sitter.QueryError, ValueError) as error:
        raise _wrong(recipe, place, f"the query is none of {language}: {error}") from error


def _check_names(recipe: Recipe) -> None:
    """Raise ConfigError for an input or a hole that is named and not there, and for a default of no use."""
    declared = recipe.declared
    for name, given in declared.inputs.items():
        try:
            if given.default:  # an empty one stands for none
                typed(recipe.name, name, given.model_copy(update={"default": None}), given.default)
        except UsageError as error:
            raise _wrong(recipe, ["inputs", name, "default"], error.message, error.hint) from error
    if declared.under_test and declared.under_test not in declared.inputs:
        hint = did_you_mean(declared.under_test, list(declared.inputs))
        raise _wrong(recipe, ["under_test"], f"there is no input `{declared.under_test}`", hint)
    if declared.observe is not None and declared.observe.hole not in declared.holes:
        hint = did_you_mean(declared.observe.hole, list(declared.holes))
        raise _wrong(recipe, ["observe", "hole"], f"there is no hole `{declared.observe.hole}`", hint)


def _check_part(recipe: Recipe, part: Part, place: list[str]) -> set[str]:
    """Return the holes of a part."""
    needs, changes = _NEEDS[part.place], recipe.declared.changes
    covered = any(_is_computed(word) or word.startswith(need) for word in changes for need in needs)
    if needs and changes and not covered:
        raise _wrong(
            recipe,
            [*place, "place"],
            f"`{part.place}` is out of scope: `changes` has none of {', '.join(needs)}",
        )
    used = set[str]()
    if part.template is not None:
        used |= _check_template(recipe, part.template, SKELETON_NAMES, [*place, "template"])
    if part.then is not None:
        _check_template(recipe, part.then, (*SKELETON_NAMES, *THEN_NAMES), [*place, "then"])
    for key in ("text", "name", "lead"):
        used |= _check_text(recipe, getattr(part, key) or "", [*place, key], SKELETON_NAMES)
    return used


def _check_rewrite(recipe: Recipe, rewrite: Rewrite, place: list[str]) -> set[str]:
    captures = _captures(rewrite.query)
    if "change" not in captures:
        raise _wrong(recipe, [*place, "query"], "it captures nothing as @change")
    names = (*SKELETON_NAMES, *REWRITE_NAMES, *captures)
    return _check_text(recipe, rewrite.to, [*place, "to"], names)


def _check_template(
    recipe: Recipe, name: str, known: tuple[str, ...], place: list[str] | None = None
) -> set[str]:
    """Return the holes of a template file. Raises ConfigError where it is named, if it is not there."""
    if name not in recipe.files:
        line = line_of(recipe.files["recipe.toml"], place) if place else 0
        where = f"{recipe.where}/recipe.toml:{line}: " if place else ""
        raise ConfigError(
            f"{where}{recipe.where}/{name}: no such template, or no UTF-8", "write it, or name another"
        )
    return _check(recipe, recipe.files[name], known, lambda line: f"{recipe.where}/{name}:{line}")


def _check_text(recipe: Recipe, text: str, place: list[str], known: tuple[str, ...]) -> set[str]:
    line = line_of(recipe.files["recipe.toml"], place)
    return _check(recipe, text, known, lambda _: f"{recipe.where}/recipe.toml:{line}")


def _check(recipe: Recipe, text: str, known: tuple[str, ...], where: Callable[[int], str]) -> set[str]:
    """Return the holes that a template has."""
    try:
        parsed = recipe.environment.parse(text)
        _check_words(recipe, parsed, where)
        used = _undeclared(parsed)
    except jinja2.TemplateSyntaxError as error:
        raise ConfigError(f"{where(error.lineno)}: {error.message}", "mend the template") from error
    except (RecursionError, MemoryError) as error:
        raise ConfigError(f"{where(1)}: it is too deep, or too large", "mend the template") from error
    # What is set under a condition counts as undeclared there, though it is used under the same one.
    own = {n.name for n in parsed.find_all(nodes.Name) if n.ctx != "load"}
    if unknown := sorted(used - own - set(known)):
        found = [n for n in parsed.find_all(nodes.Name) if n.name == unknown[0]]
        raise ConfigError(
            f"{where(found[0].lineno if found else 1)}: there is no `{unknown[0]}` here",
            did_you_mean(unknown[0], known),
        )
    return set(_holes(recipe, parsed, where))


def _undeclared(parsed: nodes.Template) -> set[str]:
    """Return the names that a template takes from outside: as jinja finds them, with nothing computed."""
    assert parsed.environment is not None
    tracking = meta.TrackingCodeGenerator(parsed.environment)
    tracking.optimizer = None
    tracking.visit(parsed)
    return tracking.undeclared_identifiers


def _check_words(recipe: Recipe, parsed: nodes.Template, where: Callable[[int], str]) -> None:
    """Raise ConfigError for a filter, a test, an input or a template that there is not."""
    kinds: list[tuple[str, type[Any], Iterable[str]]] = [
        ("filter", nodes.Filter, recipe.environment.filters),
        ("test", nodes.Test, recipe.environment.tests),
    ]
    for kind, node, known in kinds:
        for one in parsed.find_all(node):
            if one.name not in known:
                hint = did_you_mean(one.name, sorted(known))
                raise ConfigError(f"{where(one.lineno)}: there is no {kind} `{one.name}`", hint)
    for read in parsed.find_all(nodes.Getattr):
        of_inputs = isinstance(read.node, nodes.Name) and read.node.name == "inputs"
        if of_inputs and read.attr not in recipe.inputs:
            hint = did_you_mean(read.attr, list(recipe.inputs))
            raise ConfigError(f"{where(read.lineno)}: there is no input `{read.attr}`", hint)
    for name in meta.find_referenced_templates(parsed):
        if name is not None and name not in recipe.files:
            templates = [file for file in recipe.files if file.endswith(".jinja")]
            raise ConfigError(f"{where(1)}: there is no template `{name}`", did_you_mean(name, templates))


def _holes(recipe: Recipe, parsed: nodes.Template, where: Callable[[int], str]) -> Iterator[str]:
    for call in parsed.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "hole":
            first = call.args[0] if call.args else None
            name = first.value if isinstance(first, nodes.Const) else None
            if name not in recipe.declared.holes:
                raise ConfigError(
                    f"{where(call.lineno)}: no hole `{name}` is declared in recipe.toml",
                    did_you_mean(str(name), list(recipe.declared.holes)),
                )
            yield str(name)


def _captures(query: str) -> list[str]:
    return re.findall(r"@([\w.]+)", query)


def _is_computed(text: str) -> bool:
    return "{{" in text or "{%" in text


def _wrong(recipe: Recipe, place: list[str], message: str, hint: str = _MEND) -> ConfigError:
    line = line_of(recipe.files["recipe.toml"], place)
    return ConfigError(f"{recipe.where}/recipe.toml:{line}: {message}", hint)
