"""What a model is given: messages, and the rules that hold while it writes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the conversation. `content` may quote the repository: it is data, never chat markup."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class Hole:
    """A place in an answer that the model fills, in a skeleton of which all else is given.

    `name` is unique in its skeleton. `grammar` (GBNF, from its rule `root`) says what may stand there, and
    `max_tokens` bounds it. `help` says in words what belongs there. `default` is what rules alone would put
    there, None where only a model can say.
    """

    name: str
    grammar: str
    max_tokens: int
    help: str = ""
    default: str | None = None


@dataclass(frozen=True, slots=True)
class Sampling:
    """How one answer is drawn: at `temperature` 0 the likeliest token each time, else by `seed`."""

    temperature: float = 0.0
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Prompt:
    """Everything that a model's answer may depend on, but the sampling.

    `max_tokens` bounds the answer. `grammar` (GBNF), `schema` (JSON schema) and `skeleton` constrain it where
    the model can be constrained; at most one is set. A skeleton is given text and holes in turn, and what
    answers it is a JSON object of each hole's name and the text that fills it, whatever the model.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    grammar: str | None = None
    schema: Mapping[str, Any] | None = None
    skeleton: tuple[str | Hole, ...] = ()

    @property
    def holes(self) -> tuple[Hole, ...]:
        return tuple(piece for piece in self.skeleton if isinstance(piece, Hole))

    @property
    def sha256(self) -> str:
        """One name for the whole prompt: equal prompts, and only those, have equal digests."""
        whole = {
            "messages": [[m.role, m.content] for m in self.messages],
            "max_tokens": self.max_tokens,
            "grammar": self.grammar,
            "schema": self.schema,
            "skeleton": [
                p if isinstance(p, str) else [p.name, p.grammar, p.max_tokens, p.help] for p in self.skeleton
            ],
        }
        # Surrogates (bytes of the repository that are no UTF-8) survive as \u escapes in JSON's ASCII form.
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
