"""No model: what rules alone put into a skeleton. All that some recipes need, and every model's baseline."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Final

from codegate.core import ModelIdentity, Proposal
from codegate.core.prompt import Prompt
from codegate.errors import ModelError
from codegate.models.session import Session

_CONTEXT_TOKENS: Final = 1 << 20


class RulesAlone(Session):
    """Fills each hole with its default; what has none is a ModelError that says so."""

    identity = ModelIdentity(id="none", kind="rules")
    context_tokens = _CONTEXT_TOKENS

    def count(self, text: str) -> int:
        return 0

    def generate(
        self,
        prompt: Prompt,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        on_text: Callable[[str], None] | None = None,
    ) -> Proposal:
        """Return the defaults of a skeleton's holes. Raises ModelError where rules cannot say."""
        if not prompt.skeleton:
            raise ModelError("this asks for text that only a model can write", "leave out --model none")
        if missing := [hole for hole in prompt.holes if hole.default is None]:
            raise ModelError(
                f"rules alone cannot say what goes into `{missing[0].name}`: {missing[0].help}",
                "leave out --model none",
            )
        filled = {hole.name: hole.default for hole in prompt.holes}
        return Proposal(json.dumps(filled), self.identity, prompt.sha256, prompt_tokens=0, answer_tokens=0)
