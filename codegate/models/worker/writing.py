"""A free answer: token after token until the model ends it, or its limit does."""

from __future__ import annotations

from collections.abc import Generator

from .answer import Answer
from .context import Context, Sequence
from .lookup import Lookup
from .sampling import Sampler
from .vocabulary import Vocabulary

# What writes an answer yields when its sequence is to be read on, and is sent where the scores begin.
Writer = Generator[None, int, None]


def write(answer: Answer, sequence: Sequence, sampler: Sampler, vocabulary: Vocabulary, limit: int) -> Writer:
    """Write an answer of at most `limit` tokens."""
    while not _ended(answer, token := sampler.draw((yield)), vocabulary, limit):
        sequence.tokens.append(token)
    answer.flush(final=True)


def write_by_lookup(
    answer: Answer, sequence: Sequence, sampler: Sampler, context: Context, vocabulary: Vocabulary, limit: int
) -> Writer:
    """Write what `write` would, up to numerical ties, and several tokens a step where it copies.

    What follows is guessed and read along; each guess counts that is what the model then draws. For greedy
    answers without a grammar only: any other would be drawn, or judged, token by token.
    """
    lookup, draft = Lookup(), list[int]()
    while True:
        place, known = (yield), len(sequence.tokens) - len(draft)
        for right, guess in enumerate([*draft, -1]):
            token = sampler.draw(place + right)
            if _ended(answer, token, vocabulary, limit):
                answer.flush(final=True)
                return
            if token != guess:
                break
        if draft:
            lookup.learn(len(draft), right)
        context.cut(sequence, known + right)
        sequence.tokens.append(token)
        draft = lookup.draft(sequence.tokens)[: limit - answer.tokens - 1]
        sequence.tokens += draft
        sequence.scored = 1 + len(draft)


def _ended(answer: Answer, token: int, vocabulary: Vocabulary, limit: int) -> bool:
    """Take a token into the answer; tell whether the answer ends with it."""
    if vocabulary.ends(token):
        return True
    answer.drawn()
    answer.add(vocabulary.piece(token))
    answer.truncated = answer.tokens >= limit
    return answer.truncated
