"""What the text of a Python file says of it, and of the target in it."""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from codegate.errors import UsageError
from codegate.recipes.facts.classes import ClassFacts, class_facts
from codegate.recipes.facts.exports import exports, isort_key, unclear
from codegate.recipes.facts.functions import FunctionFacts, function_facts, plain_type
from codegate.recipes.facts.groups import Group, grouped, refuse_shadows
from codegate.recipes.facts.texts import behind

_STYLES = {
    "google": re.compile(r"^[ \t]*(Args|Arguments|Returns|Raises|Yields|Attributes):[ \t]*$", re.MULTILINE),
    "numpy": re.compile(
        r"^[ \t]*(Parameters|Returns|Raises|Yields|Attributes)\n[ \t]*-{4,}[ \t]*$", re.MULTILINE
    ),
    "rest": re.compile(r"^[ \t]*:(param|returns?|raises?|type|rtype|yields?)\b[^:\n]*:", re.MULTILINE),
}
TYPING = (
    "Any", "Callable", "Iterable", "Iterator", "Mapping", "Sequence", "Generator", "Hashable", "Collection",
    "IO",
)  # fmt: skip
_FROM = dict.fromkeys(
    ("Callable", "Iterable", "Iterator", "Mapping", "Sequence", "Generator", "Hashable", "Collection"),
    "collections.abc",
)


@dataclass(frozen=True, slots=True)
class Constant:
    """A name in capitals that the file sets once at its top level."""

    name: str
    value: str
    type: str
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Assigned:
    """A name that the top level sets. `callee` is what is called for its value, if anything is."""

    name: str
    annotation: str
    callee: str


@dataclass(frozen=True, slots=True)
class ModuleFacts:
    """A file of Python. `module` is how it is imported; `bound` every name that its top level binds.

    `style` is that of most of its docstrings (`google`, `numpy`, `rest`), empty where none tells. `exported`
    are the names of `__all__`, None where there is none; `exports` those that it should have, sorted, and
    `unclear` why they cannot be told.
    """

    path: str
    module: str
    docstring: str | None
    style: str
    functions: tuple[FunctionFacts, ...]
    classes: tuple[ClassFacts, ...]
    constants: tuple[Constant, ...]
    bound: tuple[str, ...]
    exported: tuple[str, ...] | None
    has_future_annotations: bool
    text: str
    tree: ast.Module = field(repr=False, compare=False)
    assigned: tuple[Assigned, ...] = ()
    exports: tuple[str, ...] = ()
    unclear: str = ""

    @property
    def public(self) -> tuple[str, ...]:
        """What is defined here and meant for others, sorted: no imports, nothing with an underscore."""
        defined = [
            *(f.name for f in self.functions),
            *(c.name for c in self.classes),
            *(c.name for c in self.constants),
        ]
        return tuple(sorted({name for name in defined if not name.startswith("_")}))

    def made_by(self, *callees: str) -> str:
        """Return the first name that is set to a call of one of these, as `app` to `FastAPI()`, or none."""
        return next((a.name for a in self.assigned if a.callee.rpartition(".")[2] in callees), "")

    def annotated(self, ending: str) -> str:
        """Return the first name whose annotation ends so, such as `Item]` for a dict of items, or none."""
        return next((a.name for a in self.assigned if a.annotation.endswith(ending)), "")

    def sorted_names(self, names: Iterable[str]) -> list[str]:
        """Return names as an `__all__` has them: each once, as ruff sorts them."""
        return sorted(set(names), key=isort_key)

    def grouped(self, prefix: str, *, alone: bool = False) -> Group:
        """Return the constants of a prefix as members. Raises UsageError where they cannot be.

        `alone`: also where something else in the file has the name of one.
        """
        group = grouped(self.tree, self.text, prefix)
        if alone:
            refuse_shadows(self.tree, group)
        return group

    def has(self, name: str) -> bool:
        return name in self.bound


def module_facts(path: str, text: str) -> tuple[ModuleFacts, ast.Module]:
    """Return what a file says, and its tree. Raises UsageError for what Python cannot parse."""
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise UsageError(
            f"{path} cannot be read as Python: {error}", "mend its syntax first, or use the recipe `edit`"
        ) from error
    docstrings = list(_docstrings(tree))
    facts = ModuleFacts(
        path=path,
        module=module_name(path),
        docstring=ast.get_docstring(tree, clean=True),
        style=_style(docstrings),
        functions=tuple(
            function_facts(n, text, in_class=False)
            for n in tree.body
            if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)
        ),
        classes=tuple(class_facts(n, text) for n in tree.body if isinstance(n, ast.ClassDef)),
        constants=tuple(_constants(tree, text)),
        bound=tuple(sorted(set(_bound(tree.body)))),
        exported=_exported(tree),
        has_future_annotations=any(
            isinstance(n, ast.ImportFrom)
            and n.module == "__future__"
            and any(a.name == "annotations" for a in n.names)
            for n in tree.body
        ),
        text=text,
        assigned=tuple(_assigned(tree)),
        tree=tree,
        exports=tuple(exports(path, tree)),
        unclear=unclear(tree),
    )
    return facts, tree


def find_facts(tree: ast.Module, text: str, dotted: str) -> FunctionFacts | ClassFacts | None:
    """Return the facts of a symbol by its dotted name, None if it is no function and no class."""
    body: list[ast.stmt] = tree.body
    node: ast.AST = tree
    for part in dotted.split("."):
        found = [n for n in definitions(body) if n.name == part]
        if len(found) != 1:
            return None
        in_class, node = isinstance(node, ast.ClassDef), found[0]
        body = found[0].body
    if isinstance(node, ast.ClassDef):
        return class_facts(node, text)
    assert isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    return function_facts(node, text, in_class=in_class)


def module_name(path: str) -> str:
    """Return how Python imports a file of a flat or `src` layout."""
    parts = list(PurePosixPath(path.removesuffix(".py")).parts)
    if parts[:1] in (["src"], ["lib"]):
        parts = parts[1:]
    return ".".join(parts[:-1] if parts[-1:] == ["__init__"] else parts)


def type_names(facts: ModuleFacts) -> tuple[str, ...]:
    """Return the names that a type in this file may be written with, the file's own classes among them."""
    builtin = (
        "str",
        "int",
        "bool",
        "float",
        "bytes",
        "list",
        "dict",
        "tuple",
        "set",
        "type",
        "object",
        "None",
    )
    own = [c.name for c in facts.classes]
    imported = [name for name in facts.bound if name[:1].isupper() and not name.isupper() and name not in own]
    return tuple(dict.fromkeys([*builtin, *TYPING, *own, *imported]))


def typing_imports(facts: ModuleFacts) -> tuple[str, ...]:
    """Return the imports that such types may need, those that the file lacks."""
    return tuple(f"from {_FROM.get(n, 'typing')} import {n}" for n in TYPING if not facts.has(n))


def definitions(body: list[ast.stmt]) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node
        elif isinstance(node, ast.If | ast.Try | ast.With):
            for part in ("body", "orelse", "finalbody"):
                yield from definitions(getattr(node, part, []))


def _docstrings(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(node, clean=True)
            if text:
                yield text


def _style(docstrings: list[str]) -> str:
    votes = {name: sum(bool(form.search(d)) for d in docstrings) for name, form in _STYLES.items()}
    best = max(votes, key=lambda name: votes[name])
    return best if votes[best] else ""


def _constants(tree: ast.Module, text: str) -> Iterator[Constant]:
    for node in tree.body:
        target, value = _assignment(node)
        if target is not None and value is not None and re.fullmatch(r"_?[A-Z][A-Z0-9_]*", target):
            yield Constant(target, ast.unparse(value), plain_type(value), behind(text, node))


def _assigned(tree: ast.Module) -> Iterator[Assigned]:
    for node in tree.body:
        name, value = _assignment(node)
        if name is not None:
            callee = ast.unparse(value.func) if isinstance(value, ast.Call) else ""
            yield Assigned(
                name, ast.unparse(node.annotation) if isinstance(node, ast.AnnAssign) else "", callee
            )


def _assignment(node: ast.stmt) -> tuple[str | None, ast.expr | None]:
    if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
        return node.targets[0].id, node.value
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.value
    return None, None


def _exported(tree: ast.Module) -> tuple[str, ...] | None:
    for node in tree.body:
        target, value = _assignment(node)
        if target == "__all__" and isinstance(value, ast.List | ast.Tuple):
            return tuple(
                e.value for e in value.elts if isinstance(e, ast.Constant) and isinstance(e.value, str)
            )
    return None


def _bound(body: list[ast.stmt]) -> Iterator[str]:
    for node in body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (alias.asname or alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.If | ast.Try | ast.With):
            for part in ("body", "orelse", "finalbody"):
                yield from _bound(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from _bound(handler.body)
        else:
            yield from (
                n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            )


def is_standard(module: str) -> bool:
    """Say whether a module is of the standard library."""
    return module.partition(".")[0] in sys.stdlib_module_names
