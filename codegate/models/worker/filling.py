"""A skeleton's answer: given text stands as if the model had written it, and it fills the holes."""

from __future__ import annotations

import json
import re
from collections.abc import Generator
from dataclasses import dataclass
from typing import Any

from .answer import Answer
from .context import Context, Sequence
from .grammar import Grammars, State, between
from .refusal import RefusedError
from .sampling import Sampler
from .vocabulary import Vocabulary
from .writing import Writer

# A hole ends when the model writes so much of what follows: blanks and a few characters of the next line.
_FOLLOW = re.compile(r"\s*[^\n]{0,3}")


@dataclass(frozen=True, slots=True)
class Gap:
    """A hole with what is around it. `lead` is the blank before it, which its first token may begin with;
    `follow` is how the given text goes on, `after` what is given before the next hole, or to the end."""

    name: str
    grammar: str
    limit: int
    lead: str
    follow: str
    after: str


def gaps(skeleton: list[str | dict[str, Any]]) -> tuple[str, list[Gap]]:
    """Return what is given before the first hole, and the holes. Raises RefusedError."""
    texts, holes = [""], list[dict[str, Any]]()
    for piece in skeleton:
        if isinstance(piece, str):
            texts[-1] += piece
        else:
            holes.append(piece)
            texts.append("")
    if not holes or not all(texts[1:-1]):
        raise RefusedError("a skeleton needs holes, and text between any two", "mend the recipe's skeleton")
    # A word's token begins with the blank before it: given alone, the blank would make every word unlikely.
    leads = [text[-1] if text[-1:] in (" ", "\t") else "" for text in texts[:-1]] + [""]
    given = [text.removesuffix(lead) for text, lead in zip(texts, leads, strict=True)]
    return given[0], [
        Gap(hole["name"], hole["grammar"], hole["max_tokens"], leads[i], _follow(texts[i + 1]), given[i + 1])
        for i, hole in enumerate(holes)
    ]


def _follow(text: str) -> str:
    found = _FOLLOW.match(text)
    assert found is not None
    return found[0]


@dataclass(frozen=True, slots=True)
class Filler:
    """Fills the holes of a skeleton. `end` is how long its sequence may become."""

    answer: Answer
    sequence: Sequence
    sampler: Sampler
    context: Context
    vocabulary: Vocabulary
    grammars: Grammars
    gaps: list[Gap]
    limit: int
    end: int

    def write(self) -> Writer:
        """Write all holes; then the answer's text is a JSON object of their texts."""
        texts: dict[str, str] = {}
        ahead = [len(self.vocabulary.plain(gap.after)) for gap in self.gaps[:-1]]
        for number, gap in enumerate(self.gaps):
            self.answer.hole = gap.name
            start = len(self.sequence.tokens)
            left = self.end - start - sum(ahead[number:])
            data = yield from self._fill(gap, min(gap.limit, self.limit - self.answer.tokens, left))
            texts[gap.name] = data.decode("utf-8", "ignore").removeprefix(gap.lead)
            if gap is not self.gaps[-1]:
                self._go_on(start, data, gap.after)
        self.answer.text = json.dumps(texts, ensure_ascii=False)

    def _fill(self, gap: Gap, limit: int) -> Generator[None, int, bytes]:
        """Return what fills a hole, its leading blank too."""
        whole = self.grammars.state(*between(gap.grammar, gap.lead, gap.follow))
        self.sampler.hold(whole)
        own = self.grammars.state(*between(gap.grammar, gap.lead, ""))
        try:
            return (yield from self._draw(gap, limit, whole, own))
        finally:
            own.close()
            self.sampler.hold(None)
            self.answer.flush()

    def _draw(self, gap: Gap, limit: int, whole: State, own: State) -> Generator[None, int, bytes]:
        """Draw tokens until they leave the hole. `whole` goes on into what follows."""
        data, complete = b"", 0 if own.complete else None
        place = yield
        for drawn in range(1, limit + 1):
            token = self.sampler.draw(place)
            self.answer.drawn()
            if self.vocabulary.ends(token):
                return data
            data += self.vocabulary.piece(token)
            self.answer.add(self.vocabulary.piece(token))
            if not own.allows(token):
                return data[: len(data) - self._beyond(gap, data)]
            own.accept(token)
            if gap.follow and whole.complete:
                return data[: -len(gap.follow.encode())]
            complete = len(data) if own.complete else complete
            if drawn < limit:
                self.sequence.tokens.append(token)
                place = yield
        self.answer.truncated = self.answer.truncated or complete is None
        return data[:complete]

    def _beyond(self, gap: Gap, data: bytes) -> int:
        """Return how many bytes at the end are no longer the hole's, but what follows it."""
        follow = gap.follow.encode()
        grammar = between(gap.grammar, gap.lead, "")
        for size in range(min(len(follow), len(data)), 0, -1):
            own = data[:-size].decode("utf-8", "replace")
            if data.endswith(follow[:size]) and self.grammars.matches(*grammar, own):
                return size
        return 0

    def _go_on(self, start: int, data: bytes, given: str) -> None:
        """Keep the tokens that lie within the hole, and have the rest of it read anew with what is given."""
        kept, size, length = start, 0, 0
        for count, token in enumerate(self.sequence.tokens[start:], start + 1):
            length += len(self.vocabulary.piece(token))
            if length <= len(data) and data[length : length + 1].decode("latin-1") not in _CONTINUATION:
                kept, size = count, length
        rest = self.vocabulary.plain(data[size:].decode("utf-8", "replace") + given)
        self.context.turn(self.sequence, self.sequence.tokens[:kept] + rest)


_CONTINUATION = frozenset(map(chr, range(0x80, 0xC0)))
