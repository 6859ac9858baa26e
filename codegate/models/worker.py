"""The child process in which llama.cpp runs: it may crash, hang or be killed, and codegate lives on.

Speaks JSON lines: requests on standard input, events on standard output. Every request ends with one event
`{"event": "done", …}` or `{"event": "error", "message", "hint"}`; `text` and `progress` may come before.
Started by path with `python -P`, so it imports nothing of codegate and nothing from the working directory.
It ends when its standard input does.
"""

from __future__ import annotations

import codecs
import collections
import contextlib
import ctypes
import json
import math
import os
import queue
import re
import resource
import secrets
import signal
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

# How often text is handed over. A message per token would cost the generating thread its processor.
_FLUSH_SECONDS = 0.05
# The prompt is evaluated so many tokens at a time, with a sign of life after each; 128 to 512: equally fast.
_BATCH = 256
_STDERR_BYTES = 1 << 20
_LOG_LINES = 12
_LOG_LEVEL_ERROR = 4  # GGML_LOG_LEVEL_ERROR

Send = Callable[..., None]


class RefusedError(Exception):
    """A request that cannot be answered, said for a person."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class Engine:
    """One loaded model. Answers are deterministic for equal prompt, sampling and cached prefix only."""

    def __init__(self, send: Send, path: str, context: int, threads: int) -> None:
        try:
            import llama_cpp
        except ImportError as error:
            raise RefusedError(
                f"llama-cpp-python cannot be imported: {error}",
                "install it with: pip install 'codegate[local]' (this needs a C++ compiler)",
            ) from error
        from llama_cpp import llama_chat_format, llama_grammar

        self._send = send
        self._lib: Any = llama_cpp.llama_cpp
        self._grammars: Any = llama_grammar
        self._errors: collections.deque[str] = collections.deque(maxlen=_LOG_LINES)
        self._log = self._keep_errors()
        _without_repacking(self._lib)

        lib = self._lib

        class Llama(llama_cpp.Llama):
            """Says how far it is after each batch of a prompt, and asks a grammar about few tokens."""

            def _init_sampler(self, *args: Any, **sampling: Any) -> Any:
                held = super()._init_sampler(*args, **sampling)
                if sampling.get("grammar") is None:
                    return held
                return _HeldSampler(lib, super()._init_sampler(*args, **{**sampling, "grammar": None}), held)

            def eval(self, tokens: Any) -> None:
                for start in range(0, len(tokens), _BATCH):
                    super().eval(tokens[start : start + _BATCH])
                    if len(tokens) > 1:
                        send("progress", evaluated=min(start + _BATCH, len(tokens)), tokens=len(tokens))

        try:
            self._llama = Llama(
                path, n_ctx=context, n_batch=_BATCH, n_threads=threads, n_threads_batch=threads, verbose=False
            )
        except (ValueError, RuntimeError) as error:
            told = f" ({self._errors[0]})" if self._errors else ""
            raise RefusedError(
                f"llama.cpp cannot load {path}: {error}{told}",
                "the file may be damaged, or of a newer kind than the installed llama-cpp-python",
            ) from error
        self._vocabulary = self._llama._model.vocab
        self._pieces: dict[int, bytes] = {}
        self._template = self._chat_template(llama_chat_format.Jinja2ChatFormatter)
        self.context = self._llama.n_ctx()

    def _keep_errors(self) -> Any:
        @self._lib.llama_log_callback  # type: ignore[untyped-decorator]
        def log(level: int, text: bytes, _: object) -> None:
            if level == _LOG_LEVEL_ERROR:
                self._errors.append(text.decode("utf-8", "replace").strip())

        self._lib.llama_log_set(log, ctypes.c_void_p(0))
        return log  # must outlive the library's use of it

    def _chat_template(self, formatter: Any) -> Any:
        source = self._llama.metadata.get("tokenizer.chat_template")
        if source is None:
            raise RefusedError(
                "this model has no chat template", "use an instruct model: a base model cannot be asked"
            )

        def text(token: int) -> str:
            return "" if token < 0 else str(self._llama._model.token_get_text(token))

        return formatter(
            template=source, eos_token=text(self._llama.token_eos()), bos_token=text(self._llama.token_bos())
        )

    def count(self, text: str) -> dict[str, Any]:
        return {"tokens": len(self._plain(text))}

    def tokens(self, messages: list[dict[str, str]]) -> list[int]:
        """Return the conversation's tokens. No text of a message becomes a control token.

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
        tokens: list[int] = []
        for piece in filter(None, pieces):
            tokens += self._plain(contents[piece]) if piece in contents else self._markup(piece)
        if self._llama._model.add_bos_token() and tokens[:1] != [self._llama.token_bos()]:
            tokens.insert(0, self._llama.token_bos())
        return tokens

    def _render(self, messages: list[dict[str, str]]) -> str:
        try:
            return str(self._template(messages=messages).prompt)
        except Exception as error:
            # Some templates know no system message: what it says then stands before the first user's.
            if messages[0]["role"] != "system" or len(messages) < 2:
                raise RefusedError(f"the model's chat template refuses the conversation: {error}") from error
            joined = {**messages[1], "content": f"{messages[0]['content']}\n\n{messages[1]['content']}"}
            return self._render([joined, *messages[2:]])

    def _plain(self, text: str) -> list[int]:
        return list(self._llama.tokenize(text.encode("utf-8", "replace"), add_bos=False, special=False))

    def _markup(self, text: str) -> list[int]:
        return list(self._llama.tokenize(text.encode(), add_bos=False, special=True))

    def generate(
        self,
        messages: list[dict[str, str]],
        max_tokens: int,
        temperature: float,
        seed: int,
        grammar: str | None,
        schema: dict[str, Any] | None,
    ) -> dict[str, Any]:
        """Send the answer's text as it comes; return its counts."""
        prompt = self.tokens(messages)
        if len(prompt) >= self.context:
            raise RefusedError(
                f"the prompt takes {len(prompt)} tokens, the model's context holds {self.context}",
                "ask about a smaller file or name a symbol in it: path::symbol",
            )
        room = min(max_tokens, self.context - len(prompt))
        self._llama.set_seed(seed & 0x7FFFFFFF or 1)  # 0 would mean "random"
        started = time.monotonic()
        stream = self._llama.generate(prompt, temp=temperature, grammar=self._grammar(grammar, schema))
        count, ended = 0, False
        decoder = codecs.getincrementaldecoder("utf-8")("replace")
        text, flushed = "", 0.0
        for token in stream:
            if self._lib.llama_vocab_is_eog(self._vocabulary, token):
                ended = True
                break
            count += 1
            text += decoder.decode(self._piece(token))
            if (now := time.monotonic()) - flushed > _FLUSH_SECONDS:
                self._send("text", text=text)
                text, flushed = "", now
            if count >= room:
                break
        self._send("text", text=text + decoder.decode(b"", final=True))
        return {
            "prompt_tokens": len(prompt), "answer_tokens": count, "truncated": not ended,
            "seconds": time.monotonic() - started,
        }  # fmt: skip

    def _grammar(self, grammar: str | None, schema: dict[str, Any] | None) -> Any:
        """Return the grammar of an answer, tried first: llama.cpp dies of an invalid one."""
        if schema is not None:
            try:
                grammar = self._grammars.json_schema_to_gbnf(json.dumps(schema))
            except Exception as error:
                raise RefusedError(f"the JSON schema cannot be made a grammar: {error!r}") from error
        if grammar is None:
            return None
        self._errors.clear()
        sampler = grammar.strip() and self._lib.llama_sampler_init_grammar(
            self._vocabulary, grammar.encode(), b"root"
        )
        if not sampler:
            told = f": {'; '.join(self._errors)}" if self._errors else ""
            raise RefusedError(f"the grammar is not valid GBNF{told}", "mend the recipe's grammar")
        self._lib.llama_sampler_free(sampler)
        return self._grammars.LlamaGrammar.from_string(grammar, verbose=False)

    def _piece(self, token: int) -> bytes:
        """Return a token's bytes; none for a control token. (The library's own cuts at 32 bytes.)"""
        if token not in self._pieces:
            buffer = ctypes.create_string_buffer(1024)
            size = self._lib.llama_token_to_piece(self._vocabulary, token, buffer, len(buffer), 0, False)
            self._pieces[token] = buffer.raw[: max(size, 0)]
        return self._pieces[token]


class _HeldSampler:
    """Samples freely and asks the grammar about that token; only if it says no, about the whole vocabulary.

    The answer keeps to the grammar either way, and greedy answers are the same. Asking about 150,000
    tokens each time made a token 1.3 to 1.6 times as costly. llama.cpp's own tools do this too
    (`common_sampler_sample`).
    """

    def __init__(self, lib: Any, free: Any, held: Any) -> None:
        self._lib, self._free, self._held = lib, free, held
        chain = (
            lib.llama_sampler_chain_get(held.sampler, i)
            for i in range(lib.llama_sampler_chain_n(held.sampler))
        )
        self._grammar = next(s for s in chain if lib.llama_sampler_name(s) == b"grammar")
        self._one = (lib.llama_token_data * 1)()

    def sample(self, context: Any, index: int = -1) -> int:
        token = int(self._free.sample(context, index))
        self._one[0] = self._lib.llama_token_data(token, 1.0, 0.0)
        asked = self._lib.llama_token_data_array(self._one, 1, -1, False)
        self._lib.llama_sampler_apply(self._grammar, ctypes.byref(asked))
        if self._one[0].logit == -math.inf:
            return int(self._held.sample(context, index))
        self._lib.llama_sampler_accept(self._grammar, token)
        return token


def _without_repacking(lib: Any) -> None:
    """Have models loaded without the extra buffer types of the processor.

    With GCC 12 a native build for a processor with AMX dies at the first decode in them (ggml-org/llama.cpp
    #20824). Measured for Q4_K_M on an AVX2 build: as fast without them.
    """
    defaults = lib.llama_model_default_params

    def params() -> Any:
        chosen = defaults()
        chosen.use_extra_bufts = False
        return chosen

    lib.llama_model_default_params = params


def _requests(stream: Any) -> Iterator[dict[str, Any]]:
    """Yield requests; end the process at once when the other side is gone, even while a model works."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in stream:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield json.loads(waiting.get())


def _serve(requests: Iterator[dict[str, Any]], send: Send) -> None:
    engine: Engine | None = None
    for request in requests:
        do = request.pop("do")
        try:
            if do == "load":
                engine = Engine(send, **request)
                send("done", context=engine.context)
            elif engine is None:
                raise RefusedError("no model is loaded")
            elif do == "count":
                send("done", **engine.count(**request))
            elif do == "tokens":
                send("done", tokens=engine.tokens(**request))
            else:
                send("done", **engine.generate(**request))
        except RefusedError as refusal:
            send("error", message=refusal.message, hint=refusal.hint)
        except Exception as error:
            send("error", message=f"llama.cpp failed: {type(error).__name__}: {error}", hint="")


def main() -> None:
    """Serve requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    # llama.cpp prints on 1 and 2: the conversation gets descriptors of its own.
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    with contextlib.suppress(OSError, ValueError):  # standard error is a file: bound it
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (_STDERR_BYTES, _STDERR_BYTES))

    def send(event: str, **fields: Any) -> None:
        outgoing.write(json.dumps({"event": event, **fields}).encode() + b"\n")

    _serve(_requests(incoming), send)


if __name__ == "__main__":
    main()
