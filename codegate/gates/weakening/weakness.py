"""What a comparison of two test files says."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Weakness:
    """One thing that a changed test says less of. A `mild` one is another test, not provably a weaker one."""

    rule: str
    path: str
    line: int | None
    message: str
    hint: str = ""
    mild: bool = False
