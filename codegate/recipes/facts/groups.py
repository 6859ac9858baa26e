"""Constants of a module that belong together by their prefix, as the members of an enumeration."""

from __future__ import annotations

import ast
import builtins
import keyword
from collections.abc import Iterator
from dataclasses import dataclass

from codegate.errors import UsageError
from codegate.recipes.facts.functions import own_nodes, plain_type
from codegate.recipes.facts.texts import behind, text_of


@dataclass(frozen=True, slots=True)
class Member:
    """One constant: its name, that of the member that it becomes, and its value as the body writes it."""

    constant: str
    name: str
    value: str
    comment: str


@dataclass(frozen=True, slots=True)
class Group:
    """Constants of a common prefix, in their order. `kind` is the type of all values, empty for several."""

    members: tuple[Member, ...]
    kind: str

    @property
    def first(self) -> str:
        return self.members[0].constant

    def member(self, constant: str) -> str:
        """Return the member that a constant becomes; nothing for another name."""
        return next((m.name for m in self.members if m.constant == constant), "")


def grouped(tree: ast.Module, text: str, prefix: str) -> Group:
    """Return the constants of a prefix. Raises UsageError where they cannot become an enumeration."""
    found = list(_constants(tree, f"{prefix.rstrip('_')}_")) or list(_constants(tree, prefix))
    if len(found) < 2:
        raise UsageError(
            f"there are {len(found)} constants named `{prefix}…`, and an enumeration needs two",
            "name the prefix as it is written: --set prefix=COLOR_",
        )
    names = {name: _member(name, prefix) for name, _ in found}
    for name, _ in found:
        if (times := sum(_binds(node, name) for node in own_nodes(tree))) > 1 or _is_global(tree, name):
            raise UsageError(f"`{name}` is set {max(times, 2)} times: it is no constant")
    _refuse_shared_lines(text, found)
    _refuse_later(tree, found)
    members = tuple(
        Member(name, names[name], _value(node, text, names), behind(text, node)) for name, node in found
    )
    kinds = {_kind(node, names) for _, node in found} - {"same"}
    return Group(members, kinds.pop() if len(kinds) == 1 else "")


def _constants(tree: ast.Module, prefix: str) -> Iterator[tuple[str, ast.Assign | ast.AnnAssign]]:
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
        if not isinstance(node, ast.Assign | ast.AnnAssign) or node.value is None or len(targets) != 1:
            continue
        target = targets[0]
        if isinstance(target, ast.Name) and target.id.startswith(prefix) and target.id != prefix:
            yield target.id, node


def _member(constant: str, prefix: str) -> str:
    rest = constant.removeprefix(prefix).lstrip("_")
    return (
        rest
        if rest.isidentifier() and not keyword.iskeyword(rest) and rest != "mro"
        else constant.lstrip("_")
    )


def refuse_shadows(tree: ast.Module, group: Group) -> None:
    """Raise UsageError where a name of the group is set elsewhere too, so that its uses cannot be told."""
    names, own = {m.constant for m in group.members}, {id(node) for node in own_nodes(tree)}
    for node in ast.walk(tree):
        stored = isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load) and id(node) not in own
        bound = (
            node.arg
            if isinstance(node, ast.arg)
            else node.id
            if isinstance(node, ast.Name) and stored
            else ""
        )
        if bound in names:
            raise UsageError(
                f"line {getattr(node, 'lineno', 1)} sets another `{bound}`: not all of its uses can be told",
                "keep the old names: --set keep=yes",
            )


def _is_global(tree: ast.Module, name: str) -> bool:
    return any(isinstance(node, ast.Global) and name in node.names for node in ast.walk(tree))


def _binds(node: ast.AST, name: str) -> bool:
    return isinstance(node, ast.Name) and node.id == name and not isinstance(node.ctx, ast.Load)


def _refuse_shared_lines(text: str, found: list[tuple[str, ast.Assign | ast.AnnAssign]]) -> None:
    """Raise UsageError for a constant beside another statement, which would go where the constant goes."""
    for name, node in found:
        if node.col_offset or behind(text, node)[:1] not in ("", "#"):
            raise UsageError(
                f"line {node.lineno} has more than `{name}`", "give each statement a line of its own"
            )


def _refuse_later(tree: ast.Module, found: list[tuple[str, ast.Assign | ast.AnnAssign]]) -> None:
    """Raise UsageError for a value that needs what is only defined behind the first of the constants."""
    own, first = {name for name, _ in found}, found[0][1].lineno
    before = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and n.lineno < first}
    imports = [n for n in ast.walk(tree) if isinstance(n, ast.Import | ast.ImportFrom) and n.lineno < first]
    before |= {a.asname or a.name.partition(".")[0] for n in imports for a in n.names}
    before |= {
        n.name for n in tree.body if isinstance(n, ast.ClassDef | ast.FunctionDef) and n.lineno < first
    }
    for name, node in found:
        for used in ast.walk(node.value) if node.value is not None else ():
            if isinstance(used, ast.Name) and used.id not in own | before and not hasattr(builtins, used.id):
                raise UsageError(
                    f"the value of `{name}` needs `{used.id}`, defined behind the first of these constants",
                    f"move `{used.id}` before them",
                )


def _value(node: ast.Assign | ast.AnnAssign, text: str, names: dict[str, str]) -> str:
    """Return the text of a value, with each other constant of the group as the member that it becomes."""
    assert node.value is not None
    return text_of(text, node.value, lambda one: names.get(one.id) if isinstance(one, ast.Name) else None)


def _kind(node: ast.Assign | ast.AnnAssign, names: dict[str, str]) -> str:
    """Return what a value plainly is; `same` for one that is made of others of the group."""
    used = [n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)]
    return "same" if any(name in names for name in used) else _plain(node.value)


def _plain(value: ast.expr | None) -> str:
    if isinstance(value, ast.BinOp) and {_plain(value.left), _plain(value.right)} == {"int"}:
        return "int" if not isinstance(value.op, ast.Div) else "float"
    return plain_type(value)
