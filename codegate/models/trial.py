"""Which ways to hold an answer to a form an endpoint takes, and which of them it heeds."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal

from codegate.config import Endpoint
from codegate.core.prompt import Message, Prompt
from codegate.errors import ModelError
from codegate.models.constraints import by_grammar, by_schema
from codegate.models.remote import Remote

Outcome = Literal["works", "ignored", "refused"]

_SECONDS: Final = 60.0
# The question and the form contradict one another: what answers the question alone did not heed the form.
_PROMPT: Final = Prompt((Message("user", "Say hello, in one word."),), 256)
_SCHEMA: Final = {
    "type": "object",
    "properties": {"colour": {"type": "string", "enum": ["red", "blue"]}},
    "required": ["colour"],
    "additionalProperties": False,
}
_GRAMMAR: Final = 'root ::= "red" | "blue"'


@dataclass(frozen=True, slots=True)
class Trial:
    """What became of one way: it `works`, was taken and `ignored`, or was `refused`; and what was said."""

    form: str
    outcome: Outcome
    says: str = ""


def try_forms(endpoint: Endpoint) -> Iterator[Trial]:
    """Yield what becomes of each way: three requests of some tokens, in which nothing of a repository is.

    Raises ModelError where the endpoint does not answer a plain question.
    """
    brief = endpoint.model_copy(update={"retries": 0, "timeout": min(endpoint.timeout, _SECONDS)})
    with Remote(brief) as model:
        model.generate(_PROMPT)
        for constraint in (*by_schema(_SCHEMA), by_grammar(_GRAMMAR)):
            try:
                said = model.generate_under(constraint, _PROMPT).text
            except ModelError as error:
                yield Trial(constraint.name, "refused", error.message)
            else:
                yield Trial(constraint.name, "works" if _heeds(said) else "ignored")


def _heeds(said: str) -> bool:
    if said in ("red", "blue"):
        return True
    try:
        return bool(json.loads(said) in ({"colour": "red"}, {"colour": "blue"}))
    except (ValueError, RecursionError):
        return False
