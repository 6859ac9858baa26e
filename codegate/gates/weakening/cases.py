"""How many cases a test is run with: parametrisation, literal loops, hypothesis."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from codegate.gates.weakening.claims import dotted, name_of, respelled
from codegate.gates.weakening.module import Item, Module, is_skip_mark

_MOST_WRITTEN: Final = 400
_WRITTEN: Final = "written"
# Calls that go through what they are given as it is, and those that pick from their first or second argument.
_WHOLE: Final = ("enumerate", "list", "tuple", "sorted", "set", "items", "reversed", "params", "iter")
_PICKING: Final = {
    "sample": 0, "choices": 0, "islice": 0, "compress": 0,
    "filter": 1, "filterfalse": 1, "takewhile": 1, "dropwhile": 1,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases that can be counted. `total` is how often the test's claims are made.

    `texts` are the single cases without ids and marks, `skipped` those of them that are marked as such;
    `unknown` says that some are made at run time. `sources` is what marks go through, as text, and `picked`
    what only a part of is gone through; `_WRITTEN` among it stands for cases that are written out.
    """

    total: int
    texts: Counter[str]
    skipped: frozenset[str]
    unknown: bool
    examples: int | None = None
    given: bool = False
    sources: frozenset[str] = frozenset()
    picked: frozenset[str] = frozenset()


def cases_of(item: Item, module: Module) -> Cases:
    """Return with which cases the item runs."""
    known = {**module.constants, **_locals(item)}
    total, texts, skipped, unknown = 1, Counter[str](), set[str](), False
    marked, looped = list(_marked(item)), list(_looped(item))
    for values in (*marked, *looped):
        elements = _elements(values, known)
        if elements is None:
            unknown = True
            continue
        if isinstance(elements, int):
            total *= max(elements, 1)
            texts.update([f"range #{number}" for number in range(min(elements, 1000))])
            continue
        total *= max(len(elements), 1)
        for element in elements:
            text, skips = _case(element, module)
            texts[text] += 1
            if skips:
                skipped.add(text)
    examples = [m for m in item.marks if name_of(m) == "example" and isinstance(m, ast.Call)]
    texts.update(ast.unparse(m) for m in examples)
    total += len(examples)
    given = any(name_of(m) == "given" for m in item.marks)
    sources = frozenset(map(ast.unparse, marked))
    picked = frozenset(source for values in (*marked, *looped) for source in _picked(values, known))
    return Cases(total, texts, frozenset(skipped), unknown, _max_examples(item), given, sources, picked)


def _picked(values: ast.expr, known: Mapping[str, ast.expr]) -> Iterator[str]:
    """Yield what only a part of is gone through, where which part is not told by the text."""
    while isinstance(values, ast.Call) and name_of(values) in _WHOLE and values.args:
        values = values.args[0]
    inner = None
    if isinstance(values, ast.Subscript) and isinstance(values.slice, ast.Slice):
        inner = values.value
    elif isinstance(values, ast.ListComp | ast.GeneratorExp | ast.SetComp) and values.generators[0].ifs:
        inner = values.generators[0].iter
    elif isinstance(values, ast.Call) and name_of(values) in _PICKING:
        inner = dict(enumerate(values.args)).get(_PICKING[name_of(values)])
    if inner is not None and _elements(values, known) is None:
        yield ast.unparse(inner) if _elements(inner, known) is None else _WRITTEN


def fixture_params(decorator: ast.expr, module: Module) -> int | None:
    """Return how many `params` a fixture has: 1 without any, None if they are made at run time."""
    for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
        if keyword.arg == "params":
            elements = _elements(keyword.value, module.constants)
            return elements if elements is None or isinstance(elements, int) else len(elements)
    return 1


def _marked(item: Item) -> Iterator[ast.expr]:
    """Yield what marks run the test with: the second argument of parametrize."""
    for mark in item.marks:
        if name_of(mark) in ("parametrize", "expand", "parameterized", "data") and isinstance(mark, ast.Call):
            values = [k.value for k in mark.keywords if k.arg == "argvalues"] or mark.args[1:2]
            yield from values or mark.args[:1]


def _looped(item: Item) -> Iterator[ast.expr]:
    """Yield what loops that assert go through."""
    if "for " in item.segment:
        for node in ast.walk(item.function):
            if isinstance(node, ast.For) and any(map(_asserts, ast.walk(node))):
                yield node.iter


def _asserts(node: ast.AST) -> bool:
    """Say whether a statement in a loop makes each round a case."""
    if isinstance(node, ast.Call):
        return name_of(node).lower().startswith(("assert", "check", "expect", "subtest", "raises", "verify"))
    return isinstance(node, ast.Assert)


def _elements(values: ast.expr, known: Mapping[str, ast.expr], depth: int = 0) -> list[ast.expr] | int | None:
    """Return the elements of a literal, or how many there are; None if they are made at run time."""
    if isinstance(values, ast.Name) and values.id in known and depth < 5:
        return _elements(known[values.id], known, depth + 1)
    if isinstance(values, ast.Attribute) and dotted(values) in known and depth < 5:
        return _elements(known[dotted(values)], known, depth + 1)
    if isinstance(values, ast.List | ast.Tuple | ast.Set):
        return None if any(isinstance(e, ast.Starred) for e in values.elts) else values.elts
    if isinstance(values, ast.Dict):
        return [ast.Tuple([k, v], ast.Load()) for k, v in zip(values.keys, values.values, strict=True) if k]
    if isinstance(values, ast.Subscript) and isinstance(values.slice, ast.Slice) and depth < 5:
        return _part(_elements(values.value, known, depth + 1), values.slice)
    if isinstance(values, ast.Call) and depth < 5:
        name = name_of(values)
        if name == "range" and values.args:
            numbers = [a.value for a in values.args if isinstance(a, ast.Constant) and type(a.value) is int]
            return _range(numbers) if len(numbers) == len(values.args) else None
        if name in _WHOLE:
            inner = values.args[0] if values.args else getattr(values.func, "value", None)
            return None if inner is None else _elements(inner, known, depth + 1)
    return None


def _part(elements: list[ast.expr] | int | None, part: ast.Slice) -> list[ast.expr] | int | None:
    """Return what a slice leaves, where its ends are numbers."""
    try:
        ends: list[Any] = [end and ast.literal_eval(end) for end in (part.lower, part.upper, part.step)]
        if isinstance(elements, int):
            return len(range(elements)[slice(*ends)])
        return None if elements is None else elements[slice(*ends)]
    except (TypeError, ValueError):
        return None


def _range(numbers: list[int]) -> int | None:
    try:
        return len(range(*numbers))
    except (TypeError, ValueError, OverflowError):
        return None


def _case(element: ast.expr, module: Module) -> tuple[str, bool]:
    """Return a case's values as text, and whether it is marked to be skipped or to fail."""
    if not (isinstance(element, ast.Call) and name_of(element) == "param"):
        return ast.unparse(element).removeprefix("(").removesuffix(")"), False
    text = ", ".join(ast.unparse(a) for a in element.args)
    marks = [k.value for k in element.keywords if k.arg == "marks"]
    listed = [m for mark in marks for m in (mark.elts if isinstance(mark, ast.List | ast.Tuple) else [mark])]
    return text, any(is_skip_mark(m, module.aliases) for m in listed)


def _locals(item: Item) -> dict[str, ast.expr]:
    if "for " not in item.segment:
        return {}
    return {
        target.id: node.value
        for node in ast.walk(item.function)
        if isinstance(node, ast.Assign)
        for target in node.targets
        if isinstance(target, ast.Name)
    }


def _max_examples(item: Item) -> int | None:
    for mark in item.marks:
        if name_of(mark) == "settings" and isinstance(mark, ast.Call):
            for keyword in mark.keywords:
                value = keyword.value
                if (
                    keyword.arg == "max_examples"
                    and isinstance(value, ast.Constant)
                    and type(value.value) is int
                ):
                    return value.value
    return None


def fewer(old: Cases, new: Cases, elsewhere: str) -> str:
    """Say which cases are gone from a test; nothing if none are.

    A case whose every value stands in `elsewhere`, the text of what the diff adds, only moved.
    """
    if old.given and not new.given:
        return "hypothesis no longer tries it"
    if new.examples is not None and new.examples < (old.examples if old.examples is not None else 100):
        return f"hypothesis tries {new.examples} examples, {old.examples or 'by default 100'} before"
    if new.unknown and not old.unknown:
        return ""
    gone = list((old.texts - new.texts).elements())
    moved = [text for text in gone if text in elsewhere]
    if new.total >= old.total or len(moved) == len(gone):
        return ""
    shown = ", ".join(f"`{text[:40]}`" for text in gone[:3] if text not in moved)
    return f"{new.total} cases, {old.total} before; gone: {shown}"


def only_part(old: Cases, new: Cases) -> str:
    """Say which cases only a part of is still gone through, picked as the test is run; nothing if all are."""
    whole = old.sources | ({_WRITTEN} if old.total > 1 else set())
    parts = (new.picked - old.picked) & whole
    of = ", ".join(sorted(f" of `{text[:40]}`" for text in parts - {_WRITTEN}))
    return f"only a part{of} is gone through, picked when the test is run" if parts else ""


def written_out(item: Item, module: Module, texts: Iterable[str]) -> Counter[str]:
    """Return what claims say with the values of each case put in for the names of its parameters."""
    found: Counter[str] = Counter()
    for names, elements in _tables(item, {**module.constants, **_locals(item)}):
        pattern = re.compile(rf"(?<![\w.])({'|'.join(map(re.escape, names))})(?!\w)")
        concerned = [text for text in texts if pattern.search(text)]
        for element in elements[: _MOST_WRITTEN // max(len(concerned), 1)]:
            values = dict(zip(names, _values(element, len(names)), strict=False))
            for text in concerned:
                found[respelled(_replaced(pattern, text, values))] += 1
    return found


def _replaced(pattern: re.Pattern[str], text: str, values: Mapping[str, str]) -> str:
    return pattern.sub(lambda match: values.get(match[0], match[0]), text)


def _tables(item: Item, known: Mapping[str, ast.expr]) -> Iterator[tuple[list[str], list[ast.expr]]]:
    """Yield the names of parameters, or of a loop's variables, with the rows of their values."""
    for mark in item.marks:
        if name_of(mark) == "parametrize" and isinstance(mark, ast.Call) and len(mark.args) > 1:
            rows = _elements(mark.args[1], known)
            if isinstance(rows, list) and (names := parameters(mark)):
                yield names, rows
    for node in ast.walk(item.function) if "for " in item.segment else ():
        if isinstance(node, ast.For):
            rows = _elements(node.iter, known)
            names = [n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)]
            if isinstance(rows, list) and names:
                yield names, rows


def parameters(mark: ast.Call) -> list[str]:
    """Return the names that a parametrize mark gives values to."""
    if not mark.args:
        return []
    strings = [
        n.value for n in ast.walk(mark.args[0]) if isinstance(n, ast.Constant) and isinstance(n.value, str)
    ]
    return [name.strip() for text in strings for name in text.split(",") if name.strip()]


def _values(element: ast.expr, count: int) -> list[str]:
    if isinstance(element, ast.Call) and name_of(element) == "param":
        return [ast.unparse(a) for a in element.args]
    if count > 1 and isinstance(element, ast.Tuple | ast.List):
        return [ast.unparse(e) for e in element.elts]
    return [ast.unparse(element)]
