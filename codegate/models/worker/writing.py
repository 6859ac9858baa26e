"""A free answer: token after token until the model ends it, or its limit does."""

from __future__ import annotations

from collections.abc import Generator

from .answer import Answer
from .context import Sequence
from .sampling import Sampler
from .vocabulary import Vocabulary

# What writes an answer yields when its sequence is to be read on, and is sent where the scores begin.
Writer = Generator[None, int, None]


def write(answer: Answer, sequence: Sequence, sampler: Sampler, vocabulary: Vocabulary, limit: int) -> Writer:
    """Write an answer of at most `limit` tokens."""
    while True:
        token = sampler.draw((yield))
        if vocabulary.ends(token):
            break
        answer.drawn()
        answer.add(vocabulary.piece(token))
        if answer.tokens >= limit:
            answer.truncated = True
            break
        sequence.tokens.append(token)
    answer.flush(final=True)
