"""Money."""

from dataclasses import dataclass


@dataclass(frozen=True, order=True, slots=True)
class B:
    owner: str
    balance: int = 0
