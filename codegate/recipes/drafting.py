"""A recipe's templates written out for a request: what is computed, with holes for the rest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import SimpleNamespace
from typing import Any

from codegate.core import Observation, Request, Target
from codegate.errors import UsageError
from codegate.recipes.bounds import of_recipe
from codegate.recipes.declaration import Part, Rewrite
from codegate.recipes.facts.project import ProjectFacts, project_facts
from codegate.recipes.holes import Holes
from codegate.recipes.knowledge import GONE, Reader, known_of, looked_up
from codegate.recipes.matching import Match, matches
from codegate.recipes.recipe import Recipe
from codegate.recipes.skeleton import Draft, DraftPart, Fixes, Pieces, Question
from codegate.source import Language
from codegate.source.layout import indentation_at


def draft(recipe: Recipe, request: Request, read: Reader) -> Draft:
    """Return a recipe's answer to a request, but for its holes.

    Raises UsageError where the recipe does not apply to a target, ConfigError for a mistake of the recipe.
    """
    return of_recipe(recipe, lambda: _draft(recipe, request, read))


def _draft(recipe: Recipe, request: Request, read: Reader) -> Draft:
    inputs = looked_up(recipe, recipe.fill(request.inputs), read)
    project = project_facts(read("pyproject.toml"))
    holes, parts, imports = Holes(recipe), list[DraftPart](), list[str]()
    language: Language | None = None
    values: dict[str, Any] = {}
    for target in request.targets:
        values, text, language = known_of(recipe, request, target, read(target.path), project, inputs)
        values["hole"] = holes.hole(values)
        found = list(_rewritten(recipe, target, language, text, values, holes))
        if recipe.declared.query and not matches(language, text, recipe.declared.query, target.symbol):
            raise UsageError(
                f"there is nothing in {target} that recipe {recipe.name} is for: {recipe.summary}"
            )
        found += _placed(recipe, target, values, holes)
        parts += found
        imports += [recipe.render_text(text, "imports", values).strip() for text in recipe.declared.imports]
    fixes = _fixes(recipe, inputs, project)
    if not parts and fixes is None:
        named = ", ".join(map(str, request.targets))
        raise UsageError(f"recipe {recipe.name} has nothing to do in {named}: {recipe.summary}")
    lines = tuple(dict.fromkeys(line for text in imports for line in text.splitlines() if line.strip()))
    name = language.name if language else ""
    question = _question(recipe, values, holes)
    return Draft(tuple(parts), lines, fixes, name, question, tuple(_names(inputs)))


def _names(inputs: Mapping[str, Any]) -> Iterator[Target]:
    for value in inputs.values():
        if isinstance(value, SimpleNamespace):
            yield Target(value.path, value.symbol or None)


def _question(recipe: Recipe, values: Mapping[str, Any], holes: Holes) -> Question | None:
    declared = recipe.declared.observe
    if declared is None:
        return None
    asked = tuple(hole.name for hole in holes.made if hole.name.partition(" ")[0] == declared.hole)

    def expression(text: str, filled: Mapping[str, str]) -> str:
        known = {**values, "text": text, "filled": filled}
        return of_recipe(
            recipe, lambda: recipe.render_text(declared.expression, "observe.expression", known).strip()
        )

    return Question(recipe.render_text(declared.setup, "observe.setup", values), asked, expression)


def _fixes(recipe: Recipe, inputs: Mapping[str, Any], project: ProjectFacts) -> Fixes | None:
    values, declared = {"inputs": SimpleNamespace(**inputs)}, recipe.declared
    rules, through = (
        tuple(filter(None, (recipe.render_text(rule, key, values).strip() for rule in named)))
        for key, named in (("ruff", declared.ruff), ("through", declared.through))
    )
    return Fixes(rules, through, declared.spare, project) if rules else None


def _placed(recipe: Recipe, target: Target, values: Mapping[str, Any], holes: Holes) -> Iterator[DraftPart]:
    for number, part in enumerate(recipe.declared.parts):
        key = f"part {number + 1}"
        if part.template is not None:
            text = recipe.render(part.template, values)
        else:
            text = recipe.render_text(part.text or "", key, values)
        if text.strip():
            yield _part(recipe, part, key, target, values, holes.pieces(text))


def _part(
    recipe: Recipe, part: Part, key: str, target: Target, values: Mapping[str, Any], pieces: Pieces
) -> DraftPart:
    name = recipe.render_text(part.name, f"{key}.name", values).strip()
    lead = recipe.render_text(part.lead, f"{key}.lead", values)
    then = None
    if (template := part.then) is not None:

        def then(filled: Mapping[str, str], seen: Sequence[Observation]) -> str:
            known = {**values, "filled": filled, "seen": seen}
            return of_recipe(recipe, lambda: recipe.render(template, known))

    lead = f"{lead}\n" if lead else ""
    return DraftPart(part.place, target, pieces, name, lead, then=then, width=values["width"])


def _rewritten(
    recipe: Recipe,
    target: Target,
    language: Language | None,
    text: bytes,
    values: Mapping[str, Any],
    holes: Holes,
) -> Iterator[DraftPart]:
    """Yield a part for each node that a rewrite changes; of two that overlap, the outer."""
    done: list[Match] = []
    for number, rewrite in enumerate(recipe.declared.rewrites):
        for match in matches(language, text, rewrite.query, target.symbol):
            if any(match.overlaps(other) for other in done):
                continue
            margin = indentation_at(text, match.start).decode()
            part = _rewrite(recipe, rewrite, number, target, match, {**values, "margin": margin}, holes)
            if part is not None:
                done.append(match)
                yield part


def _rewrite(
    recipe: Recipe,
    rewrite: Rewrite,
    number: int,
    target: Target,
    match: Match,
    values: Mapping[str, Any],
    holes: Holes,
) -> DraftPart | None:
    """Return the part of one match; None where the template leaves it as it is."""
    captured = {name: text for name, text in match.captures.items() if name not in values}
    inner = {**values, **captured, "inside": match.inside, "parent": match.parent, "field": match.field}
    inner["hole"] = holes.hole(inner)
    to = recipe.render_text(rewrite.to, f"rewrite {number + 1}.to", inner)
    if not to or to == match.captures["change"]:
        return None
    pieces = () if to == GONE else holes.pieces(to)
    return DraftPart("span", target, pieces, span=(match.start, match.end))
