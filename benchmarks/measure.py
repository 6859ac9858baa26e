"""Two things measured in turn, A B A B, so that a busy machine slows both: what is kept is their ratio."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True, slots=True)
class Cost:
    """Wall and processor seconds, and the largest resident set in bytes, of a program with its children."""

    seconds: float
    processor: float
    peak: float


@dataclass(frozen=True, slots=True)
class Row:
    """`subject` over `yardstick`, pair by pair. `limit` is what is promised of the median, None for nothing.

    For a rate (`unit` "tokens/s") the promise is a least value, else a greatest.
    """

    subject: str
    yardstick: str
    unit: str
    pairs: tuple[tuple[float, float], ...]
    limit: float | None = None

    @property
    def ratios(self) -> list[float]:
        return [a / b for a, b in self.pairs]

    @property
    def ratio(self) -> float:
        return statistics.median(self.ratios)

    @property
    def is_rate(self) -> bool:
        return self.unit.endswith("/s")

    @property
    def holds(self) -> bool:
        if self.limit is None:
            return True
        return self.ratio >= self.limit if self.is_rate else self.ratio <= self.limit

    @property
    def medians(self) -> tuple[float, float]:
        return statistics.median(a for a, _ in self.pairs), statistics.median(b for _, b in self.pairs)


def run(argv: Sequence[str | Path], cwd: Path | None = None) -> Cost:
    """Run a program that must end with 0 and return what it cost; what it prints is shown only otherwise.

    Linux counts a parent's memory at the fork as the child's peak: no peak is below this process's own.
    """
    started = time.perf_counter()
    child = subprocess.Popen(
        argv, cwd=cwd, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    assert child.stdout is not None
    printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    seconds = time.perf_counter() - started
    child.stdout.close()
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.stderr.buffer.write(printed)
        raise SystemExit(f"ended with {child.returncode}: {' '.join(map(str, argv))}")
    return Cost(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024)


def in_turn(
    subject: Callable[[int], T], yardstick: Callable[[int], U], runs: int, *, warm: bool = True
) -> list[tuple[T, U]]:
    """Return `runs` pairs; each call is given its number. `warm` runs both before, as number 0."""
    if warm:
        subject(0)
        yardstick(0)
    return [(subject(number), yardstick(number)) for number in range(1, runs + 1)]


def rows(subject: str, yardstick: str, pairs: Sequence[tuple[Cost, Cost]], limit: float | None) -> list[Row]:
    """Return the row of a promise about time, and those of what it took, where nothing is promised."""
    return [
        Row(subject, yardstick, "s", tuple((a.seconds, b.seconds) for a, b in pairs), limit),
        Row(subject, yardstick, "CPU s", tuple((a.processor, b.processor) for a, b in pairs)),
        Row(subject, yardstick, "MB", tuple((a.peak / 1e6, b.peak / 1e6) for a, b in pairs)),
    ]
