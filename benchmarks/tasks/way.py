"""The ways in which a model is asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from codegate.search import Budget

Mode = Literal["rules", "free", "symbol", "recipe"]
MODES: Final[tuple[Mode, ...]] = ("rules", "free", "symbol", "recipe")


class Wanted(Exception):
    """There is no recipe of the task's family in this codegate."""


@dataclass(frozen=True, slots=True)
class Way:
    """How a model is asked: bare, by the free recipe, by the family's; with how many answers and repairs."""

    mode: Mode
    candidates: int = 1

    @property
    def name(self) -> str:
        return self.mode if self.candidates == 1 else f"{self.mode} ×{self.candidates}"

    @property
    def budget(self) -> Budget:
        """One greedy answer and no more, or several with the repairs that codegate itself allows."""
        return Budget(candidates=1, repairs=0) if self.candidates == 1 else Budget(self.candidates)
