"""What the base's own comments exempt a whole file from."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from codegate.gates.lint.silencers import silencers

_MAY: Final = re.compile(rb"noqa|ruff|flake8|isort", re.IGNORECASE)
_FILE: Final = re.compile(
    rb"(?i)#\s*(?:(?:ruff|flake8)\s*:\s*(?:noqa|file-ignore)|(?P<isort>(?:ruff\s*:\s*)?isort\s*:\s*skip_file))"
    rb"\s*[:\[]?\s*(?P<codes>[\w, ]*)\]?.*"
)


def may_silence(data: bytes | None) -> bool:
    """Say whether a text holds a word that every comment which silences ruff has in it."""
    return data is not None and bool(_MAY.search(data))


def exempts(data: bytes, code: str) -> bool:
    """Say whether a comment exempts this whole file from a rule of ruff's."""
    return any(not codes or code.startswith(codes) for codes in _exemptions(data))


@lru_cache(maxsize=64)
def _exemptions(data: bytes) -> tuple[tuple[str, ...], ...]:
    """Return the codes that each such comment names, none for all."""
    found = (_FILE.fullmatch(s.text) for s in silencers("any.py", data) if not s.code)
    return tuple(
        ("I",) if match["isort"] else tuple(match["codes"].decode().upper().replace(",", " ").split())
        for match in found
        if match
    )
