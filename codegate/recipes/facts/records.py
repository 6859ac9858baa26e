"""A class that holds its parameters, as the dataclass that it could be."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from codegate.errors import UsageError
from codegate.recipes.facts.functions import Function, plain_type
from codegate.recipes.facts.texts import text_of

_EMPTY: Final = {"[]": "list", "{}": "dict", "set()": "set", "list()": "list", "dict()": "dict"}
_FOREIGN: Final = re.compile(r"(Error|Exception|Warning|Enum|Flag|NamedTuple|TypedDict|BaseModel)$")
_HINT: Final = "change it by hand first, or use the recipe `edit`"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its text behind `:` is `type`, empty where the class does not tell, then `= value`.

    `was` is the name that its attribute had; `is_initial` says that the constructor takes it only for
    `__post_init__`; `is_keyword` that it is given by name alone.
    """

    name: str
    type: str
    value: str
    was: str
    above: tuple[str, ...] = ()
    comment: str = ""
    is_initial: bool = False
    is_keyword: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """What a dataclass needs of a class. `post` is the body of `__post_init__` as `__init__` has it.

    `drops` names methods that a dataclass makes just so; `renames` maps attributes to their new names. `sets`
    says where else an attribute is set, and `loose` names attributes that are no fields.
    """

    fields: tuple[Field, ...]
    post: str
    drops: tuple[str, ...]
    sets: str
    loose: tuple[str, ...]
    renames: dict[str, str]

    @property
    def initial(self) -> tuple[Field, ...]:
        return tuple(f for f in self.fields if f.is_initial)

    @property
    def taken(self) -> tuple[Field, ...]:
        """The fields that the constructor takes."""
        return tuple(f for f in self.fields if "init=False" not in f.value)


def record(node: ast.ClassDef, source: str, outside: str) -> Record:
    """Return what a class comes to as a dataclass; `outside` is the rest of its file.

    Raises UsageError that says what of it no dataclass can do.
    """
    init = _init_of(node)
    receiver = init.args.args[0].arg
    given = [*init.args.args[1:], *init.args.kwonlyargs]
    names = {arg.arg for arg in given}
    body = [s for s in init.body if not _is_docstring(s)]
    stores = {name: s for s in body if (name := _stored_parameter(s, receiver, names))}
    _refuse_rebound(init, stores)
    renames = {_attribute(s): name for name, s in stores.items() if _attribute(s) != name}
    made = {id(s) for s in stores.values()}
    plain = {id(s): one for s in body if id(s) not in made and (one := _constant(s, receiver, source))}
    rest = [s for s in body if id(s) not in made and id(s) not in plain]
    settled = {name: s for s in rest if (name := _settled(s, receiver, names - set(stores), body))}
    used = {n.id for s in rest for n in ast.walk(s) if isinstance(n, ast.Name)}
    if lost := sorted(names - set(stores) - used):
        raise UsageError(f"`{node.name}.__init__` does nothing with its parameter `{lost[0]}`", _HINT)
    fields = [
        *_parameters(init, stores, settled, source),
        *plain.values(),
        *_computed([s for s in rest if s not in settled.values()], receiver, renames, source),
    ]
    _refuse_clashes(node, fields, renames, outside)

    def renamed(one: ast.AST) -> str | None:
        match one:
            case ast.Name(id=name) if name in stores or name in settled:
                return f"{receiver}.{name}"
            case ast.Attribute(value=ast.Name(id=name), attr=attr) if name == receiver and attr in renames:
                return f"{receiver}.{renames[attr]}"
        return None

    post = "\n".join(text for s in rest for text in _statement(s, source, renamed))
    known = {f.name for f in fields} | set(renames)
    sets = [(m.name, a) for m in node.body if isinstance(m, Function) for a in _set(m) if m is not init]
    late = [("__init__", name) for s in rest for name in _set(s, receiver)]
    where = next((f"`{where}` sets `{name}`" for where, name in [*sets, *late]), "")
    loose = tuple(name for _, name in [*sets, *late] if name not in known)
    return Record(tuple(fields), post, tuple(_made_so(node, fields)), where, loose, renames)


def _set(node: ast.AST, receiver: str = "self") -> list[str]:
    """Return the attributes of an instance that code sets."""
    found = [n for n in ast.walk(node) if isinstance(n, ast.Attribute) and not isinstance(n.ctx, ast.Load)]
    return [n.attr for n in found if isinstance(n.value, ast.Name) and n.value.id == receiver]


def _init_of(node: ast.ClassDef) -> Function:
    """Return a class's `__init__`. Raises UsageError for one whose work is not a dataclass's."""
    init = next((f for f in node.body if isinstance(f, ast.FunctionDef) and f.name == "__init__"), None)
    if init is None:
        raise UsageError(f"`{node.name}` has no `__init__` that could become fields", "name another class")
    strange = [b for b in map(ast.unparse, node.bases) if _FOREIGN.search(b.partition("[")[0])]
    reasons = {
        f"`{node.name}` is a kind of `{', '.join(strange)}`, which makes its own": strange,
        f"`{node.name}.__init__` is decorated": init.decorator_list,
        f"`{node.name}.__init__` takes `*` or `**`": init.args.vararg or init.args.kwarg,
        f"`{node.name}.__init__` has parameters that cannot be given by name": init.args.posonlyargs,
        f"`{node.name}.__init__` hands arguments to the class above": _hands_on(init),
        f"`{node.name}.__init__` has a docstring that would be lost": ast.get_docstring(init),
        f"`{node.name}` has `__slots__`": [n for n in node.body if "__slots__" in _bound_in_class(n)],
        f"`{node.name}.__init__` has no parameters": not (init.args.args[1:] or init.args.kwonlyargs),
    }
    if reason := next((reason for reason, found in reasons.items() if found), None):
        raise UsageError(f"{reason}: no dataclass does that", _HINT)
    return init


def _hands_on(init: Function) -> list[ast.Call]:
    """Return the calls of an `__init__` above that are given something, or that are no plain `super()`."""
    calls = [n for n in ast.walk(init) if isinstance(n, ast.Call) and isinstance(n.func, ast.Attribute)]
    above = [c for c in calls if isinstance(c.func, ast.Attribute) and c.func.attr == "__init__"]
    return [c for c in above if c.args or c.keywords]


def _is_docstring(node: ast.stmt) -> bool:
    value = node.value if isinstance(node, ast.Expr) else None
    return isinstance(value, ast.Constant) and isinstance(value.value, str)


def _target(node: ast.stmt) -> ast.expr | None:
    if isinstance(node, ast.Assign) and len(node.targets) == 1:
        return node.targets[0]
    return node.target if isinstance(node, ast.AnnAssign) and node.value is not None else None


def _attribute(node: ast.stmt) -> str:
    target = _target(node)
    return target.attr if isinstance(target, ast.Attribute) else ""


def _is_own(node: ast.stmt, receiver: str) -> bool:
    target = _target(node)
    return isinstance(target, ast.Attribute) and ast.unparse(target.value) == receiver


def _stored_parameter(node: ast.stmt, receiver: str, names: set[str]) -> str:
    """Return the parameter that a statement does nothing but store, else nothing."""
    value = getattr(node, "value", None)
    if not _is_own(node, receiver) or not isinstance(value, ast.Name) or value.id not in names:
        return ""
    return value.id if _attribute(node).strip("_") == value.id.strip("_") else ""


def _settled(node: ast.stmt, receiver: str, names: set[str], body: list[ast.stmt]) -> str:
    """Return the parameter whose own attribute a statement sets, by what it makes of it; else nothing.

    Nothing after it, and nothing before it but reading, has to do with the parameter: then the attribute can
    hold it from the start, and the statement can mend it there.
    """
    name = _attribute(node)
    if not _is_own(node, receiver) or name not in names:
        return ""
    after = body[body.index(node) + 1 :]
    later = any(isinstance(n, ast.Name) and n.id == name for s in after for n in ast.walk(s))
    bound = any(
        isinstance(n, ast.Name) and n.id == name and not isinstance(n.ctx, ast.Load)
        for s in body
        for n in ast.walk(s)
    )
    return "" if later or bound else name


def _refuse_rebound(init: Function, stores: dict[str, ast.stmt]) -> None:
    """Raise UsageError where a parameter means something else than its attribute at some place."""
    for node in ast.walk(init):
        bound = set[str]()
        if isinstance(node, ast.comprehension):
            bound = {n.id for n in ast.walk(node.target) if isinstance(n, ast.Name)}
        elif node is not init and isinstance(node, ast.Lambda | ast.FunctionDef):
            bound = {a.arg for a in ast.walk(node) if isinstance(a, ast.arg)}
        if both := sorted(bound & set(stores)):
            raise UsageError(f"line {getattr(node, 'lineno', init.lineno)} has another `{both[0]}`", _HINT)
        stored = isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
        store = stores.get(node.id) if isinstance(node, ast.Name) and stored else None
        if isinstance(node, ast.Name) and store is not None and node.lineno > store.lineno:
            raise UsageError(f"line {node.lineno} sets the parameter `{node.id}` after it is stored", _HINT)


def _parameters(
    init: Function, stores: dict[str, ast.stmt], settled: dict[str, ast.stmt], source: str
) -> Iterator[Field]:
    args = init.args
    defaults: list[ast.expr | None] = [*[None] * (len(args.args) - len(args.defaults)), *args.defaults]
    pairs = [*zip(args.args, defaults, strict=True)][1:]
    pairs += zip(args.kwonlyargs, args.kw_defaults, strict=True)
    for arg, default in pairs:
        store = stores.get(arg.arg)
        hint = arg.annotation or (store.annotation if isinstance(store, ast.AnnAssign) else None)
        yield Field(
            name=arg.arg,
            type=text_of(source, hint) if hint is not None else plain_type(default),
            value="" if default is None else _value(text_of(source, default), default),
            was=_attribute(store) if store is not None else arg.arg,
            above=tuple(_above(store, source)) if store is not None else (),
            comment=_comment(store, source) if store is not None else "",
            is_initial=store is None and arg.arg not in settled,
            is_keyword=arg in args.kwonlyargs,
        )


def _value(text: str, node: ast.expr, *, init: bool = True, hidden: bool = False) -> str:
    """Return what stands behind `=`; what can change is made anew for each instance."""
    extra = ("" if init else ", init=False") + (", repr=False, compare=False" if hidden else "")
    if text in _EMPTY:
        return f"@field(default_factory={_EMPTY[text]}{extra})"
    if isinstance(node, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp | ast.SetComp):
        return f"@field(default_factory=lambda: {text}{extra})"
    return f"@field(default={text}{extra})" if extra else text


def _constant(node: ast.stmt, receiver: str, source: str) -> Field | None:
    """Return the field of an attribute that begins as a literal; None for any other statement."""
    value = getattr(node, "value", None)
    if not _is_own(node, receiver) or value is None or isinstance(node, ast.AugAssign):
        return None
    text = text_of(source, value)
    hint = text_of(source, node.annotation) if isinstance(node, ast.AnnAssign) else plain_type(value)
    if not hint or not (text in _EMPTY or isinstance(value, ast.Constant)):
        return None
    name = _attribute(node)
    return Field(
        name, hint, _value(text, value, init=False, hidden=name.startswith("_")), name,
        tuple(_above(node, source)), _comment(node, source),
    )  # fmt: skip


def _computed(rest: list[ast.stmt], receiver: str, renames: dict[str, str], source: str) -> Iterator[Field]:
    """Yield a field for each attribute that `__post_init__` sets and whose type is plain."""
    seen: set[str] = set()
    for node in rest:
        name = _attribute(node)
        if not _is_own(node, receiver) or name in seen:
            continue
        seen.add(name)
        value = getattr(node, "value", None)
        hint = text_of(source, node.annotation) if isinstance(node, ast.AnnAssign) else plain_type(value)
        if hint:
            hidden = ", repr=False, compare=False" if name.startswith("_") else ""
            yield Field(name, hint, f"@field(init=False{hidden})", name)


def _refuse_clashes(node: ast.ClassDef, fields: list[Field], renames: dict[str, str], outside: str) -> None:
    names = [f.name for f in fields]
    members = {name for one in node.body for name in _bound_in_class(one)}
    hints = [one for one in node.body if isinstance(one, ast.AnnAssign)]
    annotated = [ast.unparse(h.target) for h in hints if "ClassVar" not in ast.unparse(h.annotation)]
    if clash := next((n for n in names if n in members), None):
        raise UsageError(f"`{node.name}` has a `{clash}` beside the one of its instances", _HINT)
    if annotated:
        raise UsageError(
            f"`{node.name}` annotates `{annotated[0]}`: a dataclass would take it for a field", _HINT
        )
    if twice := next((n for n in names if names.count(n) > 1), None):
        raise UsageError(f"`{node.name}.__init__` sets `{twice}` twice", _HINT)
    if seen := next((n for n in renames if re.search(rf"\.{n}\b", outside)), None):
        raise UsageError(
            f"`{seen}` is used outside of `{node.name}`, and would become `{renames[seen]}`", _HINT
        )


def _bound_in_class(node: ast.stmt) -> list[str]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        return [node.name]
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    return [t.id for t in targets if isinstance(t, ast.Name)]


def _above(node: ast.stmt, source: str) -> list[str]:
    """Return the comments in the lines right above a statement."""
    lines = source.splitlines()
    found: list[str] = []
    at = node.lineno - 2
    while at >= 0 and lines[at].lstrip().startswith("#"):
        found.insert(0, lines[at].strip())
        at -= 1
    return found


def _comment(node: ast.stmt, source: str) -> str:
    """Return the comment behind a statement."""
    line = source.splitlines()[(node.end_lineno or node.lineno) - 1].encode()
    return line[node.end_col_offset or 0 :].decode().strip()


def _statement(node: ast.stmt, source: str, renamed: Callable[[ast.AST], str | None]) -> Iterator[str]:
    """Yield a statement's lines with their indentation, with the comments above and behind it."""
    line = source.splitlines()[node.lineno - 1]
    margin = line[: len(line) - len(line.lstrip())]
    yield from (margin + comment for comment in _above(node, source))
    comment = _comment(node, source)
    yield margin + text_of(source, node, renamed) + (f"  {comment}" if comment else "")


def _made_so(node: ast.ClassDef, fields: list[Field]) -> Iterator[str]:
    """Yield `__repr__` and `__eq__` where they are what a dataclass makes of these fields."""
    shown = [f for f in fields if not f.is_initial and "repr=False" not in f.value]
    for method in node.body:
        if not isinstance(method, ast.FunctionDef) or not method.args.args or method.decorator_list:
            continue
        receiver = method.args.args[0].arg
        body = [s for s in method.body if not _is_docstring(s)]
        said = [ast.unparse(s) for s in body]
        if method.name == "__repr__" and len(said) == 1 and said[0] in _reprs(node.name, receiver, shown):
            yield method.name
        other = method.args.args[-1].arg
        if method.name == "__eq__" and tuple(said) in _eqs(node.name, receiver, other, shown):
            yield method.name


def _reprs(name: str, receiver: str, fields: list[Field]) -> set[str]:
    kinds = (f"type({receiver})", f"{receiver}.__class__")
    heads = [name, *(f"{{{kind}.{what}}}" for kind in kinds for what in ("__name__", "__qualname__"))]
    inner = ", ".join(f"{f.name}={{{receiver}.{f.was}!r}}" for f in fields)
    return {ast.unparse(ast.parse(f'return f"{head}({inner})"')) for head in heads}


def _eqs(name: str, receiver: str, other: str, fields: list[Field]) -> set[tuple[str, str]]:
    tests = (
        f"not isinstance({other}, {name})", f"type({other}) is not type({receiver})",
        f"{other}.__class__ is not {receiver}.__class__", f"not isinstance({other}, type({receiver}))",
        f"not isinstance({other}, {receiver}.__class__)",
    )  # fmt: skip
    mine, theirs = ([f"{who}.{f.was}" for f in fields] for who in (receiver, other))
    comma = "," if len(mine) == 1 else ""
    compared = (
        f"({', '.join(mine)}{comma}) == ({', '.join(theirs)}{comma})",
        " and ".join(f"{a} == {b}" for a, b in zip(mine, theirs, strict=True)),
    )
    lines = [(f"if {t}:\n    return NotImplemented", f"return {c}") for t in tests for c in compared]
    return {(ast.unparse(ast.parse(a)), ast.unparse(ast.parse(b))) for a, b in lines}
