"""What the text of a Python function says of it: what a skeleton is computed from."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from codegate.recipes.facts.segments import segment

Function = ast.FunctionDef | ast.AsyncFunctionDef
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
_SAMPLES = {
    "int": ("1", "0", "-3", "10", "255"), "float": ("1.5", "0.0", "-2.25"), "bool": ("True", "False"),
    "str": ("'abc'", "''", "'Hello World'", "'a b  c'"), "bytes": ("b'abc'", "b''"),
    "list": ("[3, 1, 2]", "[]"), "tuple": ("(1, 2)", "()"), "dict": ("{'a': 1}", "{}"),
    "set": ("{1, 2}", "set()"), "Sequence": ("[1, 2, 3]", "[]"), "Iterable": ("[1, 2, 3]", "[]"),
    "Mapping": ("{'a': 1}", "{}"), "Any": ("1", "'abc'", "None"), "object": ("1", "'abc'", "None"),
}  # fmt: skip
# Of a parameter that says nothing of its type some value of each kind, one after the other.
_UNKNOWN = ("2", "'abc'", "[3, 1, 2]", "0", "''", "{'a': 1}", "1.5", "'Hello World'")
_CONSTANTS = {bool: "bool", int: "int", float: "float", str: "str", bytes: "bytes"}
_DISPLAYS = {
    ast.JoinedStr: "str", ast.Compare: "bool", ast.List: "list", ast.ListComp: "list", ast.Dict: "dict",
    ast.DictComp: "dict", ast.Set: "set", ast.SetComp: "set", ast.Tuple: "tuple",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Parameter:
    """One parameter as it is written; `stars` is `*`, `**` or empty, `kind` how it can be given.

    `type` is its annotation, else what its default plainly is, else empty; `default` is None without one.
    """

    name: str
    annotation: str
    default: str | None
    kind: Literal["positional", "either", "keyword", "rest"]
    stars: str = ""
    guess: str = ""

    @property
    def type(self) -> str:
        return self.annotation or self.guess

    @property
    def written(self) -> str:
        """The parameter as formatters lay it out."""
        default = (
            "" if self.default is None else f" = {self.default}" if self.annotation else f"={self.default}"
        )
        return f"{self.stars}{self.name}{f': {self.annotation}' if self.annotation else ''}{default}"

    @property
    def is_optional(self) -> bool:
        return self.default is not None

    def sample(self, number: int) -> str:
        """Return the text of a plain value that it may take, another one for each number."""
        kind = self.type.partition("[")[0].partition(" ")[0]
        values = _SAMPLES.get(kind, _UNKNOWN)
        return values[number % len(values)]


@dataclass(frozen=True, slots=True)
class Equality:
    """An `assert function(arguments) == expected`, of literals; `keywords` name the last of them."""

    function: str
    arguments: tuple[str, ...]
    expected: str
    keywords: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FunctionFacts:
    """A function or method. `parameters` are without `self` or `cls`, which is `receiver` (empty if none).

    `raises` are the exceptions that it raises itself, by name, in order. `returns_value` says that a `return`
    has a value other than None; `guess` what all of them plainly are, and empty where that is not plain.
    `returns_none` says that it plainly can return None. `table` are the cases of a test that does nothing but
    compare calls of one function with literals.
    """

    name: str
    is_async: bool
    decorators: tuple[str, ...]
    receiver: str
    parameters: tuple[Parameter, ...]
    returns: str
    returns_value: bool
    yields: bool
    guess: str
    raises: tuple[str, ...]
    docstring: str | None
    text: str
    table: tuple[Equality, ...] = ()
    returns_none: bool = False

    @property
    def signature(self) -> str:
        """What stands between its name and the colon, in one line."""
        written = [self.receiver] if self.receiver else []
        before = ""
        for one in self.parameters:
            if before == "positional" != one.kind:
                written.append("/")
            if one.kind == "keyword" and before not in ("keyword", "rest"):
                written.append("*")
            before = one.kind
            written.append(one.written)
        if before == "positional":
            written.append("/")
        return f"({', '.join(written)}){f' -> {self.returns}' if self.returns else ''}"

    @property
    def is_private(self) -> bool:
        return self.name.startswith("_") and not self.is_dunder

    @property
    def is_dunder(self) -> bool:
        return self.name.startswith("__") and self.name.endswith("__")

    @property
    def is_property(self) -> bool:
        return any(d.rpartition(".")[2] in ("property", "cached_property") for d in self.decorators)

    @property
    def is_static(self) -> bool:
        return "staticmethod" in self.decorators

    @property
    def is_class(self) -> bool:
        return "classmethod" in self.decorators

    @property
    def words(self) -> str:
        """Its name as words."""
        return self.name.strip("_").replace("_", " ")


def function_facts(node: Function, source: str, *, in_class: bool) -> FunctionFacts:
    """Return what a function's node says."""
    decorators = tuple(ast.unparse(d) for d in node.decorator_list)
    parameters = list(_parameters(node.args))
    receiver = ""
    if in_class and "staticmethod" not in decorators and parameters and not parameters[0].stars:
        receiver = parameters.pop(0).name
    own = list(own_nodes(node))
    returned = [n.value for n in own if isinstance(n, ast.Return)]
    values = [v for v in returned if v is not None and not _is_none(v)]
    return FunctionFacts(
        name=node.name,
        is_async=isinstance(node, ast.AsyncFunctionDef),
        decorators=decorators,
        receiver=receiver,
        parameters=tuple(parameters),
        returns="" if node.returns is None else ast.unparse(node.returns),
        returns_value=bool(values),
        yields=any(isinstance(n, ast.Yield | ast.YieldFrom) for n in own),
        guess=_guess(node, values, mixed=len(values) != len(returned)),
        raises=tuple(_raised(node, own)),
        docstring=ast.get_docstring(node, clean=True),
        text=segment(source, node) if source else "",
        table=_table(node),
        returns_none=len(values) != len(returned) or not always_returns(node.body),
    )


def own_nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is in a function's body, in the order of the text, but not in functions within it."""
    waiting: list[ast.AST] = list(reversed(getattr(node, "body", [])))
    while waiting:
        current = waiting.pop()
        yield current
        if not isinstance(current, _SCOPES):
            waiting.extend(reversed(list(ast.iter_child_nodes(current))))


def plain_type(value: ast.expr | None) -> str:
    """Return the type that an expression plainly has, else nothing."""
    if isinstance(value, ast.Constant):
        return _CONSTANTS.get(type(value.value), "")
    if isinstance(value, ast.UnaryOp):
        return "bool" if isinstance(value.op, ast.Not) else plain_type(value.operand)
    if isinstance(value, ast.BoolOp):
        kinds = {plain_type(v) for v in value.values}
        return kinds.pop() if len(kinds) == 1 else ""
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        known = ("bool", "int", "float", "str", "bytes", "list", "dict", "set", "tuple", "frozenset")
        if value.func.id in known:
            return value.func.id
        return {"isinstance": "bool", "len": "int", "sorted": "list", "repr": "str"}.get(value.func.id, "")
    return _DISPLAYS.get(type(value), "")


def _parameters(args: ast.arguments) -> Iterator[Parameter]:
    plain = [*args.posonlyargs, *args.args]
    defaults: list[ast.expr | None] = [*[None] * (len(plain) - len(args.defaults)), *args.defaults]
    for at, (arg, default) in enumerate(zip(plain, defaults, strict=True)):
        yield _parameter(arg, default, "positional" if at < len(args.posonlyargs) else "either")
    if args.vararg:
        yield _parameter(args.vararg, None, "rest", "*")
    for arg, default in zip(args.kwonlyargs, args.kw_defaults, strict=True):
        yield _parameter(arg, default, "keyword")
    if args.kwarg:
        yield _parameter(args.kwarg, None, "rest", "**")


def _parameter(
    arg: ast.arg,
    default: ast.expr | None,
    kind: Literal["positional", "either", "keyword", "rest"],
    stars: str = "",
) -> Parameter:
    annotation = "" if arg.annotation is None else ast.unparse(arg.annotation)
    written = None if default is None else ast.unparse(default)
    return Parameter(arg.arg, annotation, written, kind, stars, plain_type(default))


def _is_none(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is None


def _guess(node: Function, values: list[ast.expr], *, mixed: bool) -> str:
    if not values:
        return "None"
    kinds = {plain_type(value) for value in values}
    if mixed or len(kinds) != 1 or not always_returns(node.body):
        return ""
    kind = kinds.pop()
    return kind if kind in ("bool", "int", "float", "str", "bytes") else ""


def always_returns(body: list[ast.stmt]) -> bool:
    """Say whether a body cannot be left by its end, as far as its last statement plainly tells."""
    last = body[-1] if body else None
    if isinstance(last, ast.Return | ast.Raise):
        return True
    if isinstance(last, ast.If):
        return bool(last.orelse) and always_returns(last.body) and always_returns(last.orelse)
    if isinstance(last, ast.With | ast.AsyncWith):
        return always_returns(last.body)
    if isinstance(last, ast.Try):
        handled = all(always_returns(h.body) for h in last.handlers)
        return always_returns(last.finalbody) or (handled and always_returns(last.orelse or last.body))
    if isinstance(last, ast.While):
        endless = isinstance(last.test, ast.Constant) and bool(last.test.value)
        return endless and not any(isinstance(n, ast.Break) for n in ast.walk(last))
    return False


def _raised(node: Function, own: list[ast.AST]) -> Iterator[str]:
    """Yield each exception that is raised by name, once; those of a bare `raise` are not told."""
    caught = {n.name for n in own if isinstance(n, ast.ExceptHandler) and n.name}
    seen: set[str] = set()
    for one in own:
        if not isinstance(one, ast.Raise) or one.exc is None:
            continue
        named = one.exc.func if isinstance(one.exc, ast.Call) else one.exc
        name = ast.unparse(named) if isinstance(named, ast.Name | ast.Attribute) else ""
        if name and name not in caught and name not in seen and name.rpartition(".")[2][:1].isupper():
            seen.add(name)
            yield name


def _table(node: Function) -> tuple[Equality, ...]:
    """Return the cases of a test whose body is nothing else: two or more, of one function and length."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    cases = [_equality(statement) for statement in body]
    known = [case for case in cases if case is not None]
    alike = len({(case.function, len(case.arguments), case.keywords) for case in known}) == 1
    return tuple(known) if alike and len(known) == len(cases) > 1 and known[0].arguments else ()


def _equality(statement: ast.stmt) -> Equality | None:
    test = statement.test if isinstance(statement, ast.Assert) and statement.msg is None else None
    if isinstance(test, ast.Call | ast.UnaryOp):
        negated = isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not)
        call: ast.expr = test.operand if isinstance(test, ast.UnaryOp) and negated else test
        return _case(call, "False" if negated else "True")
    if not isinstance(test, ast.Compare) or len(test.ops) != 1 or not _is_literal(test.comparators[0]):
        return None
    if not isinstance(test.ops[0], ast.Eq | ast.Is):
        return None
    return _case(test.left, ast.unparse(test.comparators[0]))


def _case(call: ast.expr, expected: str) -> Equality | None:
    if not isinstance(call, ast.Call) or any(k.arg is None for k in call.keywords):
        return None
    values = [*call.args, *(k.value for k in call.keywords)]
    if not all(map(_is_literal, values)):
        return None
    names = tuple(k.arg for k in call.keywords if k.arg is not None)
    return Equality(ast.unparse(call.func), tuple(map(ast.unparse, values)), expected, names)


def _is_literal(node: ast.expr) -> bool:
    try:
        ast.literal_eval(node)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return False
    return True
