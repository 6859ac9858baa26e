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
class Prompt:
    """Everything that a model's answer may depend on, but the sampling.

    `max_tokens` bounds the answer. `grammar` (GBNF) and `schema` (JSON schema) constrain it where the model
    can be constrained; at most one is set.
    """

    messages: tuple[Message, ...]
    max_tokens: int
    grammar: str | None = None
    schema: Mapping[str, Any] | None = None

    @property
    def sha256(self) -> str:
        """One name for the whole prompt: equal prompts, and only those, have equal digests."""
        whole = {
            "messages": [[m.role, m.content] for m in self.messages],
            "max_tokens": self.max_tokens,
            "grammar": self.grammar,
            "schema": self.schema,
        }
        # Surrogates (bytes of the repository that are no UTF-8) survive as \u escapes in JSON's ASCII form.
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
