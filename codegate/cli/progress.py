"""What is happening, on standard error: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from codegate.core import Outcome, Proposal, Verdict
from codegate.visible import visible

if TYPE_CHECKING:
    from rich.status import Status

    from codegate.models.session import Stage

_NO_MODEL = "none"  # the identity of `codegate.models.rules`
_MARKS = {Outcome.PASSED: "✓", Outcome.FAILED: "✗", Outcome.BROKEN: "!", Outcome.SKIPPED: "–"}


def say(sentence: str) -> None:
    """Tell a person something, beside the data."""
    print(visible(sentence), file=sys.stderr)


class Progress:
    """Says what is being waited for. The model's text is counted here, never shown."""

    def __init__(self) -> None:
        self._status: Status | None = None

    @contextmanager
    def waiting(self, what: str) -> Iterator[None]:
        """Say what is being waited for while the block runs."""
        if not sys.stderr.isatty() or os.environ.get("TERM") == "dumb":
            print(f"{visible(what)} …", file=sys.stderr)
            yield
            return
        from rich.console import Console
        from rich.text import Text

        with Console(stderr=True).status(Text(f"{visible(what)} …")) as self._status:
            try:
                yield
            finally:
                self._status = None

    @contextmanager
    def writing(self, model: str) -> Iterator[Writing]:
        """Say how an answer grows while the block runs; its text goes to the yielded object."""
        with self.waiting("computing the answer" if model == _NO_MODEL else f"{model} is reading"):
            yield Writing(model, self)

    def update(self, text: str) -> None:
        if self._status is not None:
            from rich.text import Text

            self._status.update(Text(visible(text)))

    def say(self, sentence: str) -> None:
        """Say what happened, or why something does not."""
        say(sentence)

    def answered(self, verdict: Verdict) -> None:
        """Say what a gate answered, as soon as it did."""
        print(
            f"  {_MARKS[verdict.outcome]} {visible(verdict.gate):8} {visible(verdict.summary)}"
            f" ({verdict.seconds:.2f} s)",
            file=sys.stderr,
        )


class Writing:
    """Counts an answer while it is written."""

    def __init__(self, model: str, progress: Progress) -> None:
        self._model = model
        self._progress = progress
        self._characters = 0
        self._started = 0.0
        self._counted = False

    def __call__(self, text: str) -> None:
        if not text:
            return
        self._started = self._started or time.monotonic()
        self._characters += len(text)
        if not self._counted:
            seconds = time.monotonic() - self._started
            self._progress.update(
                f"{self._model} is writing: {self._characters} characters, {seconds:.0f} s …"
            )

    def reach(self, stage: Stage) -> None:
        """Say how far a model is that tells."""
        self._counted = True
        if stage.doing != "writing":
            self._progress.update(f"{self._model} is {stage.doing} {stage.done} of {stage.of} tokens …")
            return
        self._started = self._started or time.monotonic()
        seconds = time.monotonic() - self._started
        rate = f", {stage.done / seconds:.1f} tokens/s" if seconds > 1 else ""
        hole = f" “{stage.hole}”" if stage.hole else ""
        self._progress.update(f"{self._model} is writing{hole}: {stage.done} tokens{rate} …")

    def tell(self, proposal: Proposal) -> None:
        """Say how long the answer was, and took; nothing of one that rules alone computed."""
        if proposal.model.id == _NO_MODEL:
            return
        tokens = f"{proposal.answer_tokens} tokens, " if proposal.answer_tokens is not None else ""
        first = proposal.first_token_seconds
        after = f", the first after {first:.1f} s" if first is not None else ""
        if first is not None and proposal.answer_tokens and proposal.seconds - first > 0:
            after += f", then {proposal.answer_tokens / (proposal.seconds - first):.1f} tokens/s"
        cut = ", cut short at its limit" if proposal.truncated else ""
        print(f"  {visible(self._model)} wrote {tokens}{proposal.seconds:.1f} s{after}{cut}", file=sys.stderr)
