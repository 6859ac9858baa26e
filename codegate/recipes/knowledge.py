"""What a recipe's templates know: the facts of a target and its file, of the inputs, and of the project."""

from __future__ import annotations

import builtins
import json
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, Final

from codegate.core import Request, Target
from codegate.errors import UsageError
from codegate.recipes.facts import ClassFacts, FunctionFacts, ModuleFacts, find_facts, module_facts
from codegate.recipes.facts.project import ProjectFacts
from codegate.recipes.recipe import Recipe
from codegate.recipes.rules import one_type, sentence, type_grammar
from codegate.source import Language, find_symbol, language_of, read_document
from codegate.source.layout import indentation_at

Reader = Callable[[str], bytes | None]

# What a rewrite's template writes where a node goes.
GONE: Final = "\ue002"
_BUILTINS: Final = frozenset(dir(builtins))


def known_of(
    recipe: Recipe,
    request: Request,
    target: Target,
    data: bytes | None,
    project: ProjectFacts,
    inputs: Mapping[str, Any],
) -> tuple[dict[str, Any], bytes, Language | None]:
    """Return what templates know of a target, its file's text, and its language.

    Raises UsageError where the recipe is not for it.
    """
    document = read_document(target.path, data or b"")
    language = language_of(target.path, document.text)
    _refuse_language(recipe, target, language)
    values = _values(target, document.text.decode(), language)
    _refuse_kind(recipe, target, values["target"], is_new=data is None)
    values |= {
        "inputs": SimpleNamespace(**inputs), "instruction": request.instruction, "project": project,
        "name": (target.symbol or "").rpartition(".")[2],
    }  # fmt: skip
    return values | _words(values["file"], project, target, document.text, language), document.text, language


def _refuse(message: str, hint: str = "") -> None:
    """Say that the recipe is not for this target, and why: what templates call."""
    raise UsageError(message, hint)


def _values(target: Target, text: str, language: Language | None) -> dict[str, Any]:
    """Return the facts of a target and its file; of another language than Python there are none."""
    nothing: dict[str, Any] = {
        "target": None,
        "owner": None,
        "file": SimpleNamespace(path=target.path, text=text),
    }
    if language is None or language.name != "python":
        return nothing
    facts, tree = module_facts(target.path, text)
    if target.symbol is None:
        return {**nothing, "file": facts}
    parent = target.symbol.rpartition(".")[0]
    owner = find_facts(tree, text, parent) if parent else None
    return {
        "file": facts, "target": find_facts(tree, text, target.symbol),
        "owner": owner if isinstance(owner, ClassFacts) else None,
    }  # fmt: skip


def _words(
    file: Any, project: ProjectFacts, target: Target, text: bytes, language: Language | None
) -> dict[str, Any]:
    """Return what templates compute with: the columns that a line of the target's body has, and grammars."""
    depth = 0
    if target.symbol is not None and language is not None:
        symbol = find_symbol(text, language, target.symbol, target.path)
        depth = len(indentation_at(text, symbol.head).expandtabs(4)) + 4
    words: dict[str, Any] = {
        "width": project.line_length - depth, "sentence": sentence, "refuse": _refuse, "gone": GONE,
        "builtins": _BUILTINS,
    }  # fmt: skip
    if isinstance(file, ModuleFacts):
        unions = file.has_future_annotations or project.python >= (3, 10)
        words |= {"unions": unions, "types": type_grammar(file, unions), "one_type": one_type(file)}
    return words


def _refuse_language(recipe: Recipe, target: Target, language: Language | None) -> None:
    wanted, name = recipe.declared.language, language.name if language else "unknown"
    if wanted not in ("any", name):
        raise UsageError(
            f"recipe {recipe.name} is for {wanted}, and {target.path} is {name}",
            "the recipe `edit` is for any language",
        )


def _refuse_kind(recipe: Recipe, target: Target, facts: object, *, is_new: bool) -> None:
    kind = "new" if is_new else "file" if target.symbol is None else ""
    kind = kind or {ClassFacts: "class", FunctionFacts: "function"}.get(type(facts), "")
    if recipe.declared.on and kind not in recipe.declared.on:
        wanted = " or ".join("a new file" if k == "new" else f"a {k}" for k in recipe.declared.on)
        raise UsageError(
            f"recipe {recipe.name} is for {wanted}, and {target} is {_article(kind)}",
            f"name {wanted}: path::symbol",
        )


def _article(kind: str) -> str:
    return {"new": "no file yet", "": "defined more than once, or neither a function nor a class"}.get(
        kind, f"a {kind}"
    )


def looked_up(recipe: Recipe, inputs: dict[str, Any], read: Reader) -> dict[str, Any]:
    """Return the inputs with the facts of those that name a symbol, the JSON of those that name a file."""
    for name, declared in recipe.inputs.items():
        given = inputs[name]
        if declared.type == "target" and given:
            inputs[name] = _named(f"--set {name}={given}", given, read)
        elif declared.type == "json" and isinstance(given, str) and given.startswith("@"):
            inputs[name] = _json_of(given[1:], read)
    return inputs


def _named(where: str, given: str, read: Reader) -> SimpleNamespace:
    path, _, symbol = given.partition("::")
    data = read(path)
    if data is None:
        raise UsageError(f"{where}: there is no {path} in the repository", "name path::symbol")
    text = read_document(path, data).text.decode()
    facts, tree = module_facts(path, text)
    found = find_facts(tree, text, symbol) if symbol else None
    if symbol and found is None:
        raise UsageError(
            f"{where}: {path} has no function or class `{symbol}`, or several", "name path::symbol"
        )
    if not all(map(str.isidentifier, facts.module.split("."))):
        raise UsageError(f"{where}: Python has no name to import {path} by", "name a file that it can import")
    owner = find_facts(tree, text, symbol.rpartition(".")[0]) if "." in symbol else None
    return SimpleNamespace(
        path=path, symbol=symbol, file=facts, facts=found, owner=owner, is_class=isinstance(found, ClassFacts)
    )


def _json_of(path: str, read: Reader) -> Any:
    data = read(path)
    if data is None:
        raise UsageError(
            f"there is no {path} in the repository", "name a file of it: --set sample=@path.json"
        )
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no JSON: {error}") from error
