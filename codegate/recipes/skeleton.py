"""A recipe's answer but for what only a model can say: its parts, and where each goes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from codegate.core import Hole, Observation, Target
from codegate.recipes.facts.project import ProjectFacts

Pieces = tuple[str | Hole, ...]

_HOLE_ROOM: Final = 16


@dataclass(frozen=True, slots=True)
class DraftPart:
    """Text with holes, and where it goes: at a `place` of `target`, or in the place of the bytes of `span`.

    A span without pieces goes, with the blank lines before it. `lead` stands before it when a model is shown
    it, and goes nowhere. `then`, where it is set, writes the text of what fills the holes, and of what
    running the code showed. `width` is how many columns a line of it may have, from its own margin on.
    """

    place: str
    target: Target
    pieces: Pieces
    name: str = ""
    lead: str = ""
    span: tuple[int, int] | None = None
    then: Callable[[Mapping[str, str], Sequence[Observation]], str] | None = None
    width: int = 88


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be run on the base's code: `setup`, then an expression for each of the holes."""

    setup: str
    holes: tuple[str, ...]
    expression: Callable[[str, Mapping[str, str]], str]

    def expressions(self, filled: Mapping[str, str]) -> list[str]:
        return [self.expression(filled[name], filled) for name in self.holes] or [self.expression("", filled)]

    def texts(self, filled: Mapping[str, str]) -> list[str]:
        """Return what the answer gave of each expression."""
        return [filled[name] for name in self.holes] or [""]


@dataclass(frozen=True, slots=True)
class Fixes:
    """Rules of ruff whose fixes are made in the targets, but in what the query `spare` captures.

    Fixes of `through` are made only where one of the others goes on from there.
    """

    rules: tuple[str, ...]
    through: tuple[str, ...]
    spare: str
    project: ProjectFacts


@dataclass(frozen=True, slots=True)
class Draft:
    """All parts of an answer. `imports` are statements that its code may need: those that it uses are added.

    `named` are the symbols that inputs of the recipe name.
    """

    parts: tuple[DraftPart, ...]
    imports: tuple[str, ...] = ()
    fixes: Fixes | None = None
    language: str = ""
    question: Question | None = None
    named: tuple[Target, ...] = ()

    @property
    def skeleton(self) -> Pieces:
        """The parts as one answer, in a fenced block as models write it."""
        pieces: list[str | Hole] = [f"```{self.language}\n"]
        for part in self.parts:
            pieces += [part.lead, *part.pieces, "\n"]
        return tuple(joined([*pieces, "```"]))

    @property
    def holes(self) -> tuple[Hole, ...]:
        return tuple(piece for part in self.parts for piece in part.pieces if isinstance(piece, Hole))

    @property
    def max_tokens(self) -> int:
        return sum(hole.max_tokens for hole in self.holes) + _HOLE_ROOM


def joined(pieces: Iterable[str | Hole]) -> Iterator[str | Hole]:
    """Yield the pieces with neighbouring texts as one, and none empty."""
    text = ""
    for piece in pieces:
        if isinstance(piece, str):
            text += piece
            continue
        if text:
            yield text
        text = ""
        yield piece
    if text:
        yield text
