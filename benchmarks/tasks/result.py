"""What came of tasks, kept as JSON lines: written as each is there, read again to go on, never rewritten."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

# Of an answer as much as shows what went wrong with it.
_TEXT: Final = 6000


@dataclass(frozen=True, slots=True)
class Result:
    """One task, asked of one model in one way.

    `answers` came, `readable` of them amounted to a change. `accepted` says that one passed every gate, or
    without gates that it could be read; `right` that this one passed the hidden check too. `said` is why it
    is not right, and `refused_right` that the best answer was right, and was refused. `seconds` is wall time
    from the request to the decision, `model_seconds` the model's part; `tokens` are those that were written.
    """

    model: str
    way: str
    task: str
    family: str
    answers: int = 0
    readable: int = 0
    accepted: bool = False
    right: bool = False
    refused_right: bool = False
    said: str = ""
    seconds: float = 0.0
    model_seconds: float = 0.0
    tokens: int = 0
    text: str = ""

    @property
    def is_wrong(self) -> bool:
        """Whether what a person would be offered is wrong: the figure that matters most."""
        return self.accepted and not self.right

    @property
    def key(self) -> tuple[str, str, str]:
        return self.model, self.way, self.task


class Record:
    """A file of results of one task set; a line that a crash left half written is passed over."""

    def __init__(self, path: Path, set_sha256: str) -> None:
        self.path = path
        self._set = set_sha256[:12]

    def results(self) -> list[Result]:
        """Return the results of this set; of two of one task in one way the later one."""
        if not self.path.exists():
            return []
        found: dict[tuple[str, str, str], Result] = {}
        for line in self.path.read_text("utf-8").splitlines():
            if (one := self._read(line)) is not None:
                found[one.key] = one
        return list(found.values())

    def add(self, one: Result) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        whole = not self.path.exists() or self.path.read_bytes()[-1:] in (b"", b"\n")
        with self.path.open("a", encoding="utf-8") as file:
            file.write(("" if whole else "\n") + json.dumps({"set": self._set} | _told(one)) + "\n")

    def _read(self, line: str) -> Result | None:
        try:
            told: dict[str, Any] = json.loads(line)
            return Result(**told) if told.pop("set") == self._set else None
        except (ValueError, TypeError, KeyError, AttributeError):
            return None


def _told(one: Result) -> dict[str, Any]:
    told = dataclasses.asdict(one)
    return told | {
        "text": one.text[:_TEXT],
        "seconds": round(one.seconds, 3),
        "model_seconds": round(one.model_seconds, 3),
    }
