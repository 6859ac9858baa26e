"""What is written: exports, protocols, paths, texts and sections."""

from __future__ import annotations

import ast
import enum
import inspect
import re
import typing
from collections.abc import Sequence

from .case import CASE, module, node, obj
from .hinting import shape, typing_names
from .keeping import kept


def exports(*names: str) -> None:
    """Refuse an `__all__` that is not of these names, in whatever order, or a change of anything else."""
    kept("__all__")
    found = list(module().__all__)
    assert sorted(found) == sorted(names), f"it has {sorted(set(found) ^ set(names))} too many or too few"


def hierarchy(base: str, root: type[BaseException], **parents: str) -> None:
    """Refuse exceptions that are of other kinds than these, or keep no message, and a change of more."""
    kept(base, *parents)
    found = vars(module())
    assert found[base].__bases__ == (root,), f"{base} is a kind of {found[base].__bases__}"
    for name, parent in parents.items():
        assert found[name].__bases__ == (found[parent],), f"{name} is a kind of {found[name].__bases__}"
        assert "so it is" in str(found[name]("so it is")), f"{name} keeps no message"


def enumerates(name: str, prefix: str, **members: object) -> None:
    """Refuse an enumeration of other members or values, or other values of a prefix's constants."""
    found = vars(module())
    kept(name, *(constant for constant in found if constant.startswith(prefix)))
    assert issubclass(found[name], enum.Enum), f"{name} is no Enum"
    values = {member.name: member.value for member in found[name]}
    assert values == members, f"it has {values}"
    for member, value in members.items():
        assert found[prefix + member] == value, f"{prefix}{member} is another value"


def protocol(new: str, but: Sequence[str] = ()) -> None:
    """Refuse a Protocol that has not the target's public methods, all of them, as the target has them.

    Those of `but` may be there or not: properties.
    """
    kept(new)
    kind, model = vars(module())[new], obj()
    assert getattr(kind, "_is_protocol", False), f"{new} is no Protocol"
    public = {n: f for n, f in vars(model).items() if inspect.isfunction(f) and not n.startswith("_")}
    told = {n: f for n, f in vars(kind).items() if inspect.isfunction(f) and not n.startswith("_")}
    assert set(told) - set(but) == set(public) - set(but), f"not alike: {sorted(set(told) ^ set(public))}"
    for one, function in public.items():
        mine, theirs = (inspect.signature(f).parameters.values() for f in (told[one], function))
        assert [(p.name, p.kind, p.default) for p in mine] == [(p.name, p.kind, p.default) for p in theirs], (
            one
        )
        hints_of = [typing.get_type_hints(f, typing_names()) for f in (told[one], function)]
        mine_, theirs_ = ({k: shape(v) for k, v in found.items()} for found in hints_of)
        assert mine_ == theirs_, f"{one}: {mine_}, not {theirs_}"
    assert getattr(kind, "_is_runtime_protocol", False), "isinstance cannot ask it"


def by_pathlib() -> None:
    """Refuse a target in which os.path is left, or pathlib is not used, and a change of anything else."""
    kept(CASE.name)
    code = ast.unparse(node().body[1:] if ast.get_docstring(node()) else node().body)
    assert "Path" in code, "no Path in it"
    assert "os.path" not in code, "os.path is left in it"


def by_fstrings() -> None:
    """Refuse a target in which a text is still made by % or .format, and a change of anything else."""
    kept(CASE.name)
    for one in ast.walk(node()):
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mod):
            assert not (isinstance(one.left, ast.Constant) and isinstance(one.left.value, str)), "a % is left"
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            assert one.func.attr != "format", "a .format is left"


def section(
    heading: str, *, before_: str, after: str = "", words: Sequence[str] = (), first: bool = False
) -> None:
    """Refuse a text in which a line of the old one is gone, or `heading` is not between two others once.

    `words` are regular expressions that what is new must match. With `first`, a heading of the name may stand
    further down too.
    """
    old, new = CASE.before[CASE.path], CASE.after[CASE.path]
    lines = iter(new.splitlines())
    for line in old.splitlines():
        assert not line.strip() or any(one.rstrip() == line.rstrip() for one in lines), f"gone: {line!r}"
    assert first or len(re.findall(rf"^{re.escape(heading)}\s*$", new, re.M)) == 1, (
        "the section is not there once"
    )
    at = new.index(heading)
    assert (new.index(after) if after else -1) < at < new.index(before_), "the section is somewhere else"
    added = new[at : new.index(before_)]
    for word in words:
        assert re.search(word, added), f"nothing of /{word}/ in it"
    known = set(old.splitlines())
    outside = [
        one for one in (new[:at] + new[new.index(before_) :]).splitlines() if one.strip() and one not in known
    ]
    assert not outside, f"more was added: {outside[0]!r}"
