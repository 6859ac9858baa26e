"""Whether one claim says less than another."""

from __future__ import annotations

import ast
import difflib
import re
from dataclasses import dataclass
from typing import Final

from codegate.gates.weakening.claims import TOLERANCES, Claim, Rank, inner_texts, name_of

_LARGER_IS_WEAKER: Final = frozenset(["rel", "abs", "rel_tol", "abs_tol", "rtol", "atol", "delta"])
_ANYTHING: Final = frozenset(["Exception", "BaseException", "Warning", "None"])
# What is left of a value after these says less than the value.
_LOSSY: Final = frozenset(
    ["len", "bool", "type", "set", "frozenset", "round", "int", "any", "all", "sorted", "id", "callable",
     "hasattr", "isinstance"]
)  # fmt: skip
_SAYS: Final = {
    "true": ("True",),
    "false": ("False", "[]", "{}", "()", "set()", "''", "b''", "0", "dict()", "list()"),
}
_WORD: Final = re.compile(r"\w+|[^\w\s]")
_WORDS: Final = re.compile(r"\w+")
_ALIKE: Final = 0.6


@dataclass(frozen=True, slots=True)
class Loss:
    """What a claim lost: the `rule`, in words, and whether it is a weakening or only another claim."""

    rule: str
    what: str
    weaker: bool = True


def loss(old: Claim, new: Claim) -> Loss | None:
    """Return what is lost where `new` stands for `old`; None if nothing is.

    Asked of two claims about the same thing (`is_about`).
    """
    if new.text == old.text:
        return None
    if old.relation == "all" and new.relation == "any":
        return Loss("loosened", "says less")
    if new.rank is Rank.NOTHING:
        return Loss("vacuous", "always holds")
    if old.relation in ("raises", "warns", "logs"):
        return _raised_loss(old, new)
    if old.relation == "called":
        return _called_loss(old, new)
    if _is_contained(old, new):
        return Loss("loosened", "holds in more cases")
    if wider := _wider(old, new):
        return Loss("tolerance", wider)
    if new.rank < old.rank:
        if old.expected in _SAYS.get(new.relation, ()) and old.subject == new.subject:
            return None  # `x is True` and `x`, `x == []` and `not x`
        rule = "tolerance" if new.rank is Rank.NEAR else "loosened"
        return Loss(rule, "says less")
    if new.subject != old.subject and _is_lossy(old, new):
        return Loss("loosened", "looks at less of it")
    if new.relation == old.relation and new.rank is Rank.BOUND and (further := _further(old, new)):
        return Loss("tolerance", further)
    if new.subject == old.subject and _is_stronger(old, new):
        return None
    if new.expected.count("ANY") > old.expected.count("ANY") and re.search(r"\bANY\b", new.expected):
        return Loss("loosened", "leaves a part open")
    if new.subject == old.subject:
        return Loss("expectation", "expects something else", weaker=False)
    return Loss("rewritten", "is another assertion", weaker=False)


def _is_stronger(old: Claim, new: Claim) -> bool:
    """Say whether the new claim holds in fewer cases, of two that look at the same thing."""
    if old.rank is Rank.NEAR or new.rank is Rank.NEAR:
        return new.rank >= old.rank and _inside(new.expected) == _inside(old.expected)
    if new.relation == old.relation and old.rank is Rank.BOUND:
        return bool(_further(new, old))
    return new.rank > old.rank


def _inside(expected: str) -> str:
    """Return what a value is said to be near to."""
    return re.sub(r"^[\w.]*approx\((.*)\)$", r"\1", expected)


def is_about(old: Claim, new: Claim) -> bool:
    """Say whether two claims look at the same thing, whatever they say of it."""
    if old.relation in ("raises", "warns", "logs", "fail") or new.relation in (
        "raises",
        "warns",
        "logs",
        "fail",
    ):
        return old.relation == new.relation
    if old.relation == "called" or new.relation == "called":
        return old.relation == new.relation and old.subject == new.subject
    if old.relation == "helper" or new.relation == "helper":
        return old.relation == new.relation and old.subject == new.subject
    if old.subject == new.subject or old.subject == new.expected or old.expected == new.subject:
        return True
    return _is_contained(old, new) or _is_lossy(old, new)


def likeness(old: Claim, new: Claim) -> float:
    """Return how alike two claims are as texts, from 0 to 1."""
    one, other = _WORD.findall(old.text[:400]), _WORD.findall(new.text[:400])
    return difflib.SequenceMatcher(None, one, other, autojunk=False).ratio()


def is_alike(old: Claim, new: Claim) -> bool:
    """Say whether one text was probably made from the other."""
    return likeness(old, new) >= _ALIKE


def _is_contained(old: Claim, new: Claim) -> bool:
    """Say whether the old claim is only a part of the new one: `old or other`, `bool(old)`."""
    if new.relation not in ("true", "bool", "any", "all"):
        return False
    is_choice = any(isinstance(n, ast.BoolOp | ast.IfExp) for n in ast.walk(new.node))
    return (is_choice or old.relation not in ("true", "false")) and old.text in inner_texts(new.node)


def _raised_loss(old: Claim, new: Claim) -> Loss | None:
    before, after = set(old.expected.split(", ")), set(new.expected.split(", "))
    if after & _ANYTHING and not before & _ANYTHING:
        return Loss("loosened", "is satisfied by any exception")
    if before < after:
        return Loss("loosened", "is satisfied by more exceptions")
    if old.tolerances and not new.tolerances:
        return Loss("loosened", "no longer looks at the message")
    if before == after and new.tolerances and not old.tolerances:
        return None
    if old.tolerances and _matches_more(old.tolerances[0][1], new.tolerances[0][1]):
        return Loss("loosened", "looks at less of the message")
    return Loss("expectation", "expects something else", weaker=False)


def _matches_more(old: str, new: str) -> bool:
    """Say whether a pattern is empty, matches anything, or is a part of the old one with fewer words."""
    bare = new.strip("rbf'\"")
    fewer = len(_WORDS.findall(new)) < len(_WORDS.findall(old))
    return bare in ("", ".", ".*", ".+", "^", "$") or (fewer and bare in old)


def _called_loss(old: Claim, new: Claim) -> Loss | None:
    if new.rank < old.rank:
        return Loss("loosened", "says less of the call")
    return Loss("expectation", "expects another call", weaker=False) if new.rank == old.rank else None


def _is_lossy(old: Claim, new: Claim) -> bool:
    """Say whether the new claim looks at a function of the old one's subject that loses a part of it."""
    if new.subject.startswith(f"{old.subject}[") and ":" in new.subject[len(old.subject) :]:
        return True
    for side in (new.subject, new.expected):
        if len(side) > 2_000 or "(" not in side or side == old.subject:
            continue
        try:
            call = ast.parse(side, mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        if isinstance(call, ast.Call):
            receiver = call.func.value if isinstance(call.func, ast.Attribute) else None
            inside = [*call.args, receiver] if name_of(call) in _LOSSY or receiver is not None else []
            if any(a is not None and ast.unparse(a) == old.subject for a in inside):
                return name_of(call) in _LOSSY or new.rank < old.rank
    return False


def _wider(old: Claim, new: Claim) -> str:
    """Say which tolerance grew; nothing if none did."""
    before, after = dict(old.tolerances), dict(new.tolerances)
    for name in sorted(before.keys() | after.keys()):
        if name not in TOLERANCES or before.get(name) == after.get(name):
            continue
        was, now = _number(before.get(name), name), _number(after.get(name), name)
        if was is None or now is None:
            return f"has another tolerance ({name})" if old.subject == new.subject else ""
        if now > was if name in _LARGER_IS_WEAKER else now < was:
            if name not in before and new.rank < old.rank:
                return ""
            return f"allows more ({name}: {before.get(name, 'default')} → {after.get(name, 'default')})"
    return ""


def _further(old: Claim, new: Claim) -> str:
    """Say which bound moved so that more values keep it; nothing if none did."""
    was, now = _literal(old.expected), _literal(new.expected)
    if was is None or now is None or old.subject != new.subject:
        return ""
    if (now > was and old.relation in ("<", "<=")) or (now < was and old.relation in (">", ">=")):
        return f"allows more ({old.relation} {old.expected} → {new.relation} {new.expected})"
    return ""


def _number(text: str | None, name: str) -> float | None:
    return TOLERANCES[name] if text is None or text == "None" else _literal(text)


def _literal(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
