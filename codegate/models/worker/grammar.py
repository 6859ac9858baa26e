"""What may come next by a grammar (GBNF): asked about one token, or about all."""

from __future__ import annotations

import ctypes
import json
import math
from typing import Any

from .library import Library
from .refusal import RefusedError
from .vocabulary import Vocabulary


class State:
    """Where in a grammar an answer stands."""

    def __init__(self, lib: Any, handle: Any, vocabulary: Vocabulary) -> None:
        self._lib, self.handle, self._vocabulary = lib, handle, vocabulary
        self._one = (lib.llama_token_data * 1)()

    def allows(self, token: int) -> bool:
        """Tell whether a token may come next."""
        self._one[0] = self._lib.llama_token_data(token, 1.0, 0.0)
        asked = self._lib.llama_token_data_array(self._one, 1, -1, False)
        self._lib.llama_sampler_apply(self.handle, ctypes.byref(asked))
        return bool(self._one[0].logit != -math.inf)

    @property
    def complete(self) -> bool:
        """Tell whether the answer may end here."""
        return self.allows(self._vocabulary.eos)

    def accept(self, token: int) -> None:
        """Go on by a token that is allowed; llama.cpp dies of any other."""
        self._lib.llama_sampler_accept(self.handle, token)

    def close(self) -> None:
        self._lib.llama_sampler_free(self.handle)


class Grammars:
    """Makes states of grammars, and says what is wrong with a grammar that is none."""

    def __init__(self, library: Library, vocabulary: Vocabulary) -> None:
        self._library, self._vocabulary = library, vocabulary

    def state(self, grammar: str, root: str = "root") -> State:
        """Return the start of a grammar. Raises RefusedError: llama.cpp would die of an invalid one later."""
        lib = self._library.lib
        self._library.complaints.clear()
        handle = grammar.strip() and lib.llama_sampler_init_grammar(
            self._vocabulary.handle, grammar.encode(), root.encode()
        )
        if not handle:
            told = self._library.told(": {}")
            raise RefusedError(f"the grammar is not valid GBNF{told}", "mend the recipe's grammar")
        return State(lib, handle, self._vocabulary)

    def matches(self, grammar: str, root: str, text: str) -> bool:
        """Tell whether a text is complete by a grammar."""
        state = self.state(grammar, root)
        try:
            for token in self._vocabulary.plain(text):
                if not state.allows(token):
                    return False
                state.accept(token)
            return state.complete
        finally:
            state.close()


def of_schema(schema: dict[str, Any]) -> str:
    """Return the grammar of a JSON schema."""
    from llama_cpp.llama_grammar import json_schema_to_gbnf

    try:
        return str(json_schema_to_gbnf(json.dumps(schema)))
    except Exception as error:
        raise RefusedError(f"the JSON schema cannot be made a grammar: {error!r}") from error


def between(grammar: str, before: str, after: str) -> tuple[str, str]:
    """Return a grammar that also spells a text before and after, and the name of its root."""
    name = "answer"
    while name in grammar:
        name += "-whole"
    return f"{grammar}\n{name} ::= {_quoted(before)} root {_quoted(after)}\n", name


def _quoted(text: str) -> str:
    escapes = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    quoted = "".join(escapes.get(c) or (c if c.isprintable() else f"\\U{ord(c):08X}") for c in text)
    return f'"{quoted}"' if text else ""
