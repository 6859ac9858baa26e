"""What must hold of rules so that whatever follows them comes to an end, here and in llama.cpp."""

from __future__ import annotations

import difflib
from collections import defaultdict, deque
from collections.abc import Mapping, Sequence

from codegate.errors import GrammarError
from codegate.grammar.matching import Element

_Rules = Mapping[str, Sequence[Sequence[Element]]]


def require_sound(
    rules: _Rules,
    lines: Mapping[str, int],
    used: Mapping[str, int],
    repeated: Sequence[tuple[int, Sequence[Element]]],
) -> None:
    """Raise GrammarError where rules cannot serve, with the line; `repeated` are the items of repetitions."""
    _require_defined(rules, used)
    if endless := set(rules) - _holding(rules, characters=True):
        name = min(endless, key=lambda name: (_made(name), lines[name]))
        raise GrammarError(f"the rule `{name}` can never end: it always needs itself again", lines[name])
    empty = _holding(rules, characters=False)
    for line, item in repeated:
        if all(element in empty for element in item):
            raise GrammarError(
                "what is repeated here may be empty", line, "Let each repetition hold at least one character."
            )
    if (recursive := _left_recursive(rules, empty)) is not None:
        raise GrammarError(
            f"the rule `{recursive}` begins with itself",
            lines[recursive],
            f"Write what it begins with once, then a repetition: {recursive} ::= item (separator item)*",
        )


def _require_defined(rules: _Rules, used: Mapping[str, int]) -> None:
    if "root" not in rules:
        raise GrammarError("there is no rule `root`, from which a grammar starts", 1 if rules else None)
    for name, line in used.items():
        if name not in rules:
            known = [rule for rule in rules if "_" not in rule]
            near = difflib.get_close_matches(name, known, 1, cutoff=0.5)
            hint = f"Did you mean `{near[0]}`?" if near else f"Rules here: {', '.join(known)}."
            raise GrammarError(f"the rule `{name}` is not defined", line, hint)


def _made(name: str) -> bool:
    return "_" in name  # for a group or a repetition: a person is told of one that has been written


def _holding(rules: _Rules, *, characters: bool) -> set[str]:
    """Return the rules of which an alternative holds: characters, if so said, and rules that hold."""
    users: defaultdict[str, list[str]] = defaultdict(list)
    for name, sequences in rules.items():
        for element in {e for sequence in sequences for e in sequence if isinstance(e, str)}:
            users[element].append(name)
    holding: set[str] = set()
    todo = deque(rules)
    while todo:
        name = todo.popleft()
        if name not in holding and any(
            all(element in holding if isinstance(element, str) else characters for element in sequence)
            for sequence in rules[name]
        ):
            holding.add(name)
            todo += users[name]
    return holding


def _left_recursive(rules: _Rules, empty: set[str]) -> str | None:
    """Return a rule that can begin with itself, maybe by way of others."""
    begins = {name: _beginnings(sequences, empty) for name, sequences in rules.items()}
    settled = _holding({name: [sorted(firsts)] for name, firsts in begins.items()}, characters=True)
    if len(settled) == len(rules):
        return None
    path = [next(name for name in begins if name not in settled)]
    while path[-1] not in path[:-1]:
        path.append(min(begins[path[-1]] - settled))
    return min(path[path.index(path[-1]) :], key=_made)


def _beginnings(sequences: Sequence[Sequence[Element]], empty: set[str]) -> set[str]:
    """Return the rules that can stand first, also after others that may be empty."""
    firsts = set()
    for sequence in sequences:
        for element in sequence:
            if not isinstance(element, str):
                break
            firsts.add(element)
            if element not in empty:
                break
    return firsts
