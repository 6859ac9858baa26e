"""The classes that a sample of JSON has the shape of."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any, Final

_PLAIN: Final = {bool: "bool", int: "int", float: "float", str: "str"}
_DEEPEST: Final = 12
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT: Final = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?")


@dataclass(frozen=True, slots=True)
class Field:
    """One key: `name` as Python writes it, `key` as the sample does. `is_optional`: it may be null."""

    name: str
    key: str
    type: str
    is_optional: bool


@dataclass(frozen=True, slots=True)
class Shape:
    """One class, after those that its fields need."""

    name: str
    fields: tuple[Field, ...]


def shapes(sample: Any, name: str) -> list[Shape]:
    """Return the classes of a JSON object, or of the objects of an array, the outermost last.

    Of several objects in one place the fields are put together; one that not all of them have is optional.
    What differs in type is `Any`, and so is what is null or empty everywhere.
    """
    objects = [one for one in (sample if isinstance(sample, list) else [sample]) if isinstance(one, dict)]
    found: dict[str, Shape] = {}
    if objects:
        _shape(objects, name, found, 0)
    return list(found.values())


def _shape(objects: list[dict[str, Any]], name: str, found: dict[str, Shape], depth: int) -> str:
    keys = list(dict.fromkeys(key for one in objects for key in one))
    fields: list[Field] = []
    for key in keys:
        values = [one[key] for one in objects if key in one]
        optional = len(values) < len(objects) or any(v is None for v in values)
        kind = _type([v for v in values if v is not None], _class_name(key), found, depth)
        own = _unused(_field_name(key), {field.name for field in fields})
        fields.append(Field(own, key, kind, optional))
    shape = Shape(_free(name, fields, found), tuple(fields))
    found[shape.name] = shape
    return shape.name


def _type(values: list[Any], name: str, found: dict[str, Shape], depth: int) -> str:
    if not values or depth > _DEEPEST:
        return "Any"
    if all(isinstance(v, dict) for v in values):
        filled = [v for v in values if v]
        return _shape(filled, name, found, depth + 1) if filled else "dict[str, Any]"
    if all(isinstance(v, list) for v in values):
        return f"list[{_type([one for v in values for one in v], _singular(name), found, depth + 1)}]"
    kinds = {_PLAIN.get(type(v), "Any") for v in values}
    if kinds == {"int", "float"}:
        return "float"
    if kinds == {"str"}:
        return _text(values)
    return kinds.pop() if len(kinds) == 1 else "Any"


def _text(values: list[str]) -> str:
    for form, kind in ((_DATE, "date"), (_MOMENT, "datetime")):
        if all(form.fullmatch(value) for value in values):
            return kind
    return "str"


def _free(name: str, fields: list[Field], found: dict[str, Shape]) -> str:
    """Return the name, or with a number where another shape has it."""
    names: Iterator[str] = (name if n == 1 else f"{name}{n}" for n in count(1))
    return next(n for n in names if n not in found or found[n].fields == tuple(fields))


def _unused(name: str, taken: Collection[str]) -> str:
    return next(n for n in (name, *(f"{name}_{i}" for i in range(2, len(taken) + 3))) if n not in taken)


def _class_name(key: str) -> str:
    words = re.findall(r"[A-Za-z0-9]+", key)
    name = "".join(word[0].upper() + word[1:] for word in words)
    return name if name and not name[0].isdigit() and not keyword.iskeyword(name) else f"Item{name}"


def _singular(name: str) -> str:
    if name.endswith("ies"):
        return f"{name[:-3]}y"
    return name[:-1] if name.endswith("s") and not name.endswith("ss") else name


def _field_name(key: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", key)
    name = re.sub(r"\W+", "_", words, flags=re.ASCII).strip("_").lower() or "value"
    if name[0].isdigit():
        return f"value_{name}"
    return f"{name}_" if keyword.iskeyword(name) else name
