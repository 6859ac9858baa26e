"""What came of tasks, as tables in Markdown: each way against the others, then family by family."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from benchmarks.tasks.result import Result

_FREE = "free"


@dataclass(frozen=True, slots=True)
class Line:
    """One model asked in one way, over all its tasks or those of a family.

    `ratio` is the median over the tasks of its seconds against those of the same model asked bare, None where
    it was not.
    """

    model: str
    way: str
    results: tuple[Result, ...]
    ratio: float | None = None

    @property
    def right(self) -> int:
        return sum(one.right for one in self.results)

    @property
    def wrong(self) -> int:
        return sum(one.is_wrong for one in self.results)

    def share(self, count: int) -> float:
        return count / len(self.results) if self.results else 0.0

    @property
    def readable(self) -> float:
        """The share of answers that amounted to a change."""
        answers = sum(one.answers for one in self.results)
        return sum(one.readable for one in self.results) / answers if answers else 0.0

    def per_right(self, what: str) -> float:
        return sum(getattr(one, what) for one in self.results) / self.right if self.right else float("inf")


def lines(results: Sequence[Result]) -> list[Line]:
    """Return a line for each model and way, in the order in which they first came up."""
    pairs = dict.fromkeys((one.model, one.way) for one in results)
    return [_line(results, *pair) for pair in pairs]


def _line(results: Sequence[Result], model: str, way: str) -> Line:
    own = tuple(one for one in results if (one.model, one.way) == (model, way))
    bare = {one.task: one.seconds for one in results if (one.model, one.way) == (model, _FREE)}
    ratios = [one.seconds / bare[one.task] for one in own if bare.get(one.task)] if way != _FREE else []
    return Line(model, way, own, statistics.median(ratios) if ratios else None)


def render(results: Sequence[Result]) -> str:
    """Return the tables, "" without results."""
    return (
        ""
        if not results
        else "\n\n".join(("\n".join(_whole(lines(results))), "\n".join(_families(results)))) + "\n"
    )


def _whole(found: Sequence[Line]) -> Iterator[str]:
    yield (
        "| model | asked | tasks | proposed | readable | accepted | right | **wrong but accepted** "
        "| s per right | tokens per right | time against `free` |"
    )
    yield "| --- | --- | " + " | ".join(["---:"] * 9) + " |"
    for line in found:
        proposed = sum(one.answers > 0 for one in line.results)
        accepted = sum(one.accepted for one in line.results)
        yield _row(
            line.model, line.way, len(line.results), _percent(line.share(proposed)), _percent(line.readable),
            _percent(line.share(accepted)), _percent(line.share(line.right)),
            f"**{_percent(line.share(line.wrong))}**",
            _number(line.per_right("seconds")), _number(line.per_right("tokens")),
            "–" if line.ratio is None else f"{line.ratio:.2f}",
        )  # fmt: skip


def _families(results: Sequence[Result]) -> Iterator[str]:
    columns = list(dict.fromkeys((one.model, one.way) for one in results))
    yield _row("family", "tasks", *(f"{model}, {way}" for model, way in columns))
    yield "| --- | ---: | " + " | ".join(["---:"] * len(columns)) + " |"
    for family in sorted({one.family for one in results}):
        own = [one for one in results if one.family == family]
        cells = [_cell([one for one in own if (one.model, one.way) == column]) for column in columns]
        yield _row(family, len({one.task for one in own}), *cells)


def _cell(own: Sequence[Result]) -> str:
    """Return how many are right, of how many, and how many were accepted and wrong, if any."""
    if not own:
        return "–"
    wrong = sum(one.is_wrong for one in own)
    return f"{sum(one.right for one in own)}/{len(own)}" + (f" (**{wrong}** wrong)" if wrong else "")


def _row(*cells: object) -> str:
    return f"| {' | '.join(map(str, cells))} |"


def _percent(share: float) -> str:
    """Return a share as per cent, and never a part of something as nothing, or as all."""
    whole = round(100 * share)
    if 0 < share < 1 and whole in (0, 100):
        return f"{100 * share:.1f} %"
    return f"{whole} %"


def _number(value: float) -> str:
    return "–" if value == float("inf") else f"{value:.1f}" if value < 10 else f"{value:.0f}"
