"""Whether a model fits this machine, before it is loaded: what it takes, and how much context."""

from __future__ import annotations

from dataclasses import dataclass

from codegate.models import machine
from codegate.models.gguf import Shape

_CONTEXT_TOKENS = 8192
_LEAST_CONTEXT_TOKENS = 2048
BATCH = 256


@dataclass(frozen=True, slots=True)
class Fit:
    """What a model takes with the context that is wanted, and what is free, in bytes; None if unknown.

    `context` is the widest that fits, up to what is wanted and what was trained for; None if none does.
    """

    wanted: int
    needed: int
    free: int | None
    context: int | None

    def __str__(self) -> str:
        if self.context is None:
            return "does not fit"
        return "fits" if self.context == self.wanted else f"fits with {self.context:,} tokens"


def fit(shape: Shape, wanted: int | None = None) -> Fit:
    """Return how a model fits into the memory that is free now. Half the context is tried before none."""
    context = min(wanted or _CONTEXT_TOKENS, shape.trained_context or _CONTEXT_TOKENS)
    free = machine.free_memory()
    for tokens in _halves(context):
        needed = shape.memory(tokens, BATCH)
        if free is None or needed <= free:
            return Fit(context, needed, free, tokens)
    return Fit(context, needed, free, None)


def _halves(context: int) -> list[int]:
    tokens = [context]
    while tokens[-1] > _LEAST_CONTEXT_TOKENS:
        tokens.append(max(tokens[-1] // 2, _LEAST_CONTEXT_TOKENS))
    return tokens
