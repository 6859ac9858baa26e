"""What a test's body does, read without running it: its claims, and what may keep them from counting."""

from __future__ import annotations

import ast
import copy
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal, TypeVar

from codegate.gates.weakening.claims import (
    RAISES,
    Claim,
    Function,
    claims_of,
    claims_of_call,
    dotted,
    is_fixed,
    name_of,
    raised,
    shorten,
)

Ending = Literal["", "return", "raise"]
_N = TypeVar("_N", bound=ast.AST)

DEAD: Final = "code that never runs"
UNCALLED: Final = "() that nothing calls"
SKIPS: Final = ("skip", "xfail", "importorskip", "skipTest", "SkipTest", "Skipped")
EXITS: Final = ("sys.exit", "os._exit", "exit", "quit", "pytest.exit", "os.abort")
_CATCH_ALL: Final = frozenset(["AssertionError", "Exception", "BaseException"])
_PATCHES: Final = (
    "patch", "patch.object", "patch.multiple", "patch.dict", "monkeypatch.setattr", "monkeypatch.setitem",
    "mocker.patch", "mocker.patch.object", "monkeypatch.delattr",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claimed:
    """A claim in its place: `under` names what may keep it from being made or from being heard."""

    claim: Claim
    under: tuple[str, ...]

    @property
    def is_live(self) -> bool:
        """Say whether anything runs it at all."""
        return not any(guard == DEAD or guard.endswith(UNCALLED) for guard in self.under)


@dataclass(slots=True)
class Body:
    """What a function does. `skips` and `patches` hold texts, with the line of each."""

    claims: list[Claimed] = field(default_factory=list)
    skips: list[tuple[str, int]] = field(default_factory=list)
    patches: list[tuple[str, int]] = field(default_factory=list)
    calls: int = 0
    yields: int = 0
    loaded: frozenset[str] = frozenset()
    # What a local name is bound to: False while it is bound to constants only.
    computed: dict[str, bool] = field(default_factory=dict)
    # The local names that always stand for one constant.
    constants: dict[str, ast.expr] = field(default_factory=dict)


def read_body(function: Function, helpers: frozenset[str], skippers: frozenset[str] = frozenset()) -> Body:
    """Return what the function's own body does; what it defines inside counts as its own if it is used.

    `helpers` are the names of functions that assert, `skippers` of functions and fixtures that skip.
    """
    reader = _Reader(function, helpers, skippers)
    reader.block(function.body, ())
    return reader.body


def is_skip(node: ast.AST) -> bool:
    """Say whether a call or a raised exception skips a test, or lets it fail."""
    name = name_of(node)
    if name == "skip":
        return dotted(node) in ("pytest.skip", "skip", "unittest.skip")
    return name in SKIPS


class _WrittenOut(ast.NodeTransformer):
    def __init__(self, constants: dict[str, ast.expr]) -> None:
        self._constants = constants

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return self._constants.get(node.id, node)


class _Reader:
    """Walks the statements of one function; `under` is what the statement at hand depends on."""

    def __init__(self, function: Function, helpers: frozenset[str], skippers: frozenset[str]) -> None:
        self.body = Body()
        self._helpers = helpers
        self._skippers = skippers
        asked = [a for a in function.args.args if a.arg in skippers]
        self.body.skips += [(f"the fixture {a.arg}", a.lineno) for a in asked]
        self._literals: dict[str, ast.expr] = {}
        nodes = list(ast.walk(function))
        self.body.loaded = frozenset(
            n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
        ) | frozenset(n.attr for n in nodes if isinstance(n, ast.Attribute))
        self.body.calls = sum(isinstance(n, ast.Call) for n in nodes)
        self.body.yields = sum(1 for n in _own(function) if isinstance(n, ast.Yield | ast.YieldFrom))
        self._collect_patches(nodes)
        self._collect_bindings(function, nodes)

    def block(self, statements: Sequence[ast.stmt], under: tuple[str, ...]) -> Ending:
        """Read statements in order and say how the block always ends, if it does not run through."""
        ending: Ending = ""
        for statement in statements:
            if ending:
                self._statement(statement, (*under, DEAD))
                continue
            before = len(self.body.skips)
            ending = self._statement(statement, under)
            if not ending and isinstance(statement, ast.If) and len(self.body.skips) == before:
                under = (*under, *_leaving(statement))
        return ending

    def _statement(self, node: ast.stmt, under: tuple[str, ...]) -> Ending:
        if isinstance(node, ast.Assert):
            self._claim(claims_of(self._plain(node)), under)
            return "raise" if isinstance(node.test, ast.Constant) and not node.test.value else ""
        if isinstance(node, ast.Return | ast.Continue | ast.Break):
            if isinstance(node, ast.Return) and node.value is not None:
                self._expression(node.value, under)
            return "return"
        if isinstance(node, ast.Raise):
            return self._raise(node, under)
        if isinstance(node, ast.If):
            return self._if(node, under)
        if isinstance(node, ast.With | ast.AsyncWith):
            return self._with(node, under)
        if isinstance(node, ast.For | ast.AsyncFor | ast.While):
            return self._loop(node, under)
        if isinstance(node, ast.Try | ast.TryStar):
            return self._try(node, under)
        if isinstance(node, ast.Match):
            for case in node.cases:
                self.block(case.body, (*under, f"case {shorten(ast.unparse(case.pattern), 40)}"))
            return ""
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            unused = not node.decorator_list and node.name not in self.body.loaded
            special = node.name.startswith("__") or any("inside a class" in u for u in under)
            inside = (f"a nested {node.name}{UNCALLED}",) if unused and not special else ()
            kind = ("inside a class",) if isinstance(node, ast.ClassDef) else ()
            self.block(node.body, (*under, *inside, *kind))
            return ""
        return self._simple(node, under)

    def _simple(self, node: ast.stmt, under: tuple[str, ...]) -> Ending:
        value = getattr(node, "value", None)
        if not isinstance(value, ast.expr):
            return ""
        self._expression(value, under)
        called = value.value if isinstance(value, ast.Await) else value
        if isinstance(called, ast.Call) and isinstance(node, ast.Expr):
            if dotted(called) in EXITS:
                self.body.skips.append((shorten(ast.unparse(called)), node.lineno))
                return "return"
            if is_skip(called) and name_of(called) != "importorskip":
                return "return"
        return ""

    def _expression(self, node: ast.expr, under: tuple[str, ...]) -> None:
        """Take the claims of an expression that stands for itself or is bound to a name."""
        if isinstance(node, ast.Await):
            node = node.value
        if isinstance(node, ast.Call):
            if is_skip(node) or name_of(node) in self._skippers:
                self.body.skips.append((shorten(ast.unparse(node)), node.lineno))
            else:
                self._claim(claims_of_call(self._plain(node), self._helpers), under)

    def _raise(self, node: ast.Raise, under: tuple[str, ...]) -> Ending:
        if node.exc is not None and name_of(node.exc) in SKIPS:
            self.body.skips.append((shorten(ast.unparse(node)), node.lineno))
            return "return"
        if node.exc is not None and name_of(node.exc) == "AssertionError":
            failing = ast.copy_location(ast.Call(ast.Name("fail"), [], []), node)
            self._claim(claims_of_call(failing, frozenset()), under)
        return "raise"

    def _if(self, node: ast.If, under: tuple[str, ...]) -> Ending:
        known = _truth_of(node.test)
        condition = f"if {shorten(ast.unparse(node.test), 40)}"
        then = () if known is True else (DEAD,) if known is False else (condition,)
        other = (DEAD,) if known is True else () if known is False else (f"else of {condition}",)
        first = self.block(node.body, (*under, *then))
        second = self.block(node.orelse, (*under, *other))
        if known is not None:
            return first if known else second
        return ("raise" if first == second == "raise" else "return") if first and second else ""

    def _with(self, node: ast.With | ast.AsyncWith, under: tuple[str, ...]) -> Ending:
        inside = under
        swallows = False
        for item in node.items:
            call = item.context_expr
            name = name_of(call)
            if isinstance(call, ast.Call) and name.lower() in RAISES:
                self._claim(iter([raised(self._plain(call))]), under)
                if "warn" not in name.lower() and "logs" not in name.lower() and name != "deprecated_call":
                    swallows = True
                    inside = (*inside, f"with {shorten(ast.unparse(call), 40)}")
            elif name == "suppress":
                swallows = True
                inside = (*inside, f"with {shorten(ast.unparse(call), 40)}")
            elif isinstance(call, ast.Call):
                self._expression(call, under)
        ending = self.block(node.body, inside)
        # What is raised before its end, and swallowed, goes on behind it.
        calls = len(node.body) > 1 or any(isinstance(n, ast.Call) for n in ast.walk(node.body[0]))
        return "" if swallows and (ending == "raise" or calls) else ending

    def _loop(self, node: ast.For | ast.AsyncFor | ast.While, under: tuple[str, ...]) -> Ending:
        endless = False
        inside: tuple[str, ...]
        if isinstance(node, ast.While):
            known = _truth_of(node.test)
            inside = (
                (DEAD,)
                if known is False
                else ()
                if known
                else (f"while {shorten(ast.unparse(node.test), 40)}",)
            )
            endless = known is True and not any(isinstance(n, ast.Break) for n in ast.walk(node))
        else:
            iterable = node.iter
            if isinstance(iterable, ast.Name):
                iterable = self._literals.get(iterable.id, iterable)
            inside = _loop_guard(iterable)
        self.block(node.body, (*under, *inside))
        self.block(node.orelse, under)
        return "return" if endless else ""

    def _try(self, node: ast.Try | ast.TryStar, under: tuple[str, ...]) -> Ending:
        inside = under
        endings: list[Ending] = []
        for handler in node.handlers:
            caught = handler.type
            names = {"BaseException"} if caught is None else {name_of(n) for n in ast.walk(caught)}
            shown = f"except {ast.unparse(caught)}" if caught is not None else "except"
            ending = self.block(handler.body, (*under, shorten(shown, 40)))
            endings.append(ending)
            if names & _CATCH_ALL and ending != "raise" and not _fails(handler.body):
                inside = (*inside, f"try … {shorten(shown, 40)}")
        if any(isinstance(n, ast.Return) for s in node.finalbody for n in ast.walk(s)):
            inside = (*inside, "try … finally: return")
        ending = self.block(node.body, inside)
        after = self.block(node.orelse, (*under, DEAD) if ending else under)
        last = self.block(node.finalbody, under)
        if last:
            return last
        return "return" if (ending or after) and all(endings) else ""

    def _claim(self, claims: Iterator[Claim], under: tuple[str, ...]) -> None:
        kept = tuple(u for u in under if u != "inside a class")
        self.body.claims.extend(Claimed(claim, kept) for claim in claims)

    def _plain(self, node: _N) -> _N:
        """Return the node with its local constants written out."""
        used = any(isinstance(n, ast.Name) and n.id in self.body.constants for n in ast.walk(node))
        return _WrittenOut(self.body.constants).visit(copy.deepcopy(node)) if used else node

    def _collect_patches(self, nodes: list[ast.AST]) -> None:
        for node in nodes:
            if isinstance(node, ast.Call):
                name = dotted(node.func)
                if name in _PATCHES or name.endswith(("mock.patch", "mock.patch.object")):
                    args = ", ".join(ast.unparse(a) for a in node.args[:2])
                    self.body.patches.append((f"{name}({shorten(args, 50)})", node.lineno))

    def _collect_bindings(self, function: Function, nodes: list[ast.AST]) -> None:
        known = self.body.computed
        arguments = function.args
        every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        known.update((a.arg, True) for a in every)
        stores = Counter(n.id for n in nodes if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load))
        for node in nodes:
            value = node.value if isinstance(node, ast.Assign | ast.AnnAssign) else None
            fixed = is_fixed(value)
            if isinstance(value, ast.List | ast.Tuple | ast.Dict | ast.Set):
                self._literals.update((name, value) for name in _bound(node) if stores[name] == 1)
            for name in _bound(node):
                known[name] = known.get(name, False) or not fixed
                if fixed and stores[name] == 1 and isinstance(value, ast.Constant | ast.UnaryOp):
                    self.body.constants[name] = value
        for node in nodes:
            # What is handed to a call, or written by an inner function, may be changed there.
            for name in _exposed(node):
                if name in known and name not in self.body.constants:
                    known[name] = True
                if isinstance(node, ast.Nonlocal | ast.Global):
                    self.body.constants.pop(name, None)


def _bound(node: ast.AST) -> list[str]:
    """Return the names that a statement or clause binds."""
    if isinstance(node, ast.Assign):
        return [name for target in node.targets for name in _stored(target)]
    if isinstance(node, ast.withitem):
        return _stored(node.optional_vars)
    kinds = ast.For | ast.AsyncFor | ast.comprehension | ast.NamedExpr | ast.AnnAssign | ast.AugAssign
    return _stored(node.target) if isinstance(node, kinds) else []


def _exposed(node: ast.AST) -> list[str]:
    """Return the names whose values others may change."""
    if isinstance(node, ast.Nonlocal | ast.Global):
        return node.names
    if not isinstance(node, ast.Call):
        return []
    given = [*node.args, *(k.value for k in node.keywords), getattr(node.func, "value", None)]
    return [a.id for a in given if isinstance(a, ast.Name)]


def _own(function: Function) -> Iterator[ast.AST]:
    """Yield the nodes of a function's own scope."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef):
            waiting.extend(ast.iter_child_nodes(node))


def _stored(target: ast.AST | None) -> list[str]:
    nodes = () if target is None else ast.walk(target)
    return [n.id for n in nodes if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)]


def _truth_of(test: ast.expr) -> bool | None:
    """Return what a condition always is, or None: constants, `TYPE_CHECKING`, `x and False`, `not True`."""
    if isinstance(test, ast.Constant):
        return bool(test.value)
    if name_of(test) == "TYPE_CHECKING" and not isinstance(test, ast.Call):
        return False
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _truth_of(test.operand)
        return None if inner is None else not inner
    if isinstance(test, ast.BoolOp):
        decisive = isinstance(test.op, ast.Or)
        known = [_truth_of(value) for value in test.values]
        if decisive in known:
            return decisive
        return None if None in known else not decisive
    if isinstance(test, ast.Tuple | ast.List | ast.Dict | ast.Set) and is_fixed(test):
        return bool(getattr(test, "elts", getattr(test, "keys", [])))
    if isinstance(test, ast.Compare) and is_fixed(test.left) and all(map(is_fixed, test.comparators)):
        return _compared(test)
    return None


def _compared(test: ast.Compare) -> bool | None:
    if len(test.ops) != 1:
        return None
    try:
        left, right = ast.literal_eval(test.left), ast.literal_eval(test.comparators[0])
        same = bool(left == right)
        return {ast.Eq: same, ast.NotEq: not same}.get(type(test.ops[0]))
    except (ValueError, TypeError, MemoryError):
        return None


def _leaving(node: ast.If) -> tuple[str, ...]:
    """Return what the statements after an `if` depend on because it may leave the function before them."""
    last = node.body[-1]
    if isinstance(last, ast.Return) and not node.orelse and _truth_of(node.test) is not False:
        return (f"what follows `if {shorten(ast.unparse(node.test), 40)}: return`",)
    return ()


def _loop_guard(iterable: ast.expr) -> tuple[str, ...]:
    elements = getattr(iterable, "elts", getattr(iterable, "keys", None))
    if elements is not None:
        return () if elements else (DEAD,)
    if isinstance(iterable, ast.Call) and name_of(iterable) in ("range", "enumerate", "zip", "product"):
        zero = iterable.args and isinstance(iterable.args[0], ast.Constant) and not iterable.args[0].value
        return (DEAD,) if zero and len(iterable.args) == 1 and name_of(iterable) == "range" else ()
    return (f"for … in {shorten(ast.unparse(iterable), 40)}",)


def _fails(statements: Sequence[ast.stmt]) -> bool:
    """Say whether a handler itself lets the test fail."""
    for statement in statements:
        for node in ast.walk(statement):
            if isinstance(node, ast.Raise | ast.Assert) or (
                isinstance(node, ast.Call) and name_of(node) == "fail"
            ):
                return True
    return False
