"""Texts that a grammar allows, texts near them, and what llama.cpp says of both."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from random import Random
from typing import Any

from codegate.grammar import Grammar
from codegate.grammar.chars import Chars

_SIGNS = [*map(chr, range(1, 0x180)), "\u2028", "é", "Ω", "中", "🙂"]


def sample(grammar: Grammar, random: Random, depth: int = 12) -> str:
    """Return some text that the grammar allows; below `depth` rules it takes the shortest way out."""
    heights = _heights(grammar)

    def height(sequence: tuple[Any, ...]) -> float:
        return max((heights[e] for e in sequence if isinstance(e, str)), default=0)

    def write(rule: str, left: int) -> str:
        sequences = grammar.rules[rule]
        fitting = [s for s in sequences if height(s) < left] or [min(sequences, key=height)]
        return "".join(
            _draw(e, random) if isinstance(e, Chars) else write(e, left - 1) for e in random.choice(fitting)
        )

    return write("root", depth)


def mutate(text: str, random: Random) -> str:
    """Return the text with one character dropped, doubled, exchanged or put in."""
    at = random.randrange(len(text) + 1)
    sign = random.choice([*text, *"ab0 .\n\"'([_"])
    return text[:at] + random.choice(["", sign, text[at : at + 1] * 2]) + text[at + random.randint(0, 1) :]


def _draw(chars: Chars, random: Random) -> str:
    if chars.negated:
        return random.choice([sign for sign in _SIGNS if sign in chars])
    first, last = random.choice(chars.ranges)
    return next(c for c in iter(lambda: chr(random.randint(first, last)), None) if c in chars)


def _heights(grammar: Grammar) -> dict[str, float]:
    heights = dict.fromkeys(grammar.rules, math.inf)
    while True:
        news = {
            name: min(1 + max((heights[e] for e in s if isinstance(e, str)), default=0) for s in sequences)
            for name, sequences in grammar.rules.items()
        }
        if news == heights:
            return heights
        heights = news


class Llama:
    """A process that has a model's vocabulary loaded; `ask` tells what llama.cpp makes of a grammar."""

    def __init__(self, weights: Path) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, str(weights)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def ask(self, gbnf: str, texts: list[str]) -> list[bool | None] | None:
        """Say of each text whether llama.cpp lets a model write just that; None if it refuses the grammar.

        None stands for a text that the vocabulary cannot write.
        """
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([gbnf, texts]) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        assert line, f"llama.cpp died of {gbnf}"
        answer: list[bool | None] | None = json.loads(line)
        return answer

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait(30)


def _answer_questions(path: str) -> None:
    """Be the process of `Llama`."""
    import ctypes

    import llama_cpp as lib

    quiet = lib.llama_log_callback(lambda level, text, data: None)
    lib.llama_log_set(quiet, ctypes.c_void_p())
    parameters = lib.llama_model_default_params()
    parameters.vocab_only = True
    vocabulary = lib.llama_model_get_vocab(lib.llama_model_load_from_file(path.encode(), parameters))
    end = lib.llama_vocab_eos(vocabulary)

    def allows(sampler: Any, token: int) -> bool:
        one = (lib.llama_token_data * 1)(lib.llama_token_data(token, 1.0, 0.0))
        asked = lib.llama_token_data_array(one, 1, -1, False)
        lib.llama_sampler_apply(sampler, ctypes.byref(asked))
        return bool(one[0].logit != -math.inf)

    def piece(token: int) -> bytes:
        buffer = ctypes.create_string_buffer(1024)
        return buffer.raw[: lib.llama_token_to_piece(vocabulary, token, buffer, len(buffer), 0, False)]

    def writes(gbnf: str, text: str) -> bool | None:
        data = text.encode()
        tokens = (lib.llama_token * (len(data) + 8))()
        count = lib.llama_tokenize(vocabulary, data, len(data), tokens, len(tokens), False, False)
        if b"".join(map(piece, tokens[:count])) != data:
            return None
        sampler = lib.llama_sampler_init_grammar(vocabulary, gbnf.encode(), b"root")
        try:
            for token in tokens[:count]:
                if not allows(sampler, token):
                    return False
                lib.llama_sampler_accept(sampler, token)
            return allows(sampler, end)
        finally:
            lib.llama_sampler_free(sampler)

    for line in sys.stdin:
        gbnf, texts = json.loads(line)
        sampler = lib.llama_sampler_init_grammar(vocabulary, gbnf.encode(), b"root")
        if sampler:
            lib.llama_sampler_free(sampler)
        print(json.dumps([writes(gbnf, text) for text in texts] if sampler else None), flush=True)


if __name__ == "__main__":
    _answer_questions(sys.argv[1])
