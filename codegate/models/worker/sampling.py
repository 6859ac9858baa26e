"""Draws tokens: the likeliest, or by temperature and seed, and never one that a grammar forbids."""

from __future__ import annotations

import math
from typing import Any

from .context import Context
from .grammar import State
from .vocabulary import Vocabulary

# llama.cpp's own defaults, which its programs have too.
_TOP_K, _TOP_P, _MIN_P = 40, 0.95, 0.05


class Sampler:
    """Draws one answer's tokens, each from the scores at a place of the last step.

    Where a grammar holds it is asked about the drawn token alone, and only if it says no, about the whole
    vocabulary. The answer keeps to the grammar either way, and greedy answers are the same. Asking about
    150,000 tokens each time made a token 1.3 to 1.6 times as costly. llama.cpp's own tools do this too
    (`common_sampler_sample`). No control token is drawn but the end of the answer.
    """

    def __init__(
        self, lib: Any, context: Context, vocabulary: Vocabulary, *, temperature: float, seed: int
    ) -> None:
        self._lib, self._context, self._vocabulary = lib, context, vocabulary
        self._temperature, self._seed = temperature, seed & 0x7FFFFFFF or 1  # 0 would mean "random"
        self._free = self._chain(None)
        self._held: Any = None
        self._state: State | None = None

    def hold(self, state: State | None) -> None:
        """Keep to a grammar from here on; the state is this sampler's to free. None: to no grammar."""
        if self._held:
            self._lib.llama_sampler_free(self._held)
        self._state, self._held = state, self._chain(state) if state else None

    @property
    def greedy(self) -> bool:
        return self._temperature <= 0

    def draw(self, place: int) -> int:
        """Return the next token."""
        token = int(self._lib.llama_sampler_sample(self._free, self._context.handle, place))
        if self._state is None:
            return token
        if not self._state.allows(token):
            return int(self._lib.llama_sampler_sample(self._held, self._context.handle, place))
        self._state.accept(token)
        return token

    def close(self) -> None:
        self.hold(None)
        self._lib.llama_sampler_free(self._free)

    def _chain(self, state: State | None) -> Any:
        lib = self._lib
        chain = lib.llama_sampler_chain_init(lib.llama_sampler_chain_default_params())
        links = [self._without_controls()]
        if state:
            links.append(state.handle)
        if self._temperature <= 0:
            links.append(lib.llama_sampler_init_greedy())
        else:
            links += [
                lib.llama_sampler_init_top_k(_TOP_K),
                lib.llama_sampler_init_top_p(_TOP_P, 1),
                lib.llama_sampler_init_min_p(_MIN_P, 1),
                lib.llama_sampler_init_temp(self._temperature),
                lib.llama_sampler_init_dist(self._seed),
            ]
        for link in links:
            lib.llama_sampler_chain_add(chain, link)
        return chain

    def _without_controls(self) -> Any:
        controls = self._vocabulary.controls
        biases = (self._lib.llama_logit_bias * len(controls))()
        for bias, token in zip(biases, controls, strict=True):
            bias.token, bias.bias = token, -math.inf
        return self._lib.llama_sampler_init_logit_bias(self._vocabulary.size, len(controls), biases)
