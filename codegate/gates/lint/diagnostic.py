"""One thing that a checker says of a file."""

from __future__ import annotations

from dataclasses import dataclass

from codegate.source.editing import Edit


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One thing a checker says; `text` is the line it stands on, `hint` what the checker offers to do.

    `edits` do it, where ruff calls that safe: the code means the same afterwards. In a notebook `line` counts
    in its cell.
    """

    path: str
    code: str
    message: str
    line: int
    column: int
    text: bytes
    hint: str = ""
    edits: tuple[Edit, ...] = ()
    cell: int = 0

    @property
    def place(self) -> tuple[str, int, int, int, str]:
        """Where it stands, in the order in which people read."""
        return self.path, self.cell, self.line, self.column, self.code
