"""A package."""

from __future__ import annotations

import os
from typing import TypeVar

__all__ = ["LIMIT", "Item9", "Item10", "Names", "load", "tomllib"]

try:
    import tomllib
except ImportError:
    tomllib = None

T = TypeVar("T")
LIMIT = 10
Names = dict[str, int]
_hidden = 1


class Item10: ...


class Item9: ...


def load(path: str) -> str:
    return os.fspath(path)


def _help() -> None: ...


if __name__ == "__main__":
    Result = load(".")
