"""One answer while it is written: its text goes out as it comes, and what it cost is counted."""

from __future__ import annotations

import codecs
import time
from collections.abc import Callable
from dataclasses import dataclass, field

# How often text is handed over. A message per token would cost the generating thread its processor.
_FLUSH_SECONDS = 0.05


@dataclass(slots=True)
class Answer:
    """`tokens` counts what was sampled. `truncated` says that a limit ended the answer, or a hole of it."""

    number: int
    send: Callable[..., None]
    started: float
    tokens: int = 0
    truncated: bool = False
    first: float | None = None
    hole: str = ""
    text: str = ""
    _decoder: codecs.IncrementalDecoder = field(
        default_factory=lambda: codecs.getincrementaldecoder("utf-8")("replace")
    )
    _waiting: str = ""
    _flushed: float = 0.0

    def drawn(self) -> None:
        """Count a token."""
        self.first = self.first or time.monotonic()
        self.tokens += 1

    def add(self, data: bytes) -> None:
        """Take the bytes of a token, and hand over what has come since the last time."""
        self._waiting += self._decoder.decode(data)
        if (now := time.monotonic()) - self._flushed > _FLUSH_SECONDS:
            self.flush()
            self._flushed = now

    def flush(self, *, final: bool = False) -> None:
        self._waiting += self._decoder.decode(b"", final)
        self.text += self._waiting
        self.send("text", text=self._waiting, answer=self.number, tokens=self.tokens, hole=self.hole)
        self._waiting = ""

    def tell(self, prompt_tokens: int) -> None:
        """Send the whole, which ends it."""
        now = time.monotonic()
        self.send(
            "answer", answer=self.number, text=self.text, prompt_tokens=prompt_tokens,
            answer_tokens=self.tokens, truncated=self.truncated, seconds=now - self.started,
            first_token_seconds=(self.first or now) - self.started,
        )  # fmt: skip
