"""The same prompts and grammar, answered by codegate and by llama-cpp-python called directly."""

from __future__ import annotations

import time
from typing import Any

from benchmarks.measure import in_turn
from codegate.config import UserConfig
from codegate.core.prompt import Message, Prompt
from codegate.models import machine
from codegate.models.local import Local
from codegate.models.weights import Store

MODEL = "qwen2.5-coder-1.5b"
# Six lines, so that both write about as much; letters only, so that the grammar has something to filter.
_GRAMMAR = "root ::= " + " ".join(["line"] * 6) + '\nline ::= "- " [a-z ]{8,40} "\\n"\n'
_MAX_TOKENS = 128


def tokens_per_second(runs: int) -> tuple[tuple[float, float], ...]:
    """Return pairs of codegate's rate and the library's: answer tokens by seconds, those of the prompt too.

    Both have the same context and threads and are warm. A prompt is the same for both and starts like no
    other, so that no cached prefix helps.
    """
    import llama_cpp
    from llama_cpp.llama_grammar import LlamaGrammar

    with Local.open(MODEL, UserConfig()) as model:
        bare = llama_cpp.Llama(
            str(Store().open(MODEL).path), n_ctx=8192, n_threads=machine.cores(),
            n_threads_batch=machine.cores(), verbose=False,
        )  # fmt: skip
        grammar = LlamaGrammar.from_string(_GRAMMAR, verbose=False)
        prompts = [_prompt(number) for number in range(runs + 1)]
        return tuple(
            in_turn(lambda n: _asked(model, prompts[n]), lambda n: _bare(bare, grammar, prompts[n]), runs)
        )


def _prompt(number: int) -> Prompt:
    system = Message("system", f"This is question {number}. Answer with a list of short lines.")
    user = Message("user", "Name six things that a class for bank accounts should be tested for.\n" * 4)
    return Prompt((system, user), _MAX_TOKENS, grammar=_GRAMMAR)


def _asked(model: Local, prompt: Prompt) -> float:
    started = time.perf_counter()
    proposal = model.generate(prompt, temperature=0.0, seed=1)
    assert proposal.answer_tokens
    return proposal.answer_tokens / (time.perf_counter() - started)


def _bare(model: Any, grammar: Any, prompt: Prompt) -> float:
    messages = [{"role": m.role, "content": m.content} for m in prompt.messages]
    started = time.perf_counter()
    answer = model.create_chat_completion(
        messages, grammar=grammar, temperature=0.0, max_tokens=prompt.max_tokens
    )
    return float(answer["usage"]["completion_tokens"] / (time.perf_counter() - started))
