"""What the text of a Python class says of it: its attributes, and where they come from."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise

from codegate.errors import UsageError
from codegate.recipes.facts.functions import (
    Function,
    FunctionFacts,
    Parameter,
    function_facts,
    own_nodes,
    plain_type,
)
from codegate.recipes.facts.records import Record, record
from codegate.recipes.facts.segments import segment

_SECRET = re.compile(r"passw|secret|token|api_?key|private_?key|credential|passphrase|salt\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of an instance, or of the class (`in_class`).

    `parameter` names the parameter of `__init__` that it holds unchanged, else empty. `default` is what the
    class itself has behind `=`, or the parameter's default. `public` is how code outside reads
    it: its own name, a property's that returns it, or its name all the same.
    """

    name: str
    annotation: str
    default: str | None
    parameter: str
    in_class: bool
    guess: str
    public: str

    @property
    def is_private(self) -> bool:
        return self.name.startswith("_")

    @property
    def is_secret(self) -> bool:
        """Say whether its name is one of things that must not be printed."""
        return _SECRET.search(self.name) is not None

    @property
    def type(self) -> str:
        return self.annotation or self.guess

    @property
    def parts(self) -> list[str]:
        """The words of its name."""
        return re.findall(r"[a-z0-9]+", self.name.lower())


@dataclass(frozen=True, slots=True)
class ClassFacts:
    """A class. `does_more` are the statements of its `__init__` that do more than hold a parameter.

    `compared` names the attributes that its `__eq__` reads of itself.
    """

    name: str
    bases: tuple[str, ...]
    keywords: tuple[str, ...]
    decorators: tuple[str, ...]
    attributes: tuple[Attribute, ...]
    methods: tuple[FunctionFacts, ...]
    docstring: str | None
    text: str
    does_more: tuple[str, ...] = ()
    compared: tuple[str, ...] = ()
    node: ast.ClassDef | None = field(default=None, repr=False, compare=False)
    source: str = field(default="", repr=False, compare=False)

    @property
    def record(self) -> Record:
        """What it comes to as a dataclass. Raises UsageError where it does more than one can."""
        if self.is_dataclass:
            raise UsageError(f"`{self.name}` is a dataclass already", "name another class")
        assert self.node is not None
        return record(self.node, self.source, self.source.replace(self.text, ""))

    @property
    def init(self) -> FunctionFacts | None:
        return self.method("__init__")

    def method(self, name: str) -> FunctionFacts | None:
        return next((m for m in self.methods if m.name == name), None)

    @property
    def is_dataclass(self) -> bool:
        return any(re.match(r"(dataclasses\.)?dataclass\b|(attr\.s|attrs?\.define|attr\.dataclass)\b", d)
                   for d in self.decorators)  # fmt: skip

    @property
    def is_enum(self) -> bool:
        return any(b.rpartition(".")[2].endswith(("Enum", "Flag")) for b in self.bases)

    @property
    def has_slots(self) -> bool:
        return any(a.name == "__slots__" for a in self.attributes)

    @property
    def fields(self) -> tuple[Attribute, ...]:
        """What an instance is made of: of each parameter of `__init__` the attribute that holds it; without
        an `__init__` the annotated attributes of the class, as of a dataclass; else all of an instance."""
        if self.init is not None:
            held = {a.parameter: a for a in reversed(self.attributes) if a.parameter}
            kept = tuple(held[p.name] for p in self.init.parameters if p.name in held)
            return kept or self.instance
        declared = tuple(
            a for a in self.attributes if a.in_class and a.annotation and "ClassVar" not in a.annotation
        )
        return declared or self.instance

    @property
    def instance(self) -> tuple[Attribute, ...]:
        return tuple(a for a in self.attributes if not a.in_class)

    @property
    def shown(self) -> tuple[Attribute, ...]:
        """The fields that may be printed."""
        return tuple(a for a in self.fields if not a.is_secret)

    def said(self, instruction: str) -> tuple[Attribute, ...]:
        """Return the attributes that an instruction speaks of, in words or by their names, in its order.

        A word counts for a name that it begins with, from three letters on: `separator` for `sep`.
        """
        words = re.findall(r"[a-z0-9]+", instruction.lower())
        spoken = [*words, *(a + b for a, b in pairwise(words))]
        own = [
            a for a in self.instance or self.fields if a.parts and all(_is_said(p, spoken) for p in a.parts)
        ]
        return tuple(
            sorted(own, key=lambda a: next(i for i, w in enumerate(spoken) if _is_said(a.parts[0], [w])))
        )

    def chosen(self, names: list[str], instruction: str) -> tuple[Attribute, ...]:
        """Return the attributes of these names, else those that an instruction speaks of, else the fields."""
        if names:
            known = ((name, a) for name in names for a in self.attributes)
            return tuple(a for name, a in known if name in (a.name, a.public, a.parameter))
        return self.said(instruction) or self.fields

    @property
    def words(self) -> str:
        """Its name as words."""
        return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", self.name.strip("_")).lower()


def class_facts(node: ast.ClassDef, source: str) -> ClassFacts:
    """Return what a class's node says."""
    functions = [n for n in node.body if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    init = next((f for f in functions if f.name == "__init__"), None)
    properties = dict(_properties(functions))
    stored = [] if init is None else list(_stored(init, properties))
    declared = list(_declared(node))
    names = {a.name for a in declared}
    return ClassFacts(
        name=node.name,
        bases=tuple(ast.unparse(b) for b in node.bases),
        keywords=tuple(ast.unparse(k) for k in node.keywords),
        decorators=tuple(ast.unparse(d) for d in node.decorator_list),
        attributes=(*declared, *(a for a in stored if a.name not in names)),
        methods=tuple(function_facts(f, source, in_class=True) for f in functions),
        docstring=ast.get_docstring(node, clean=True),
        text=segment(source, node),
        does_more=() if init is None else tuple(_beyond(init)),
        compared=tuple(_compared(functions)),
        node=node,
        source=source,
    )


def _is_said(part: str, spoken: list[str]) -> bool:
    return any(
        word == part or word == f"{part}s" or (len(part) > 2 and word.startswith(part)) for word in spoken
    )


def _compared(functions: list[Function]) -> Iterator[str]:
    equal = next((f for f in functions if f.name == "__eq__"), None)
    receiver = equal.args.args[0].arg if equal is not None and equal.args.args else ""
    read = (
        n.attr
        for n in (own_nodes(equal) if equal is not None else [])
        if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name) and n.value.id == receiver
    )
    yield from dict.fromkeys(name for name in read if not name.startswith("__"))


def _declared(node: ast.ClassDef) -> Iterator[Attribute]:
    for one in node.body:
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name):
            default = None if one.value is None else ast.unparse(one.value)
            yield Attribute(one.target.id, ast.unparse(one.annotation), default, "", True, "", one.target.id)
        elif isinstance(one, ast.Assign):
            for target in one.targets:
                if isinstance(target, ast.Name):
                    guess = plain_type(one.value)
                    yield Attribute(target.id, "", ast.unparse(one.value), "", True, guess, target.id)


def _stored(init: Function, properties: dict[str, str]) -> Iterator[Attribute]:
    """Yield what `__init__` puts on the instance, the first time each."""
    receiver = init.args.args[0].arg if init.args.args else "self"
    parameters = {p.name: p for p in function_facts(init, "", in_class=True).parameters}
    seen: set[str] = set()
    for one in own_nodes(init):
        for name, value, annotation in _assigned(one, receiver):
            if name not in seen:
                seen.add(name)
                held = parameters.get(value.id) if isinstance(value, ast.Name) else None
                yield _attribute(name, value, annotation, held, properties.get(name, name))


def _attribute(
    name: str, value: ast.expr | None, annotation: str, held: Parameter | None, public: str
) -> Attribute:
    if held is None:
        return Attribute(name, annotation, None, "", False, plain_type(value), public)
    kind = annotation or held.annotation
    return Attribute(name, kind, held.default, held.name, False, held.guess, public)


def _assigned(one: ast.AST, receiver: str) -> Iterator[tuple[str, ast.expr | None, str]]:
    """Yield the attribute of the receiver that a statement sets, the value, and the annotation."""
    if isinstance(one, ast.Assign):
        for target in one.targets:
            for place, value in _pairs(target, one.value):
                if name := _attribute_of(place, receiver):
                    yield name, value, ""
    elif isinstance(one, ast.AnnAssign) and (name := _attribute_of(one.target, receiver)):
        yield name, one.value, ast.unparse(one.annotation)


def _pairs(target: ast.expr, value: ast.expr) -> list[tuple[ast.expr, ast.expr]]:
    """Return what an assignment sets to what; `a, b = c, d` sets two."""
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple) and len(target.elts) == len(value.elts):
        return list(zip(target.elts, value.elts, strict=True))
    return [(target, value)]


def _attribute_of(node: ast.expr | None, receiver: str) -> str:
    """Return the name of an attribute of the receiver; nothing for any other expression."""
    if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == receiver:
        return node.attr
    return ""


def _properties(functions: list[Function]) -> Iterator[tuple[str, str]]:
    """Yield each attribute that a property returns just so, and the property's name."""
    for function in functions:
        facts = function_facts(function, "", in_class=True)
        body = [
            s for s in function.body if not (isinstance(s, ast.Expr) and isinstance(s.value, ast.Constant))
        ]
        value = body[0].value if len(body) == 1 and isinstance(body[0], ast.Return) else None
        if facts.is_property and (name := _attribute_of(value, facts.receiver)):
            yield name, function.name


def _beyond(init: Function) -> Iterator[str]:
    """Yield each statement of `__init__` that does more than hold a parameter."""
    facts = function_facts(init, "", in_class=True)
    names = {p.name for p in facts.parameters}
    for at, one in enumerate(init.body):
        docstring = at == 0 and isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant)
        stored = list(_assigned(one, facts.receiver))
        plain = stored and all(isinstance(v, ast.Name) and v.id in names for _, v, _ in stored)
        if not docstring and not plain:
            yield ast.unparse(one)
