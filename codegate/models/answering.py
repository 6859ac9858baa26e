"""Reads a chat completion as it comes over the wire, bounded, whether it is streamed or sent whole.

Format: https://platform.openai.com/docs/api-reference/chat-streaming. A server may leave out what is not
needed here; what contradicts it is a ModelError, never a wrong answer.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from codegate.errors import ModelError

MAX_BYTES = 10 << 20


@dataclass(slots=True)
class Answer:
    """What has come so far. Token counts are the server's own, None where it does not tell."""

    texts: list[str] = field(default_factory=list)
    finish: str | None = None
    prompt_tokens: int | None = None
    answer_tokens: int | None = None

    @property
    def text(self) -> str:
        return "".join(self.texts)


def read_answer(
    pieces: Iterable[bytes],
    content_type: str,
    seconds: float,
    on_text: Callable[[str], None] = lambda _: None,
) -> Answer:
    """Return the answer that a response's body holds, and hand over its text as it comes.

    Raises ModelError if it is longer than 10 MB, takes longer than `seconds`, is not JSON, breaks off, tells
    of an error, or is empty.
    """
    answer = Answer()
    bounded = _bounded(pieces, seconds)
    streamed = "event-stream" in content_type
    for data in _events(bounded) if streamed else [b"".join(bounded)]:
        if text := _take(answer, _parsed(data)):
            on_text(text)
    if answer.finish is None:
        why = "" if answer.texts else "; the prompt may be too long for it"
        raise ModelError("the answer breaks off", f"run it again, or look at the server's log{why}")
    if not answer.text.strip():
        raise ModelError(
            f"the model answered nothing (it stopped for: {answer.finish})", _why_empty(answer.finish)
        )
    return answer


def _bounded(pieces: Iterable[bytes], seconds: float) -> Iterator[bytes]:
    size, deadline = 0, time.monotonic() + seconds
    for piece in pieces:
        size += len(piece)
        if size > MAX_BYTES:
            raise ModelError(
                f"the answer is longer than {MAX_BYTES >> 20} MB", "lower max_tokens, or use another model"
            )
        if time.monotonic() > deadline:
            raise ModelError(f"the answer takes longer than {seconds:g} s", "raise the endpoint's timeout")
        yield piece


def _events(pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Yield the data of each server-sent event up to `[DONE]`. Its data may stand on several lines."""
    data: list[bytes] = []
    for line in _lines(pieces):
        if line.startswith(b"data:"):
            data.append(line[5:].removeprefix(b" "))
        elif not line and data:
            event, data = b"\n".join(data), []
            if event.strip() == b"[DONE]":
                return
            yield event
    if data and b"".join(data).strip() != b"[DONE]":
        yield b"\n".join(data)


def _lines(pieces: Iterable[bytes]) -> Iterator[bytes]:
    waiting: list[bytes] = []
    for piece in pieces:
        *whole, rest = piece.split(b"\n")
        for line in whole:
            yield b"".join([*waiting, line]).removesuffix(b"\r")
            waiting = []
        waiting.append(rest)
    yield b"".join(waiting)


def _parsed(data: bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(data)
    except (ValueError, RecursionError):
        parsed = None
    if not isinstance(parsed, dict):
        raise ModelError(
            f"the server's answer is not JSON: {data[:60]!r}",
            "check base_url: it usually ends in /v1",
        )
    return parsed


def _take(answer: Answer, event: dict[str, Any]) -> str:
    """Add what an event tells to the answer; return its text."""
    if error := event.get("error"):
        told = error.get("message") if isinstance(error, dict) else error
        raise ModelError(f"the server broke off with an error: {str(told)[:300]}", "run it again")
    try:
        _count(answer, event.get("usage") or {})
        choice = ([*(event.get("choices") or []), {}])[0]
        text = (choice.get("delta") or choice.get("message") or {}).get("content") or ""
        if not isinstance(text, str):
            raise TypeError(f"its content is {type(text).__name__}")
        answer.finish = choice.get("finish_reason") or answer.finish
        answer.texts.append(text)
        return text
    except (AttributeError, TypeError, KeyError) as error:
        raise ModelError(
            f"the server's answer is no chat completion: {error}", "is this an OpenAI-compatible endpoint?"
        ) from error


def _count(answer: Answer, usage: dict[str, Any]) -> None:
    prompt, completion = usage.get("prompt_tokens"), usage.get("completion_tokens")
    answer.prompt_tokens = prompt if isinstance(prompt, int) else answer.prompt_tokens
    answer.answer_tokens = completion if isinstance(completion, int) else answer.answer_tokens


def _why_empty(finish: str) -> str:
    if finish == "length":
        return "it spent all its tokens before answering: raise max_tokens of the endpoint"
    if finish == "content_filter":
        return "the provider's filter held it back: word the instruction differently"
    return "run it again, or word the instruction differently"
