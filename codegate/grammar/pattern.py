"""Grammars made of regular expressions.

Python's own parser reads the expression (`re._parser`, which has no public name), so that it means here
what it means there, as under `re.ASCII` and for the whole text. llama.cpp cannot repeat what may be empty,
so of such an item all but its empty text is repeated, as often as one likes or not at all.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from re import _parser  # type: ignore[attr-defined]
from typing import Any, Final

from codegate.errors import GrammarError
from codegate.grammar.chars import Chars, others, quote
from codegate.grammar.gbnf import parse_gbnf

_PATTERN: Final = 2_000
_NODES: Final = 20_000
_Ranges = tuple[tuple[int, int], ...]
_CATEGORIES: Final[dict[str, _Ranges]] = {
    "DIGIT": ((0x30, 0x39),),
    "SPACE": ((0x09, 0x0D), (0x20, 0x20)),
    "WORD": ((0x30, 0x39), (0x41, 0x5A), (0x5F, 0x5F), (0x61, 0x7A)),
}
_UNKNOWN: Final = {
    "ASSERT": "lookahead or lookbehind", "ASSERT_NOT": "negative lookahead or lookbehind",
    "AT": "an anchor within", "ATOMIC_GROUP": "an atomic group", "GROUPREF": "a backreference",
    "GROUPREF_EXISTS": "a condition on a group", "POSSESSIVE_REPEAT": "a possessive repetition",
}  # fmt: skip
_FLAGS: Final = re.IGNORECASE | re.LOCALE | re.MULTILINE | re.DOTALL


@dataclass(frozen=True, slots=True)
class _Row:
    """One after the other."""

    nodes: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Either:
    """One of them; of none, nothing at all matches."""

    nodes: tuple[_Node, ...]


@dataclass(frozen=True, slots=True)
class _Repeat:
    """From `low` to `high` times (None: without bound) a node that is never empty."""

    node: _Node
    low: int
    high: int | None


_Node = Chars | _Row | _Either | _Repeat
_EMPTY: Final = _Row(())


def from_pattern(pattern: str) -> str:
    """Return the GBNF that allows the texts that the pattern matches as a whole, under `re.ASCII`.

    Lazy repetitions are taken as greedy ones: the same texts match. `^` or `\\A` may begin the pattern, `$`
    or `\\Z` end it. Raises GrammarError for a pattern that is none, and for what no grammar says, by its
    name.
    """
    if len(pattern) > _PATTERN:
        raise GrammarError(f"{len(pattern)} characters are more than the {_PATTERN} that a pattern may have")
    try:
        written = list(islice(_write(_read(pattern)), _NODES))
        if len(written) == _NODES:
            raise _too_large()
        source = f"root ::= {''.join(written)}\n"
        parse_gbnf(source)
    except (GrammarError, RecursionError) as error:
        problem, hint = (error.problem, error.hint) if isinstance(error, GrammarError) else ("too deep", "")
        raise GrammarError(f"`{pattern}` makes no grammar: {problem}", hint=hint) from error
    return source


def _read(pattern: str) -> _Node:
    try:
        with warnings.catch_warnings(action="ignore", category=FutureWarning):
            parsed = _parser.parse(pattern)
    except (re.error, OverflowError) as error:
        raise GrammarError(f"it is no regular expression: {error}") from error
    if parsed.state.flags & _FLAGS:
        raise _unknown("a flag")
    return _Reader().row(_without_anchors(list(parsed)))


def _unknown(what: str) -> GrammarError:
    return GrammarError(
        f"a grammar knows nothing like {what}",
        hint="Use literals, classes, groups, `|` and repetitions, or write the grammar in GBNF.",
    )


def _too_large() -> GrammarError:
    return GrammarError("repetitions of what may be empty make it too large")


def _without_anchors(items: list[Any]) -> list[Any]:
    ends = [str(item[1]) if str(item[0]) == "AT" else "" for item in items]
    first = 1 if ends and ends[0] in ("AT_BEGINNING", "AT_BEGINNING_STRING") else 0
    last = 1 if len(ends) > first and ends[-1] in ("AT_END", "AT_END_STRING") else 0
    return items[first : len(items) - last]


class _Reader:
    """Turns what Python's parser says into nodes, of which it makes no more than a bounded number."""

    def __init__(self) -> None:
        self._made = 0

    def row(self, items: Sequence[Any]) -> _Node:
        nodes = tuple(self._node(str(kind), value) for kind, value in items)
        return nodes[0] if len(nodes) == 1 else _Row(nodes)

    def _node(self, kind: str, value: Any) -> _Node:
        match kind:
            case "LITERAL":
                return _chars([(value, value)])
            case "NOT_LITERAL":
                return _chars(others([(value, value)]))
            case "ANY":
                return _chars(others([(0x0A, 0x0A)]))
            case "IN":
                return _class(value)
            case "BRANCH":
                return _Either(tuple(self.row(branch) for branch in value[1]))
            case "SUBPATTERN" if not (value[1] | value[2]) & _FLAGS:
                return self.row(value[3])
            case "SUBPATTERN":
                raise _unknown("a flag")
            case "MAX_REPEAT" | "MIN_REPEAT":
                low, high, inner = value
                return self._repeat(self.row(inner), low, None if high is _parser.MAXREPEAT else high)
        raise _unknown(_UNKNOWN.get(kind, kind.lower()))

    def _repeat(self, node: _Node, low: int, high: int | None) -> _Node:
        if high is None and low < 2:
            low = 0 if _may_be_empty(node) else low
            node = _loosened(node)
        elif _may_be_empty(node):
            node, low = self._filled(node), 0
        return _EMPTY if high == 0 or node == _Either(()) else _Repeat(node, low, high)

    def _filled(self, node: _Node) -> _Node:
        """Return what matches the same texts but the empty one."""
        self._made += 1
        if self._made > _NODES:
            raise _too_large()
        match node:
            case _Either(nodes):
                return _either([self._filled(each) for each in nodes])
            case _Repeat(inner, low, high):
                return _Repeat(inner, max(low, 1), high)
            case _Row((first, *rest)):
                following = _Row(tuple(rest))
                with_first = _row([self._filled(first), following])
                return _either(
                    [with_first, self._filled(following)] if _may_be_empty(first) else [with_first]
                )
            case _Row():
                return _Either(())
        return node


def _loosened(node: _Node) -> _Node:
    """Return what is never empty and, repeated without bound, matches the same as the node so repeated.

    Repetitions within it go, and of `a?b?` either is enough (the star normal form of A. Brüggemann-Klein,
    Regular expressions into finite automata, 1993): there is one way less to match each text.
    """
    match node:
        case _Repeat(inner, low, _) if low < 2:
            return _loosened(inner)
        case _Either(nodes):
            return _either([_loosened(each) for each in nodes])
        case _Row(nodes) if _may_be_empty(node):
            return _either([_loosened(each) for each in nodes])
    return node


def _row(nodes: list[_Node]) -> _Node:
    return _Either(()) if _Either(()) in nodes else _Row(tuple(nodes))


def _either(nodes: list[_Node]) -> _Node:
    return _Either(tuple(node for node in nodes if node != _Either(())))


def _may_be_empty(node: _Node) -> bool:
    match node:
        case _Row(nodes):
            return all(map(_may_be_empty, nodes))
        case _Either(nodes):
            return any(map(_may_be_empty, nodes))
        case _Repeat(_, low, _):
            return low == 0
    return False


def _class(items: Sequence[Any]) -> Chars:
    ranges: list[tuple[int, int]] = []
    negated = False
    for kind, value in items:
        match str(kind):
            case "NEGATE":
                negated = True
            case "LITERAL":
                ranges.append((value, value))
            case "RANGE":
                ranges.append(value)
            case "CATEGORY":
                _, _, name = str(value).partition("_")
                inverted, name = name.startswith("NOT_"), name.removeprefix("NOT_")
                ranges += others(_CATEGORIES[name]) if inverted else _CATEGORIES[name]
    return _chars(others(ranges) if negated else ranges)


def _chars(ranges: Sequence[tuple[int, int]]) -> Chars:
    """Return the set, written the shorter way, without what no text can hold."""
    held = others([*others(ranges), (0, 0), (0xD800, 0xDFFF)])
    if not held:
        raise GrammarError("a class or a character of the pattern can stand in no text")
    left_out = [(max(first, 1), last) for first, last in others([*held, (0xD800, 0xDFFF)]) if last]
    # After a character's first byte llama.cpp takes none of a class that leaves out one that begins so.
    if not left_out or left_out[-1][1] < 0x80:
        return Chars(tuple(left_out), negated=True)
    return Chars(held)


def _write(node: _Node) -> Iterator[str]:
    match node:
        case _Either((first, *rest)):
            yield from _write(first)
            for each in rest:
                yield " | "
                yield from _write(each)
        case _Row(nodes) if nodes:
            yield from _write_row(nodes)
        case _Repeat(inner, low, high):
            yield from [str(inner)] if isinstance(inner, Chars) else _write_group(inner)
            yield _suffix(low, high)
        case Chars():
            yield str(node)
        case _:
            yield '""'


def _write_row(nodes: tuple[_Node, ...]) -> Iterator[str]:
    """Write characters that stand side by side as one literal."""
    between = ""
    for literal, run in groupby(nodes, lambda node: isinstance(node, Chars) and node.only is not None):
        if literal:
            yield between + quote("".join(str(node.only) for node in run if isinstance(node, Chars)))
            between = " "
            continue
        for node in run:
            yield between
            yield from _write_group(node) if isinstance(node, _Either) else _write(node)
            between = " "


def _write_group(node: _Node) -> Iterator[str]:
    yield "("
    yield from _write(node)
    yield ")"


def _suffix(low: int, high: int | None) -> str:
    known = {(0, None): "*", (1, None): "+", (0, 1): "?", (1, 1): ""}
    if (low, high) in known:
        return known[low, high]
    return f"{{{low}}}" if low == high else f"{{{low},{'' if high is None else high}}}"
