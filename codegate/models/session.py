"""What all models share: a block that closes them, and several answers one after the other."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Literal, Protocol, Self, runtime_checkable

from codegate.core import Proposal
from codegate.core.prompt import Prompt, Sampling


@dataclass(frozen=True, slots=True)
class Stage:
    """How far a model is: `done` tokens, of how many where that is known. `hole` is the one being filled."""

    doing: Literal["restoring", "reading", "writing"]
    done: int
    of: int | None = None
    hole: str = ""


@runtime_checkable
class Watcher(Protocol):
    """An `on_text` that also wants to know how far the model is, from models that can tell."""

    def __call__(self, text: str) -> None: ...

    def reach(self, stage: Stage) -> None:
        """Take note of where the model is; called several times a second at most."""
        ...


class Session(ABC):
    """A context manager that calls `close` when its block ends.

    A model is taken to be elsewhere unless it says that it is `on_this_machine`.
    """

    on_this_machine: bool = False

    @abstractmethod
    def generate(
        self,
        prompt: Prompt,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        on_text: Callable[[str], None] | None = None,
    ) -> Proposal:
        """Return the model's answer."""

    def generate_all(
        self, prompt: Prompt, samplings: Sequence[Sampling], *, on_text: Callable[[str], None] | None = None
    ) -> Iterator[Proposal]:
        """Yield an answer for each sampling, in their order, as each is there."""
        for one in samplings:
            yield self.generate(prompt, temperature=one.temperature, seed=one.seed, on_text=on_text)

    def close(self) -> None:  # noqa: B027  a model that holds nothing has nothing to free
        """Free what the model holds; it may be asked again, and then takes it again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
