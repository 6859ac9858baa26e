"""The model's memory of what it has read: sequences of tokens in one cache, read on in batches together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .refusal import RefusedError

# So many tokens are read at a time, with a sign of life after each; 128 to 512: equally fast.
BATCH = 256
SEQUENCES = 16  # answers side by side
SPARE = SEQUENCES


@dataclass(slots=True)
class Sequence:
    """What one answer has before it. Of `tokens` the first `read` are in the cache; after the rest is read,
    the scores that follow each of the last `scored` tokens are asked for."""

    number: int
    tokens: list[int] = field(default_factory=list)
    read: int = 0
    scored: int = 1

    def common(self, tokens: list[int]) -> int:
        """Return how many of its tokens that were read are the first of these."""
        ours = self.tokens[: self.read]
        return next(
            (n for n, (a, b) in enumerate(zip(ours, tokens, strict=False)) if a != b),
            min(len(ours), len(tokens)),
        )


class Context:
    """One cache for up to `SEQUENCES` sequences and a spare one; what they have in common is held once."""

    def __init__(self, lib: Any, model: Any, tokens: int, threads: int) -> None:
        self._lib = lib
        params = lib.llama_context_default_params()
        params.n_ctx = tokens
        params.n_batch = params.n_ubatch = min(BATCH, tokens)
        params.n_seq_max = SEQUENCES + 1
        params.kv_unified = True
        params.n_threads = params.n_threads_batch = threads
        # Answers side by side and drafts cost 0.9 of what they do without, on processors too.
        params.flash_attn_type = lib.LLAMA_FLASH_ATTN_TYPE_AUTO
        params.no_perf = True
        self.handle = lib.llama_init_from_model(model, params)
        if not self.handle:
            raise RefusedError(
                f"llama.cpp cannot make a context of {tokens} tokens", "set a smaller local.context_tokens"
            )
        self.tokens: int = lib.llama_n_ctx(self.handle)
        self._memory = lib.llama_get_memory(self.handle)
        self._batch = lib.llama_batch_init(params.n_batch, 0, 1)
        self._room: int = params.n_batch

    def cut(self, sequence: Sequence, length: int) -> None:
        """Leave the first `length` tokens of a sequence."""
        del sequence.tokens[length:]
        if sequence.read > length:
            sequence.read = length
            if not self._lib.llama_memory_seq_rm(self._memory, sequence.number, length, -1):
                self._lib.llama_memory_seq_rm(
                    self._memory, sequence.number, -1, -1
                )  # all: it must be read anew
                sequence.read = 0

    def turn(self, sequence: Sequence, tokens: list[int]) -> None:
        """Have a sequence be these tokens, of which the last at least is to be read; keep what is common."""
        self.cut(sequence, min(sequence.common(tokens), len(tokens) - 1))
        sequence.tokens, sequence.scored = list(tokens), 1

    def copy(self, source: Sequence, number: int, length: int | None = None) -> Sequence:
        """Return another sequence that is the same so far, or up to a length. Costs no memory."""
        length = source.read if length is None else length
        self._lib.llama_memory_seq_rm(self._memory, number, -1, -1)
        self._lib.llama_memory_seq_cp(self._memory, source.number, number, 0, length)
        return Sequence(number, source.tokens[:length], length)

    def drop(self, sequence: Sequence) -> None:
        """Free what a sequence alone holds."""
        self.cut(sequence, 0)

    def clear(self) -> None:
        """Forget everything."""
        self._lib.llama_memory_clear(self._memory, True)

    def step(self, sequences: Iterable[Sequence]) -> dict[int, int]:
        """Read on, one batch; return for each sequence that is read to its end where its scores begin.

        The scores hold until the next step.
        """
        batch, size, places = self._batch, 0, {}
        for sequence in sequences:
            part = sequence.tokens[sequence.read : sequence.read + self._room - size]
            ends = sequence.read + len(part) == len(sequence.tokens)
            for token in part:
                batch.token[size] = token
                batch.pos[size] = sequence.read
                batch.n_seq_id[size] = 1
                batch.seq_id[size][0] = sequence.number
                sequence.read += 1
                batch.logits[size] = ends and sequence.read > len(sequence.tokens) - sequence.scored
                size += 1
            if part and ends:
                places[sequence.number] = size - min(sequence.scored, len(part))
        batch.n_tokens = size
        if code := self._lib.llama_decode(self.handle, batch):
            raise RuntimeError(f"llama_decode returned {code}")
        return places
