"""What a module means for others: the names of its `__all__`, in the order in which ruff sorts them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator

# Names that a module sets for itself.
_OWN = ("logger", "log", "parser", "app")


def isort_key(name: str) -> tuple[int, list[tuple[int, int, str]]]:
    """Return what ruff's RUF022 sorts by: constants, classes, the rest; digits by what they count."""
    kind = 0 if len(name) > 1 and name.isupper() else 1 if name[:1].isupper() else 2
    parts = re.findall(r"\d+|\D", name)
    return kind, [(0, int(part), "") if part.isdigit() else (1, ord(part), "") for part in parts]


def exports(path: str, tree: ast.Module) -> list[str]:
    """Return the public names of a module, sorted: what it defines, and what it plainly imports for others.

    Those are the names of an `import x as x`, and in an `__init__.py` all that come from its own package. Of
    an `__all__` that there is, the names stay that are still bound.
    """
    classes = frozenset(n.name for n in tree.body if isinstance(n, ast.ClassDef))
    found = {name for name in _defined(tree.body, classes) if not name.startswith("_")}
    found |= set(_passed_on(path, tree.body))
    return sorted(found, key=isort_key)


def _defined(body: Iterable[ast.stmt], classes: frozenset[str]) -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                yield node.name
            case ast.If() | ast.Try() | ast.With():
                if not _is_private_branch(node):
                    for field in ("body", "orelse", "finalbody"):
                        yield from _defined(getattr(node, field, []), classes)
            case ast.Assign(targets=targets, value=value):
                names = [t.id for t in targets if isinstance(t, ast.Name)]
                yield from (n for n in names if _is_meant(n, value, classes))
            case ast.AnnAssign(target=ast.Name(id=name)):
                if _is_meant(name, node.value, classes):
                    yield name
            case _ if type(node).__name__ == "TypeAlias":
                yield node.name.id  # type: ignore[attr-defined]  # Python 3.12


def _is_private_branch(node: ast.stmt) -> bool:
    """Say whether a branch is for type checkers alone, or for when the module is run."""
    test = ast.unparse(node.test) if isinstance(node, ast.If) else ""
    return "TYPE_CHECKING" in test or "__name__" in test


def _is_meant(name: str, value: ast.expr | None, classes: frozenset[str]) -> bool:
    """Say whether a variable is for others: a constant, an alias of a type, an instance of a class here."""
    called = ast.unparse(value.func).rpartition(".")[2] if isinstance(value, ast.Call) else ""
    if called in ("TypeVar", "ParamSpec", "TypeVarTuple") or name in _OWN or called == "getLogger":
        return False
    return (name[:1].isupper() and name != "TYPE_CHECKING") or called in classes


def _passed_on(path: str, body: Iterable[ast.stmt]) -> Iterator[str]:
    package = path.rpartition("/")[0].rpartition("/")[2]
    is_package = path.endswith("__init__.py")
    for node in body:
        if isinstance(node, ast.Import):
            yield from (a.asname for a in node.names if a.asname and a.asname == a.name)
        elif isinstance(node, ast.ImportFrom):
            own = is_package and (node.level == 1 or (node.module or "").partition(".")[0] == package)
            for alias in node.names:
                bound = alias.asname or alias.name
                meant = alias.asname == alias.name or (own and not bound.startswith("_"))
                if bound != "*" and meant:
                    yield bound


def unclear(tree: ast.Module) -> str:
    """Say why the public names of a module cannot be told from its text; else nothing."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and any(alias.name == "*" for alias in node.names):
            module = "." * node.level + (node.module or "")
            return f"`from {module} import *` brings names that only running it tells"
    named = [n for n in ast.walk(tree) if isinstance(n, ast.Name) and n.id == "__all__"]
    plain = [n.value for n in tree.body if isinstance(n, ast.Assign | ast.AnnAssign) and _sets_all(n)]
    listed = all(isinstance(v, ast.List | ast.Tuple) and _is_of_texts(v) for v in plain)
    if len(named) != len(plain) or len(plain) > 1 or not listed:
        return "its `__all__` is computed"
    return ""


def _sets_all(node: ast.Assign | ast.AnnAssign) -> bool:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return len(targets) == 1 and isinstance(targets[0], ast.Name) and targets[0].id == "__all__"


def _is_of_texts(node: ast.List | ast.Tuple) -> bool:
    return all(isinstance(e, ast.Constant) and isinstance(e.value, str) for e in node.elts)
