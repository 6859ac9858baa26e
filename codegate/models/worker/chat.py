"""The chat template: a conversation becomes tokens, and what a message says stays what it says."""

from __future__ import annotations

import re
import secrets
from typing import Any

from .refusal import RefusedError
from .vocabulary import Vocabulary


class Chat:
    """Renders conversations with the template that a model brings."""

    def __init__(self, lib: Any, model: Any, vocabulary: Vocabulary) -> None:
        from llama_cpp.llama_chat_format import Jinja2ChatFormatter

        source = lib.llama_model_chat_template(model, None)
        if not source:
            raise RefusedError(
                "this model has no chat template", "use an instruct model: a base model cannot be asked"
            )
        self._vocabulary = vocabulary
        self._template: Any = Jinja2ChatFormatter(
            template=source.decode("utf-8", "replace"),
            eos_token=vocabulary.text(vocabulary.eos),
            bos_token=vocabulary.text(vocabulary.bos),
        )

    def tokens(self, messages: list[dict[str, str]]) -> tuple[list[int], list[int]]:
        """Return the conversation's tokens, and how many of them precede each message's text.

        The template is rendered around placeholders, and only its own text may hold control tokens: content
        that says `<|im_end|>` stays content.
        """
        contents = {f"@{secrets.token_hex(12)}@": m["content"] for m in messages}
        marks = list(contents)
        turns = [{"role": m["role"], "content": mark} for m, mark in zip(messages, marks, strict=True)]
        pieces = re.split(f"({'|'.join(marks)})", self._render(turns))
        if [piece for piece in pieces if piece in contents] != marks:
            raise RefusedError(
                "the model's chat template leaves out or repeats a message", "use another model"
            )
        vocabulary = self._vocabulary
        tokens: list[int] = []
        starts: list[int] = []
        for piece in filter(None, pieces):
            if piece in contents:
                starts.append(len(tokens))
                tokens += vocabulary.plain(contents[piece])
            else:
                tokens += vocabulary.markup(piece)
                if len(tokens) and not starts and vocabulary.adds_bos and tokens[0] != vocabulary.bos:
                    tokens.insert(0, vocabulary.bos)
        return tokens, starts

    def _render(self, messages: list[dict[str, str]]) -> str:
        try:
            return str(self._template(messages=messages).prompt)
        except Exception as error:
            # Some templates know no system message: what it says then stands before the first user's.
            if messages[0]["role"] != "system" or len(messages) < 2:
                raise RefusedError(f"the model's chat template refuses the conversation: {error}") from error
            joined = {**messages[1], "content": f"{messages[0]['content']}\n\n{messages[1]['content']}"}
            return self._render([joined, *messages[2:]])
