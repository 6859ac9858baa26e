"""A skeleton as a server is asked to fill it in, and what it answers as a JSON object of the holes.

A server is no sampler of ours: it writes no single hole, it is shown the whole text with a mark in place of
each hole, and asked for all of them at once.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from typing import Any, Final

from codegate.core.prompt import Hole, Message, Prompt
from codegate.grammar import parse_gbnf
from codegate.visible import visible

_ASK: Final = """\
Complete this text. What is missing stands as a mark: {marks}.

[{nonce}: text]
{text}
[{nonce}: end]

What belongs in the place of each mark:
{helps}

Answer with one JSON object and nothing else, of this form:
{form}
Each value is a string: exactly what takes the place of its mark, without anything that stands around it."""
# Beyond this an answer in prose is a model in a loop.
_MAX_PROSE: Final = 200_000
# In tokens: quotation marks and newlines are escaped; a key stands in quotation marks, before a colon;
# and where no server holds them to JSON alone, models say a sentence and open a fence first.
_ESCAPED: Final = 1.5
_KEY: Final = 8
_WORDS: Final = 48
_MAX_OBJECTS: Final = 64
_OBJECT: Final = re.compile(r"\{\s*\"")
_THOUGHT: Final = re.compile(r"\s*<think>.*?</think>", re.DOTALL)


class _Repeated(ValueError):
    """A key stands in an object twice: which of its values is meant, nobody knows."""


def messages_for(prompt: Prompt) -> tuple[Message, ...]:
    """Return the messages of a prompt, its skeleton among them: equal for equal prompts.

    What a skeleton asks is joined to the user's last turn: templates of several models refuse two in a row.
    """
    if not prompt.skeleton:
        return prompt.messages
    asked = _asked(prompt)
    *before, last = prompt.messages or (Message("user", ""),)
    if last.role != "user":
        return (*prompt.messages, Message("user", asked))
    return (*before, replace(last, content=f"{last.content}\n\n{asked}".lstrip()))


def _asked(prompt: Prompt) -> str:
    """Return the skeleton with a mark for each hole. Marks hold a nonce that no text of the prompt holds."""
    nonce = _nonce(prompt)
    marks = {hole.name: f"<{nonce}:{visible(hole.name)}>" for hole in prompt.holes}
    return _ASK.format(
        nonce=nonce,
        marks=", ".join(marks.values()),
        text="".join(piece if isinstance(piece, str) else marks[piece.name] for piece in prompt.skeleton),
        helps="\n".join(f"- {marks[hole.name]}: {_wanted(hole)}" for hole in prompt.holes),
        form=json.dumps(dict.fromkeys(marks, "…"), ensure_ascii=False),
    )


def _wanted(hole: Hole) -> str:
    """Return in words what belongs in a hole."""
    choices = parse_gbnf(hole.grammar).choices
    one_of = f"one of {json.dumps(choices, ensure_ascii=False)}" if choices else ""
    return "; ".join(filter(None, [visible(hole.help), one_of])) or "what fits there"


def _nonce(prompt: Prompt) -> str:
    pieces = [p if isinstance(p, str) else f"{p.name}\0{p.help}\0{p.grammar}" for p in prompt.skeleton]
    everything = "\0".join([*(m.content for m in prompt.messages), *pieces])
    digest = hashlib.sha256(everything.encode("utf-8", "backslashreplace"))
    while (nonce := digest.hexdigest()[:8]) in everything:
        digest.update(b"again")
    return nonce


def room_for(prompt: Prompt, count: Callable[[str], int]) -> int:
    """Return how many tokens an answer may take: in JSON the texts of holes take more than they are."""
    if not prompt.skeleton:
        return prompt.max_tokens
    return int(prompt.max_tokens * _ESCAPED) + sum(count(h.name) + _KEY for h in prompt.holes) + _WORDS


def schema_for(holes: Sequence[Hole]) -> dict[str, Any]:
    """Return the JSON schema of an answer: each hole's name, and a string, one of a list where it is a list.

    A grammar's other bounds stay out: servers refuse a pattern or a length, or take minutes to compile them.
    """
    return {
        "type": "object",
        "properties": {hole.name: _schema_of(hole) for hole in holes},
        "required": [hole.name for hole in holes],
        "additionalProperties": False,
    }


def _schema_of(hole: Hole) -> dict[str, Any]:
    choices = parse_gbnf(hole.grammar).choices
    return {"type": "string", "enum": list(choices)} if choices else {"type": "string"}


def normalised(answer: str, holes: Sequence[Hole]) -> str | None:
    """Return the JSON object of the holes that an answer is or holds, None where it holds not just one.

    It may stand in a fence or in prose, and more than once if it is the same. Its keys are the holes' names,
    each once, and its values are strings; an object of another form does not count.
    """
    names = [hole.name for hole in holes]
    found = {json.dumps({n: o[n] for n in names}) for o in _objects(answer) if _fills(o, names)}
    return found.pop() if len(found) == 1 else None


def _fills(value: Any, names: list[str]) -> bool:
    return (
        isinstance(value, dict)
        and sorted(value) == sorted(names)
        and all(isinstance(text, str) for text in value.values())
    )


def _objects(answer: str) -> Iterator[Any]:
    """Yield the JSON objects of an answer: itself if it is one, else what stands in its prose, outermost."""
    try:
        yield _decoder.decode(answer.strip())
        return
    except (ValueError, RecursionError):
        pass
    prose = _THOUGHT.sub("", answer, count=1) if len(answer) <= _MAX_PROSE else ""
    at = 0
    for _ in range(_MAX_OBJECTS):
        opening = _OBJECT.search(prose, at)
        if opening is None:
            return
        at = opening.start() + 1
        try:
            value, at = _decoder.raw_decode(prose, opening.start())
            yield value
        except _Repeated:
            yield None
        except (ValueError, RecursionError):
            continue


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(pairs)
    if len(dict(pairs)) < len(pairs):
        raise _Repeated("a key stands there twice")
    return dict(pairs)


_decoder: Final = json.JSONDecoder(object_pairs_hook=_once)
