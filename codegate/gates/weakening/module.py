"""A test file as pytest and unittest collect it, read from its text alone."""

from __future__ import annotations

import ast
import io
import re
import sys
import tokenize
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch
from typing import Final

from codegate.gates.weakening.body import EXITS, SKIPS, Body, is_skip, read_body
from codegate.gates.weakening.claims import Function, dotted, name_of, shorten

SETUPS: Final = frozenset(
    [
        "setUp", "tearDown", "setUpClass", "tearDownClass", "setUpModule", "tearDownModule", "asyncSetUp",
        "asyncTearDown", "setup_method", "teardown_method", "setup_class", "teardown_class", "setup_module",
        "teardown_module", "setup_function", "teardown_function", "setup", "teardown", "setUpTestData",
    ]
)  # fmt: skip
# Hooks with which a conftest can drop tests or change what is told of them.
HOOKS: Final = frozenset(
    [
        "pytest_ignore_collect", "pytest_collect_file", "pytest_collection_modifyitems",
        "pytest_itemcollected",
        "pytest_pycollect_makeitem", "pytest_pycollect_makemodule", "pytest_runtest_protocol",
        "pytest_runtest_call", "pytest_runtest_makereport", "pytest_runtest_setup", "pytest_pyfunc_call",
        "pytest_report_teststatus", "pytest_assertrepr_compare", "pytest_sessionfinish", "pytest_deselected",
        "pytest_collection_finish", "pytest_runtestloop", "pytest_cmdline_main", "pytest_collection",
        "load_tests",
    ]
)  # fmt: skip
_TOOLS: Final = sys.stdlib_module_names | {
    "pytest",
    "mock",
    "hypothesis",
    "numpy",
    "freezegun",
    "parameterized",
}
_SKIPPING: Final = re.compile(r"\b(pytest\.skip|pytest\.xfail|skipTest|importorskip|SkipTest)\b")


@dataclass(slots=True)
class Item:
    """A function of a test file. `gone` says why pytest would not run it as a test; empty if it would.

    `under` are the conditions of the module's level that it stands under, `marks` its own decorators and
    those of its classes and module, the nearest first.
    """

    path: str
    name: str
    function: Function
    segment: str
    gone: str
    under: tuple[str, ...]
    marks: tuple[ast.expr, ...]
    owner: str

    @property
    def id(self) -> str:
        return f"{self.path}::{self.name.replace('.', '::')}"

    @property
    def last(self) -> str:
        return self.name.rpartition(".")[2]

    @property
    def line(self) -> int:
        return self.function.lineno


@dataclass(slots=True)
class Module:
    """What a test file holds. `tests` are all functions with a test's name in a test's place, and more."""

    path: str
    lines: list[str] = field(default_factory=list)
    tests: dict[str, Item] = field(default_factory=dict)
    others: dict[str, Item] = field(default_factory=dict)
    constants: dict[str, ast.expr] = field(default_factory=dict)
    skips: list[tuple[str, int]] = field(default_factory=list)
    classes: dict[str, ast.ClassDef] = field(default_factory=dict)
    helpers: frozenset[str] = frozenset()
    aliases: dict[str, ast.expr] = field(default_factory=dict)
    collected: bool = True
    bodies: dict[str, Body] = field(default_factory=dict)
    # The names that the file imports from other than the standard library and test tools.
    imported: frozenset[str] = frozenset()
    skippers: frozenset[str] = frozenset()

    def body(self, item: Item) -> Body:
        """Return what one of the file's functions does, read when it is first asked for."""
        if item.name not in self.bodies:
            self.bodies[item.name] = read_body(item.function, self.helpers, self.skippers)
        return self.bodies[item.name]


class UnreadableError(Exception):
    """The text is no Python that can be read here."""


def read_module(path: str, data: bytes, patterns: Sequence[str]) -> Module:
    """Return what a test file holds. Raises UnreadableError for what does not parse."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = ast.parse(data)
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        text = data.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
        return _Collector(path, text, patterns).collect(tree)
    except (SyntaxError, ValueError, LookupError) as error:
        raise UnreadableError(f"it does not parse: {error}") from error
    except (RecursionError, MemoryError) as error:
        raise UnreadableError("it is nested too deeply") from error


def fixture_call(function: Function) -> ast.expr | None:
    """Return the decorator that makes a function a fixture, or None."""
    for decorator in function.decorator_list:
        if name_of(decorator) in ("fixture", "yield_fixture"):
            return decorator
    return None


def is_skip_mark(node: ast.expr, aliases: dict[str, ast.expr]) -> bool:
    """Say whether a decorator or mark skips a test or lets it fail, by whatever name it goes here."""
    called = node.func if isinstance(node, ast.Call) else node
    if isinstance(called, ast.Name) and called.id in aliases:
        return is_skip_mark(aliases[called.id], {})
    low = name_of(called).lower()
    return any(
        word in low for word in ("skip", "xfail", "expectedfailure", "flaky", "rerun", "notest", "nottest")
    )


class _Collector:
    def __init__(self, path: str, text: str, patterns: Sequence[str]) -> None:
        name = path.rpartition("/")[2]
        self._module = Module(path, lines=text.split("\n"))
        self._module.collected = any(fnmatch(name, pattern) for pattern in patterns)
        self._marks: list[ast.expr] = []
        self._bases: set[str] = set()
        self._gone: dict[str, str] = {}

    def collect(self, tree: ast.Module) -> Module:
        module = self._module
        self._survey(tree)
        self._scope(tree.body, "", (), (), "" if module.collected else "the file's name is no test file's")
        for name, why in self._gone.items():
            for item in module.tests.values():
                if not name or item.name == name or item.name.startswith(f"{name}."):
                    item.gone = item.gone or why
        found = [i for i in module.others.values() if "assert" in i.segment or "raises" in i.segment]
        module.helpers = frozenset(i.last for i in found)
        module.skippers = frozenset(i.last for i in module.others.values() if _SKIPPING.search(i.segment))
        module.imported = frozenset(_imported(tree))
        return module

    def _survey(self, tree: ast.Module) -> None:
        """Note what steers the whole module: marks, constants, skips, and what takes tests away."""
        module = self._module
        for node in _flat(tree.body):
            if isinstance(node, ast.AugAssign) and ast.unparse(node.target) == "pytestmark":
                self._marks += _listed(node.value)
            elif isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None:
                if isinstance(node.value, ast.Call) and is_skip(node.value):
                    module.skips.append((shorten(ast.unparse(node.value)), node.lineno))
                targets = node.targets if isinstance(node, ast.Assign) else [node.target]
                for target in targets:
                    self._assigned(target, node.value)
            elif isinstance(node, ast.Delete):
                for target in node.targets:
                    self._gone[ast.unparse(target)] = "it is deleted again"
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                if is_skip(node.value) or dotted(node.value) in EXITS:
                    module.skips.append((shorten(ast.unparse(node.value)), node.lineno))
                elif dotted(node.value).startswith("pytestmark."):
                    self._marks += [m for a in node.value.args for m in _listed(a)]
                elif dotted(node.value) == "delattr" and len(node.value.args) == 2:
                    owner, name = node.value.args
                    if isinstance(name, ast.Constant):
                        self._gone[f"{ast.unparse(owner)}.{name.value!s}"] = "it is deleted again"
            elif isinstance(node, ast.Raise) and node.exc is not None and name_of(node.exc) in SKIPS:
                module.skips.append((shorten(ast.unparse(node)), node.lineno))
            elif isinstance(node, ast.ClassDef):
                self._bases.update(name_of(base) for base in node.bases)

    def _assigned(self, target: ast.expr, value: ast.expr) -> None:
        name = ast.unparse(target)
        if name == "pytestmark":
            self._marks += _listed(value)
        elif name == "__test__" and isinstance(value, ast.Constant) and not value.value:
            self._gone[""] = "the module says `__test__ = False`"
        elif name.endswith(".__test__") and isinstance(value, ast.Constant) and not value.value:
            self._gone[name.removesuffix(".__test__")] = f"`{name} = False`"
        elif name.rpartition(".")[2].lower().startswith("test"):
            self._gone[name] = f"its name is bound to `{shorten(ast.unparse(value), 30)}`"
        if isinstance(target, ast.Name):
            self._module.constants[name] = value
            self._module.aliases[name] = value

    def _scope(
        self,
        body: Sequence[ast.stmt],
        prefix: str,
        under: tuple[str, ...],
        marks: tuple[ast.expr, ...],
        gone: str,
    ) -> None:
        for node in body:
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                self._function(node, prefix, under, marks, gone)
            elif isinstance(node, ast.ClassDef):
                self._class(node, prefix, under, marks, gone)
            else:
                for inner, condition in _inner_blocks(node):
                    self._scope(inner, prefix, (*under, *condition), marks, gone)

    def _function(
        self, node: Function, prefix: str, under: tuple[str, ...], marks: tuple[ast.expr, ...], gone: str
    ) -> None:
        module = self._module
        start = min([node.lineno, *(d.lineno for d in node.decorator_list)]) - 1
        segment = "\n".join(module.lines[start : node.end_lineno])
        named = node.name.startswith("test") or node.name == "runTest"
        fixture = fixture_call(node) is not None
        why = gone or ("" if named else "its name no longer begins with `test`")
        if named and fixture:
            why = "it is a fixture"
        elif not prefix and named and any(name_of(d) == "contextmanager" for d in node.decorator_list):
            why = "it is a context manager"
        name = f"{prefix}{node.name}"
        item = Item(
            module.path, name, node, segment, why, under,
            (*node.decorator_list, *marks, *(() if prefix else self._marks)), prefix.rstrip("."),
        )  # fmt: skip
        (module.tests if named and not fixture else module.others)[name] = item

    def _class(
        self, node: ast.ClassDef, prefix: str, under: tuple[str, ...], marks: tuple[ast.expr, ...], gone: str
    ) -> None:
        for shadowed in [n for n in self._module.tests if n.startswith(f"{prefix}{node.name}.")]:
            if f"{prefix}{node.name}" in self._module.classes and not under:
                del self._module.tests[shadowed]
        self._module.classes[f"{prefix}{node.name}"] = node
        assigned = {
            t.id: s.value
            for s in node.body
            if isinstance(s, ast.Assign)
            for t in s.targets
            if isinstance(t, ast.Name)
        }
        own: tuple[ast.expr, ...] = tuple(node.decorator_list)
        if (mark := assigned.get("pytestmark")) is not None:
            own += tuple(_listed(mark))
        why = gone or self._uncollected(node, assigned)
        outer = marks if prefix else (*marks, *self._marks)
        for name, value in assigned.items():
            self._module.constants[f"{prefix}{node.name}.{name}"] = value
            if name.startswith("test"):
                self._gone[f"{prefix}{node.name}.{name}"] = (
                    f"its name is bound to `{shorten(ast.unparse(value), 30)}`"
                )
        for statement in node.body:
            if isinstance(statement, ast.Delete):
                for target in statement.targets:
                    self._gone[f"{prefix}{node.name}.{ast.unparse(target)}"] = "it is deleted again"
        self._scope(node.body, f"{prefix}{node.name}.", under, (*own, *outer), why)

    def _uncollected(self, node: ast.ClassDef, assigned: dict[str, ast.expr]) -> str:
        """Say why neither pytest nor unittest collects a class's tests; nothing if one may."""
        disabled = assigned.get("__test__")
        if isinstance(disabled, ast.Constant) and not disabled.value:
            return "its class says `__test__ = False`"
        if node.name in self._bases:
            return ""  # its tests run in the classes made of it
        made = {s.name for s in node.body if isinstance(s, ast.FunctionDef)}
        if not node.bases and made & {"__init__", "__new__"}:
            return "its class has a constructor of its own"
        if not node.bases and not node.name.startswith("Test") and not node.keywords:
            return "its class's name does not begin with `Test`"
        return ""


def _imported(tree: ast.Module) -> Iterator[str]:
    """Yield the names by which the module may reach the code under test."""
    for node in _flat(tree.body):
        if isinstance(node, ast.Import):
            for alias in node.names:
                if alias.name.partition(".")[0] not in _TOOLS:
                    yield alias.asname or alias.name.partition(".")[0]
        elif isinstance(node, ast.ImportFrom):
            tool = not node.level and (node.module or "").partition(".")[0] in _TOOLS
            yield from () if tool else (alias.asname or alias.name for alias in node.names)


def _listed(value: ast.expr) -> list[ast.expr]:
    return value.elts if isinstance(value, ast.List | ast.Tuple) else [value]


def _flat(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield a module's statements, with those in its conditions, but nothing of functions and classes."""
    for node in body:
        yield node
        for inner, _ in _inner_blocks(node):
            yield from _flat(inner)


def _inner_blocks(node: ast.stmt) -> Iterator[tuple[Sequence[ast.stmt], tuple[str, ...]]]:
    """Yield the blocks of a statement that is no definition, each with the condition it stands under."""
    if isinstance(node, ast.If):
        condition = f"if {shorten(ast.unparse(node.test), 60)}"
        yield node.body, (condition,)
        yield node.orelse, (f"else of {condition}",)
    elif isinstance(node, ast.Try | ast.TryStar):
        yield node.body, ()
        yield node.orelse, ()
        for handler in node.handlers:
            yield handler.body, ("except",)
        yield node.finalbody, ()
    elif isinstance(node, ast.With | ast.For | ast.While):
        yield node.body, () if isinstance(node, ast.With) else ("a loop",)
