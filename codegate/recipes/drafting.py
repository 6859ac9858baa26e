"""A recipe's answer but for what only a model can say: computed text, holes, and where each part goes."""

from __future__ import annotations

import builtins
import re
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any, Final

from codegate.core import Hole, Observation, Request, Target
from codegate.errors import UsageError
from codegate.grammar import GrammarError, parse_gbnf
from codegate.recipes.declaration import HoleRule, Part, Rewrite
from codegate.recipes.facts import ClassFacts, FunctionFacts, ModuleFacts, find_facts, module_facts
from codegate.recipes.facts.project import ProjectFacts, project_facts
from codegate.recipes.matching import Match, matches
from codegate.recipes.recipe import Recipe
from codegate.recipes.rules import one_type, sentence, type_grammar
from codegate.source import Language, find_symbol, language_of, read_document
from codegate.source.layout import indentation_at

Reader = Callable[[str], bytes | None]
Pieces = tuple[str | Hole, ...]

_BUILTINS: Final = frozenset(dir(builtins))
# What a rewrite's template writes where a node goes.
GONE: Final = "\ue002"
_MAX_HOLES: Final = 64
_HOLE_ROOM: Final = 16


@dataclass(frozen=True, slots=True)
class DraftPart:
    """Text with holes, and where it goes: at a `place` of `target`, or in the place of the bytes of `span`.

    A span without pieces goes, with the blank lines before it. `lead` stands before it when a model is shown
    it, and goes nowhere. `then`, where it is set, writes the text of what fills the holes, and of what
    running the code showed.
    """

    place: str
    target: Target
    pieces: Pieces
    name: str = ""
    lead: str = ""
    span: tuple[int, int] | None = None
    then: Callable[[Mapping[str, str], Sequence[Observation]], str] | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be run on the base's code: `setup`, then an expression for each of the holes."""

    setup: str
    holes: tuple[str, ...]
    expression: Callable[[str, Mapping[str, str]], str]

    def expressions(self, filled: Mapping[str, str]) -> list[str]:
        return [self.expression(filled[name], filled) for name in self.holes] or [self.expression("", filled)]

    def texts(self, filled: Mapping[str, str]) -> list[str]:
        """Return what the answer gave of each expression."""
        return [filled[name] for name in self.holes] or [""]


@dataclass(frozen=True, slots=True)
class Fixes:
    """Rules of ruff whose fixes are made in the targets, but in what the query `spare` captures.

    Fixes of `through` are made only where one of the others goes on from there.
    """

    rules: tuple[str, ...]
    through: tuple[str, ...]
    spare: str
    project: ProjectFacts


@dataclass(frozen=True, slots=True)
class Draft:
    """All parts of an answer. `imports` are statements that its code may need: those that it uses are added.

    `named` are the symbols that inputs of the recipe name.
    """

    parts: tuple[DraftPart, ...]
    imports: tuple[str, ...] = ()
    fixes: Fixes | None = None
    language: str = ""
    question: Question | None = None
    named: tuple[Target, ...] = ()

    @property
    def skeleton(self) -> Pieces:
        """The parts as one answer, in a fenced block as models write it."""
        pieces: list[str | Hole] = [f"```{self.language}\n"]
        for part in self.parts:
            pieces += [part.lead, *part.pieces, "\n"]
        return tuple(_joined([*pieces, "```"]))

    @property
    def holes(self) -> tuple[Hole, ...]:
        return tuple(piece for part in self.parts for piece in part.pieces if isinstance(piece, Hole))

    @property
    def max_tokens(self) -> int:
        return sum(hole.max_tokens for hole in self.holes) + _HOLE_ROOM


@dataclass
class _Holes:
    """The holes of one draft, each known by a mark in the text that the templates write."""

    recipe: Recipe
    nonce: str = field(default_factory=lambda: secrets.token_hex(8))
    made: list[Hole] = field(default_factory=list)

    def hole(self, values: Mapping[str, Any]) -> Callable[..., str]:
        """Return the function that templates call as `hole(name, of, grammar=…)`."""

        def hole(
            name: str, of: str = "", *, grammar: str = "", default: str | None = None, wanted: str = ""
        ) -> str:
            rule = self.recipe.declared.holes[name]
            about = {**values, "of": of}
            if default is None and rule.default is not None:
                default = self.recipe.render_text(rule.default, f"holes.{name}.default", about)
            wanted = wanted or self.recipe.render_text(rule.help, f"holes.{name}.help", about)
            if len(self.made) >= _MAX_HOLES:
                raise UsageError(
                    f"recipe {self.recipe.name}: more than {_MAX_HOLES} holes", "name a smaller symbol"
                )
            self.made.append(
                Hole(
                    self._free(f"{name} {of}".strip()),
                    self._grammar(rule, grammar),
                    rule.max_tokens,
                    wanted,
                    default,
                )
            )
            return f"\ue000{self.nonce}:{len(self.made) - 1}\ue001"

        return hole

    def pieces(self, text: str) -> Pieces:
        """Return a text with the holes in the places of their marks."""
        parts = re.split(rf"\ue000{self.nonce}:(\d+)\ue001", text)
        return tuple(_joined(part if at % 2 == 0 else self.made[int(part)] for at, part in enumerate(parts)))

    def _grammar(self, rule: HoleRule, given: str) -> str:
        if not given:
            return rule.gbnf
        try:
            parse_gbnf(given)
        except GrammarError as error:
            raise UsageError(f"recipe {self.recipe.name}: a grammar that it computes: {error}") from error
        return given

    def _free(self, name: str) -> str:
        taken = {hole.name for hole in self.made}
        return next(n for n in (name, *(f"{name} {i}" for i in range(2, _MAX_HOLES + 3))) if n not in taken)


def draft(recipe: Recipe, request: Request, read: Reader) -> Draft:
    """Return a recipe's answer to a request, but for its holes.

    Raises UsageError where the recipe does not apply to a target, ConfigError for a mistake of the recipe.
    """
    inputs = _looked_up(recipe, recipe.fill(request.inputs), read)
    project = project_facts(read("pyproject.toml"))
    holes, parts, imports = _Holes(recipe), list[DraftPart](), list[str]()
    language: Language | None = None
    values: dict[str, Any] = {}
    for target in request.targets:
        data = read(target.path)
        document = read_document(target.path, data or b"")
        language = language_of(target.path, document.text)
        _refuse_language(recipe, target, language)
        values = _values(target, document.text.decode(), language)
        _refuse_kind(recipe, target, values["target"], is_new=data is None)
        values |= {
            "inputs": SimpleNamespace(**inputs), "instruction": request.instruction, "project": project,
            "name": (target.symbol or "").rpartition(".")[2],
        }  # fmt: skip
        values |= _words(values["file"], project, target, document.text, language)
        values["hole"] = holes.hole(values)
        found = list(_rewritten(recipe, target, language, document.text, values, holes))
        if recipe.declared.query and not matches(
            language, document.text, recipe.declared.query, target.symbol
        ):
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


def _question(recipe: Recipe, values: Mapping[str, Any], holes: _Holes) -> Question | None:
    declared = recipe.declared.observe
    if declared is None:
        return None
    asked = tuple(hole.name for hole in holes.made if hole.name.partition(" ")[0] == declared.hole)

    def expression(text: str, filled: Mapping[str, str]) -> str:
        known = {**values, "text": text, "filled": filled}
        return recipe.render_text(declared.expression, "observe.expression", known).strip()

    return Question(recipe.render_text(declared.setup, "observe.setup", values), asked, expression)


def _fixes(recipe: Recipe, inputs: Mapping[str, Any], project: ProjectFacts) -> Fixes | None:
    values, declared = {"inputs": SimpleNamespace(**inputs)}, recipe.declared
    rules, through = (
        tuple(filter(None, (recipe.render_text(rule, key, values).strip() for rule in named)))
        for key, named in (("ruff", declared.ruff), ("through", declared.through))
    )
    return Fixes(rules, through, declared.spare, project) if rules else None


def _refuse(message: str, hint: str = "") -> None:
    """Say that the recipe is not for this target, and why: what templates call."""
    raise UsageError(message, hint)


def _placed(recipe: Recipe, target: Target, values: Mapping[str, Any], holes: _Holes) -> Iterator[DraftPart]:
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
            return recipe.render(template, {**values, "filled": filled, "seen": seen})

    return DraftPart(part.place, target, pieces, name, f"{lead}\n" if lead else "", then=then)


def _rewritten(
    recipe: Recipe,
    target: Target,
    language: Language | None,
    text: bytes,
    values: Mapping[str, Any],
    holes: _Holes,
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
    holes: _Holes,
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


def _looked_up(recipe: Recipe, inputs: dict[str, Any], read: Reader) -> dict[str, Any]:
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
    owner = find_facts(tree, text, symbol.rpartition(".")[0]) if "." in symbol else None
    return SimpleNamespace(
        path=path, symbol=symbol, file=facts, facts=found, owner=owner, is_class=isinstance(found, ClassFacts)
    )


def _json_of(path: str, read: Reader) -> Any:
    import json

    data = read(path)
    if data is None:
        raise UsageError(
            f"there is no {path} in the repository", "name a file of it: --set sample=@path.json"
        )
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise UsageError(f"{path} is no JSON: {error}") from error


def _joined(pieces: Any) -> Iterator[str | Hole]:
    """Yield the pieces with neighbouring texts as one, and none empty."""
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        if text:
            yield text
        text = ""
        yield piece
    if text:
        yield text
