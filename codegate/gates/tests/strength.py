"""How much the tests can say of a change: which of its lines they ran, and how many of them ran one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Severity
from codegate.gates.lines import new_lines
from codegate.gates.outcomes import Measured

if TYPE_CHECKING:
    from codegate.workspace import Workspace

_MOST: Final = 20
_APART: Final = 3  # lines; between closer ones stand comments, blank lines, or the rest of a statement


def lines_to_measure(workspace: Workspace, tests: Collection[str]) -> Mapping[str, list[int]]:
    """Return the lines that the change brings to Python code, by path; `tests` are left out."""
    found = {}
    for change in workspace.candidate.changes:
        after = workspace.after(change.path)
        if after is None or not change.path.endswith(".py") or change.path in tests:
            continue
        if lines := [number for number, _ in new_lines(workspace.before(change.path), after)]:
            found[change.path] = lines
    return found


def not_executed(measured: Measured) -> Iterator[Finding]:
    """Yield a note for each stretch of changed statements that no test ran; twenty at most."""
    stretches = [
        stretch
        for path, statements in sorted(measured.statements.items())
        for stretch in _stretches(path, sorted(statements), measured.ran.get(path, set()))
    ]
    for stretch in stretches[:_MOST]:
        first, last = stretch.first, stretch.last
        where = f"line {first}" if first == last else f"lines {first} to {last}"
        message = f"no test runs what changes in {where}"
        yield Finding("tests/not-executed", Severity.NOTE, message, stretch.path, first)
    if left := stretches[_MOST:]:
        lines = sum(stretch.count for stretch in left)
        message = f"nor {lines} more changed statements in {len(left)} other places"
        yield Finding("tests/not-executed", Severity.NOTE, message)


@dataclass(frozen=True)
class _Stretch:
    path: str
    first: int
    last: int
    count: int


def _stretches(path: str, statements: list[int], ran: set[int]) -> Iterator[_Stretch]:
    """Yield the changed statements that were not executed, those close to each other as one."""
    for executed, group in groupby(statements, lambda line: line in ran):
        lines = [] if executed else list(group)
        breaks = [0, *(at for at in range(1, len(lines)) if lines[at] - lines[at - 1] > _APART), len(lines)]
        for start, end in pairwise(breaks):
            if start < end:
                yield _Stretch(path, lines[start], lines[end - 1], end - start)
