"""What one assertion claims, in one spelling for all styles: `assert`, unittest's methods, mocks, helpers."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

Node = ast.expr
Function = ast.FunctionDef | ast.AsyncFunctionDef
Number = int | float


class Rank(IntEnum):
    """How much of a value a claim fixes. Only the order counts."""

    NOTHING = 0
    ANY = 1
    BOUND = 2
    NEAR = 3
    EXACT = 4


@dataclass(frozen=True, slots=True)
class Claim:
    """One claim: that `subject` stands in `relation` to `expected`, all as normalised text.

    Two claims of the same `text` say the same. `tolerances` are taken out of `expected` and `text` holds
    them. `node` is what it was read from.
    """

    text: str
    subject: str
    relation: str
    expected: str
    rank: Rank
    line: int
    node: ast.AST
    tolerances: tuple[tuple[str, str], ...] = ()

    @property
    def shown(self) -> str:
        """The claim as it was written, but for its layout."""
        return " ".join(ast.unparse(self.node).split())


_OPERATORS: Final[dict[type[ast.cmpop], tuple[str, Rank]]] = {
    ast.Eq: ("==", Rank.EXACT),
    ast.Is: ("==", Rank.EXACT),
    ast.NotEq: ("!=", Rank.ANY),
    ast.IsNot: ("!=", Rank.ANY),
    ast.Lt: ("<", Rank.BOUND),
    ast.LtE: ("<=", Rank.BOUND),
    ast.Gt: (">", Rank.BOUND),
    ast.GtE: (">=", Rank.BOUND),
    ast.In: ("in", Rank.BOUND),
    ast.NotIn: ("not in", Rank.BOUND),
}
_NEGATED: Final[dict[type[ast.cmpop], type[ast.cmpop]]] = {
    ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn,
    ast.NotIn: ast.In, ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt,
}  # fmt: skip
_MIRRORED: Final = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}

# unittest's and nose's methods that say what an operator says.
_METHODS: Final[dict[str, type[ast.cmpop]]] = {
    **dict.fromkeys(
        ("assertequal", "assertequals", "assertlistequal", "asserttupleequal", "assertdictequal", "eq_",
         "assertsetequal", "assertsequenceequal", "assertmultilineequal", "assert_equal"),
        ast.Eq,
    ),
    **dict.fromkeys(("assertnotequal", "assertnotequals", "assert_not_equal"), ast.NotEq),
    "assertis": ast.Is, "assertisnot": ast.IsNot, "assertin": ast.In, "assertnotin": ast.NotIn,
    "assert_in": ast.In, "assert_not_in": ast.NotIn,
    "assertless": ast.Lt, "assertlessequal": ast.LtE, "assertgreater": ast.Gt, "assertgreaterequal": ast.GtE,
}  # fmt: skip
_TRUE: Final = ("asserttrue", "assert_", "failunless", "ok_", "assert_true")
_FALSE: Final = ("assertfalse", "failif", "assert_false")
_NEAR: Final = (
    "assertalmostequal", "assertalmostequals", "assert_almost_equal", "assert_allclose",
    "assert_approx_equal", "assert_array_almost_equal",
)  # fmt: skip
RAISES: Final = (
    "raises", "warns", "assertraises", "assertraisesregex", "assertwarns", "assertwarnsregex", "assertlogs",
    "assert_raises", "assert_raises_regex", "deprecated_call", "raisesgroup",
)  # fmt: skip
_CALLED: Final = {
    "assert_called": Rank.ANY, "assert_called_once": Rank.BOUND, "assert_any_call": Rank.BOUND,
    "assert_has_calls": Rank.NEAR, "assert_called_with": Rank.NEAR, "assert_called_once_with": Rank.EXACT,
    "assert_awaited": Rank.ANY, "assert_awaited_once": Rank.BOUND, "assert_any_await": Rank.BOUND,
    "assert_has_awaits": Rank.NEAR, "assert_awaited_with": Rank.NEAR, "assert_awaited_once_with": Rank.EXACT,
}  # fmt: skip
# A function that is called for what it asserts; what it asserts is judged where it is defined.
_HELPER: Final = re.compile(
    r"_*(assert|check|verify|expect|ensure|validate)(_|$|[A-Z0-9])|_*(assert|expect)\w*$"
)
_APPROX: Final = ("approx", "isclose", "allclose", "array_almost_equal")
# What a tolerance is where none is given (pytest, math, numpy, unittest).
TOLERANCES: Final[dict[str, float]] = {
    "rel": 1e-6, "abs": 1e-12, "rel_tol": 1e-9, "abs_tol": 0.0, "rtol": 1e-7, "atol": 0.0,
    "delta": 0.0, "places": 7.0, "decimal": 7.0, "significant": 7.0, "ndigits": 15.0,
}  # fmt: skip
_POSITIONS: Final = {
    "approx": (1, ("rel", "abs")), "round": (1, ("ndigits",)),
    "assertalmostequal": (2, ("places", "msg", "delta")),
    "assert_allclose": (2, ("rtol", "atol")), "allclose": (2, ("rtol", "atol")),
    "assert_almost_equal": (2, ("decimal",)), "assert_approx_equal": (2, ("significant",)),
    "assert_array_almost_equal": (2, ("decimal",)),
}  # fmt: skip


def name_of(node: ast.AST) -> str:
    """Return the last part of a dotted name, or of what is called; nothing for any other expression."""
    while isinstance(node, ast.Call):
        node = node.func
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def dotted(node: ast.AST) -> str:
    """Return a dotted name, or of what is called; nothing for any other expression."""
    parts: list[str] = []
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        else:
            node = node.func
    if not isinstance(node, ast.Name):
        return ""
    return ".".join([node.id, *reversed(parts)])


def shorten(text: str, most: int = 70) -> str:
    """Return the text in one line of at most that many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def contrast(old: str, new: str, most: int = 70) -> str:
    """Return both texts, quoted, each of at most that many characters, and cut to where they differ."""
    same = next((i for i, (a, b) in enumerate(zip(old, new, strict=False)) if a != b), 0)
    start = max(same - 25, 0) if max(len(old), len(new)) > most else 0
    cut = [shorten(("…" if start else "") + text[start:], most) for text in (old, new)]
    return f"`{cut[0]}` → `{cut[1]}`"


def claims_of(statement: ast.Assert) -> Iterator[Claim]:
    """Yield what an assert statement claims, each part of an `and` by itself."""
    yield from _truth(statement.test, statement)


def claims_of_call(call: ast.Call, helpers: frozenset[str]) -> Iterator[Claim]:
    """Yield what a call claims, if it is an assertion: a method of unittest or of a mock, or a helper."""
    name = name_of(call)
    low = name.lower()
    arguments = call.args
    if low in RAISES:
        yield raised(call)
    elif isinstance(call.func, ast.Attribute) and name in _CALLED:
        subject = ast.unparse(call.func.value)
        expected = ", ".join(map(ast.unparse, [*arguments, *(k.value for k in call.keywords)]))
        yield _claim(call, f"{subject}.{name}({expected})", subject, "called", expected, _CALLED[name])
    elif low in _METHODS and len(arguments) >= 2:
        compared = ast.Compare(arguments[0], [_METHODS[low]()], [arguments[1]])
        yield from _truth(compared, call)
    elif low in _TRUE and arguments:
        yield from _truth(arguments[0], call)
    elif low in _FALSE and arguments:
        yield from _truth(ast.UnaryOp(ast.Not(), arguments[0]), call)
    elif low in ("assertisnone", "assertisnotnone") and arguments:
        operator = ast.Is() if low == "assertisnone" else ast.IsNot()
        yield from _truth(ast.Compare(arguments[0], [operator], [ast.Constant(None)]), call)
    elif low in ("assertisinstance", "assertnotisinstance") and len(arguments) >= 2:
        is_instance = ast.Call(ast.Name("isinstance"), arguments[:2], [])
        claimed = ast.UnaryOp(ast.Not(), is_instance) if "not" in low else is_instance
        yield from _truth(claimed, call)
    elif low in _NEAR and len(arguments) >= 2:
        _, tolerances = _without_tolerances(call)
        subject, expected = _sides(arguments[0], arguments[1])
        text = " ".join([f"{subject} ~ {expected}", *(f"±{name}={value}" for name, value in tolerances)])
        yield _claim(call, text, subject, "==", expected, Rank.NEAR, tolerances)
    elif low == "fail" or (name.startswith("pytest") and low.endswith("fail")):
        yield _claim(call, "fail()", "fail", "fail", "", Rank.BOUND)
    elif _HELPER.match(name) or name in helpers or _is_fluent(call):
        text = ast.unparse(call).removeprefix("self.").removeprefix("cls.")
        yield _claim(call, text, name, "helper", text, Rank.NEAR)


def raised(call: ast.Call) -> Claim:
    """Return what `pytest.raises` and its kin claim: which exceptions, with which text."""
    low = name_of(call).lower()
    kind = "warns" if "warn" in low or low == "deprecated_call" else "logs" if "logs" in low else "raises"
    matched = [ast.unparse(k.value) for k in call.keywords if k.arg in ("match", "check")]
    if low.endswith("regex") and len(call.args) > 1:
        matched.append(ast.unparse(call.args[1]))
    given = call.args[0] if call.args else ast.Name("Warning")
    names = given.elts if isinstance(given, ast.Tuple) else [given]
    expected = ", ".join(sorted(map(ast.unparse, names)))
    text = f"{kind}({expected}{', match=' + matched[0] if matched else ''})"
    tolerances = (("match", matched[0]),) if matched else ()
    return _claim(call, text, kind, kind, expected, Rank.EXACT, tolerances)


def respelled(text: str) -> str:
    """Return a claim's text, of which names were replaced, as it would be read from a file."""
    try:
        node = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    return " and ".join(claim.text for claim in _truth(node, node))


def is_vacuous(claim: Claim) -> bool:
    """Say whether the claim holds whatever the code under test does."""
    return claim.rank is Rank.NOTHING


def inner_texts(node: ast.AST) -> frozenset[str]:
    """Return the normalised texts of the claim-like expressions in a node, itself not among them."""
    found: set[str] = set()
    for child in ast.walk(node):
        if isinstance(child, ast.expr) and child is not node:
            found.update(claim.text for claim in _truth(child, child))
    return frozenset(found)


def _truth(node: Node, source: ast.AST) -> Iterator[Claim]:
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.And):
        for value in node.values:
            yield from _truth(value, source)
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield from _negation(node.operand, source)
    elif isinstance(node, ast.Compare) and len(node.ops) > 1:
        left = node.left
        for operator, right in zip(node.ops, node.comparators, strict=True):
            yield from _truth(ast.Compare(left, [operator], [right]), source)
            left = right
    elif isinstance(node, ast.Compare):
        yield _comparison(node, source)
    elif isinstance(node, ast.NamedExpr):
        yield from _truth(node.value, source)
    else:
        yield _predicate(node, source)


def _negation(node: Node, source: ast.AST) -> Iterator[Claim]:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
        yield from _truth(node.operand, source)
    elif isinstance(node, ast.Compare) and len(node.ops) == 1:
        flipped = _NEGATED[type(node.ops[0])]()
        yield from _truth(ast.Compare(node.left, [flipped], node.comparators), source)
    elif isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        for value in node.values:
            yield from _negation(value, source)
    else:
        text = ast.unparse(node)
        constant = isinstance(node, ast.Constant)
        yield _claim(source, f"not {text}", text, "false", "", Rank.NOTHING if constant else Rank.ANY)


def _comparison(node: ast.Compare, source: ast.AST) -> Claim:
    left, right = node.left, node.comparators[0]
    relation, rank = _OPERATORS[type(node.ops[0])]
    tolerances: tuple[tuple[str, str], ...] = ()
    if relation in ("==", "!="):
        if relation == "==" and (_is_near(left) or _is_near(right)):
            rank = Rank.NEAR
        stripped = [_without_tolerances(side) for side in (left, right)]
        tolerances = stripped[0][1] + stripped[1][1]
        subject, expected = _sides(stripped[0][0], stripped[1][0])
    else:
        subject, expected = ast.unparse(left), ast.unparse(right)
        if relation in _MIRRORED and is_fixed(left) and not is_fixed(right):
            subject, expected, relation = expected, subject, _MIRRORED[relation]
    if subject == expected and relation != "!=":
        # Whether two equal things compare equal can be what is tested, if something makes them.
        rank = Rank.ANY if any(isinstance(n, ast.Call) for n in ast.walk(left)) else Rank.NOTHING
    elif (is_fixed(left) and is_fixed(right)) or _always(subject, relation, expected):
        rank = Rank.NOTHING
    if relation == "==" and expected in ("ANY", "mock.ANY", "unittest.mock.ANY"):
        rank = Rank.NOTHING
    said = "".join(f" ±{name}={value}" for name, value in tolerances)
    text = f"{subject} {relation} {expected}{said}"
    return _claim(source, text, subject, relation, expected, rank, tolerances)


def _predicate(node: Node, source: ast.AST) -> Claim:
    text = ast.unparse(node)
    if is_fixed(node) or _is_true_anyway(node):
        return _claim(source, text, text, "true", "", Rank.NOTHING)
    if isinstance(node, ast.Call) and node.args:
        name = name_of(node)
        _, tolerances = _without_tolerances(node)
        if name in _APPROX and len(node.args) > 1:
            subject, expected = _sides(node.args[0], node.args[1])
            return _claim(source, text, subject, "==", expected, Rank.NEAR, tolerances)
        if name in ("isinstance", "issubclass", "hasattr", "callable", "bool", "any", "all"):
            subject = ast.unparse(node.args[0])
            expected = ", ".join(map(ast.unparse, node.args[1:]))
            rank = Rank.NOTHING if expected == "object" else Rank.ANY
            return _claim(source, text, subject, name, expected, rank)
    return _claim(source, text, text, "true", "", Rank.ANY)


def _is_true_anyway(node: Node) -> bool:
    """Say whether an expression is true whatever its names stand for: `x or True`, a tuple, a lambda."""
    if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
        texts = {ast.unparse(value) for value in node.values}
        opposites = any(f"not {text}" in texts for text in texts)
        return opposites or any(claim.rank is Rank.NOTHING for v in node.values for claim in _truth(v, v))
    if isinstance(node, ast.IfExp):
        return isinstance(node.orelse, ast.Constant) and bool(node.orelse.value)
    return isinstance(node, ast.Lambda | ast.GeneratorExp) or (
        isinstance(node, ast.Tuple | ast.List | ast.Set | ast.JoinedStr) and bool(_elements(node))
    )


def _elements(node: Node) -> list[ast.expr]:
    return node.values if isinstance(node, ast.JoinedStr) else getattr(node, "elts", [])


def is_fixed(node: ast.AST | None) -> bool:
    """Say whether an expression is made of constants only."""
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.UnaryOp):
        return is_fixed(node.operand)
    if isinstance(node, ast.BinOp):
        return is_fixed(node.left) and is_fixed(node.right)
    if isinstance(node, ast.Tuple | ast.List | ast.Set):
        return all(map(is_fixed, node.elts))
    if isinstance(node, ast.Dict):
        return all(key is not None and is_fixed(key) for key in node.keys) and all(map(is_fixed, node.values))
    return False


def _always(subject: str, relation: str, expected: str) -> bool:
    """Say whether a length is claimed to be what every length is."""
    return subject.startswith("len(") and (relation, expected) in ((">=", "0"), (">", "-1"), ("!=", "-1"))


def _sides(left: Node, right: Node) -> tuple[str, str]:
    """Return the two sides of an equality: what is looked at first, what is expected of it second."""
    one, other = ast.unparse(left), ast.unparse(right)
    written = _writtenness(left), _writtenness(right)
    if written[0] != written[1]:
        return (other, one) if written[0] > written[1] else (one, other)
    return (one, other) if one <= other else (other, one)


def _writtenness(node: Node) -> int:
    """Return how surely an expression is what is expected, and not what is looked at."""
    if is_fixed(node) or name_of(node) == "ANY":
        return 3
    if isinstance(node, ast.Call) and name_of(node) == "approx":
        return 2
    return int(isinstance(node, ast.List | ast.Tuple | ast.Dict | ast.Set | ast.JoinedStr))


def _is_near(node: Node) -> bool:
    return isinstance(node, ast.Call) and name_of(node) in ("approx", "round")


def _without_tolerances(node: Node) -> tuple[Node, tuple[tuple[str, str], ...]]:
    """Return a call without its arguments that are tolerances, and those with their names."""
    if not isinstance(node, ast.Call):
        return node, ()
    start, names = _POSITIONS.get(name_of(node), _POSITIONS.get(name_of(node).lower(), (99, ())))
    found = [(name, ast.unparse(value)) for name, value in zip(names, node.args[start:], strict=False)]
    found += [(k.arg, ast.unparse(k.value)) for k in node.keywords if k.arg in TOLERANCES]
    rest = [k for k in node.keywords if k.arg not in TOLERANCES]
    stripped = ast.Call(node.func, node.args[:start], rest)
    return stripped, tuple(sorted((name, value) for name, value in found if name in TOLERANCES))


def _is_fluent(call: ast.Call) -> bool:
    """Say whether a call ends a chain that begins with `expect(…)` or `assert_that(…)`."""
    node: ast.AST = call
    while isinstance(node, ast.Call | ast.Attribute):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            return _HELPER.match(node.func.id) is not None
        node = node.func if isinstance(node, ast.Call) else node.value
    return False


def _claim(
    source: ast.AST,
    text: str,
    subject: str,
    relation: str,
    expected: str,
    rank: Rank,
    tolerances: tuple[tuple[str, str], ...] = (),
) -> Claim:
    line = getattr(source, "lineno", 0)
    return Claim(text, subject, relation, expected, rank, line, source, tolerances)
