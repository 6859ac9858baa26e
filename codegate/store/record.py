"""Frozen dataclasses as JSON text and back. Nothing read is trusted: every field's type is checked.

Not by pydantic: a path that is not UTF-8 holds lone surrogates, which its JSON neither writes nor reads.
"""

from __future__ import annotations

import base64
import dataclasses
import functools
import json
import types
import typing
from enum import Enum
from typing import Any, TypeVar

T = TypeVar("T")


def to_json(record: Any) -> str:
    """Return one canonical line of ASCII: the same record always gives the same text. Bytes become base64."""
    return json.dumps(dataclasses.asdict(record), default=_encode, sort_keys=True, separators=(",", ":"))


def from_json(kind: type[T], text: str) -> T:
    """Return the `kind` that `to_json` wrote. Raises ValueError for anything else, naming the field."""
    try:
        value = json.loads(text)
    except RecursionError as error:
        raise ValueError("is nested too deep") from error
    return typing.cast(T, _build(kind, value, kind.__name__))


def _encode(value: object) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} has no place in a record")


def _build(hint: Any, value: Any, where: str) -> Any:
    if dataclasses.is_dataclass(hint):
        return _dataclass(hint, value, where)
    origin, arms = typing.get_origin(hint), typing.get_args(hint)
    if origin in (types.UnionType, typing.Union):
        return None if value is None and type(None) in arms else _build(arms[0], value, where)
    if origin is tuple and isinstance(value, list):
        return tuple(_build(arms[0], item, f"{where}[]") for item in value)
    if origin is dict and isinstance(value, dict):
        return {key: _build(arms[1], item, f"{where}.{key}") for key, item in value.items()}
    if origin is typing.Literal and value in arms:
        return value
    if hint is bytes and isinstance(value, str):
        return base64.b64decode(value, validate=True)
    if isinstance(hint, type) and issubclass(hint, Enum):
        return hint(value)
    if hint in (str, int, bool, float) and type(value) is hint:
        return value
    raise ValueError(f"{where} is not what it should be")


@functools.cache
def _hints(kind: type) -> dict[str, Any]:
    return typing.get_type_hints(kind)


def _dataclass(kind: Any, value: Any, where: str) -> Any:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not what it should be")
    known = {field.name for field in dataclasses.fields(kind)}
    if unknown := sorted(value.keys() - known):
        raise ValueError(f"{where} has unknown fields: {', '.join(unknown)}")
    hints = _hints(kind)
    given = {name: _build(hints[name], item, f"{where}.{name}") for name, item in value.items()}
    try:
        return kind(**given)
    except TypeError as error:
        raise ValueError(f"{where} lacks a field") from error
