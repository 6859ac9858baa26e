"""The model's tokens: text becomes tokens, tokens become bytes, and no text becomes a control token."""

from __future__ import annotations

import ctypes
from typing import Any

_PIECE_BYTES = 1024


class Vocabulary:
    """The tokens of one model. `controls` are those that stand for no text and end no answer."""

    def __init__(self, lib: Any, model: Any) -> None:
        self._lib = lib
        self.handle = lib.llama_model_get_vocab(model)
        self.size: int = lib.llama_vocab_n_tokens(self.handle)
        self.bos: int = lib.llama_vocab_bos(self.handle)
        self.eos: int = lib.llama_vocab_eos(self.handle)
        self.adds_bos: bool = lib.llama_vocab_get_add_bos(self.handle)
        self.controls = [
            token
            for token in range(self.size)
            if lib.llama_vocab_is_control(self.handle, token) and not self.ends(token)
        ]
        self._pieces: dict[int, bytes] = {}
        # Some tokenizers put a blank before whatever they are given.
        self._padded = b"".join(map(self.piece, self._tokenized(b"x", special=False))) == b" x"

    def ends(self, token: int) -> bool:
        """Tell whether a token is the end of an answer."""
        return bool(self._lib.llama_vocab_is_eog(self.handle, token))

    def text(self, token: int) -> str:
        """Return how the vocabulary spells a token, a control token too; nothing for none."""
        return "" if token < 0 else self._lib.llama_vocab_get_text(self.handle, token).decode()

    def plain(self, text: str) -> list[int]:
        """Return the tokens of a text that may say anything: none is a control token."""
        data = text.encode("utf-8", "replace")
        if not data or not self._padded:
            return self._tokenized(data, special=False)
        tokens = self._tokenized(b"\n" + data, special=False)
        while tokens and self.piece(tokens[0]) in (b" ", b"\n"):
            if self.piece(tokens.pop(0)) == b"\n":
                return tokens
        return self._tokenized(data, special=False)

    def markup(self, text: str) -> list[int]:
        """Return the tokens of the chat template's own text, control tokens as such."""
        return self._tokenized(text.encode(), special=True)

    def piece(self, token: int) -> bytes:
        """Return a token's bytes; none for a control token."""
        if token not in self._pieces:
            buffer = ctypes.create_string_buffer(_PIECE_BYTES)
            size = self._lib.llama_token_to_piece(self.handle, token, buffer, len(buffer), 0, False)
            self._pieces[token] = buffer.raw[: max(size, 0)]
        return self._pieces[token]

    def _tokenized(self, data: bytes, *, special: bool) -> list[int]:
        room = len(data) + 2
        tokens = (self._lib.llama_token * room)()
        count = self._lib.llama_tokenize(self.handle, data, len(data), tokens, room, False, special)
        if count < 0:
            raise ValueError(f"{len(data)} bytes take more than {room} tokens")
        return list(tokens[:count])
