"""A model on this machine: llama-cpp-python in a supervised child process."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from codegate.core import ModelIdentity, Proposal
from codegate.core.prompt import Hole, Message, Prompt, Sampling
from codegate.errors import ModelError
from codegate.models import machine
from codegate.models.child import Child
from codegate.models.fit import fit
from codegate.models.gguf import Shape, read_shape
from codegate.models.session import Session, Stage, Watcher
from codegate.models.weights import Store, Weights

if TYPE_CHECKING:
    from codegate.config import UserConfig

# Kept free for the chat template's own tokens, which `count` does not see.
_MARKUP_TOKENS = 64
_PATIENCE_SECONDS = 180.0

_Hear = Callable[[dict[str, Any]], None]


class Local(Session):
    """Answers from weights whose digest was checked; loaded at the first question, and kept warm.

    A crash, a hang, an invalid grammar or a lack of memory in the child is a ModelError, and the next
    question starts a new child. Calls from several threads wait for each other. `patience` is how many
    seconds may pass without a sign of life (a batch of the prompt, a token, the end of loading). Up to
    `prefix_bytes` of what was read are kept on disk for later runs, in the folder
    `prefixes`, without one in `prefix_folder()`.
    """

    on_this_machine = True

    def __init__(
        self,
        weights: Weights,
        *,
        context_tokens: int | None = None,
        threads: int | None = None,
        gpu_layers: int | None = None,
        prefix_bytes: int = 0,
        prefixes: Path | None = None,
        patience: float = _PATIENCE_SECONDS,
    ) -> None:
        self.identity = ModelIdentity(
            id=weights.id, kind="local", sha256=weights.sha256, pinned=weights.pinned
        )
        self._weights = weights
        self._context = _fitting_context(weights, read_shape(weights.path), context_tokens)
        self.context_tokens = self._context - _MARKUP_TOKENS
        self._threads = threads or machine.cores()
        self._gpu_layers = gpu_layers
        self._prefix_bytes, self._prefixes = prefix_bytes, prefixes or prefix_folder()
        self._patience = patience
        self._child: Child | None = None
        self._lock = threading.Lock()

    @classmethod
    def open(cls, name: str, user: UserConfig) -> Self:
        """Return the model of a known id, or of a GGUF file by path."""
        local = user.local
        return cls(
            Store().open(name), context_tokens=local.context_tokens, threads=local.threads,
            gpu_layers=local.gpu_layers, prefix_bytes=local.prefix_cache_mb << 20,
        )  # fmt: skip

    @property
    def pid(self) -> int | None:
        """The child's process id, None where none is running."""
        return self._child.pid if self._child and self._child.alive else None

    def close(self) -> None:
        """End the child. The next question starts a new one."""
        if self._child:
            self._child.close()
        self._child = None

    def count(self, text: str) -> int:
        """Return how many tokens a text takes, by the model's own tokenizer."""
        return int(self._ask({"do": "count", "text": text})["tokens"])

    def tokens(self, messages: tuple[Message, ...]) -> list[int]:
        """Return the tokens that a conversation is given to the model as."""
        return list(self._ask({"do": "tokens", "messages": _plain(messages)})["tokens"])

    def generate(
        self,
        prompt: Prompt,
        *,
        temperature: float = 0.0,
        seed: int = 0,
        on_text: Callable[[str], None] | None = None,
    ) -> Proposal:
        """Return the model's answer. Raises ModelError, before anything is evaluated, if it does not fit."""
        one = Sampling(temperature, seed)
        return next(self.generate_all(prompt, [one], on_text=on_text))

    def generate_all(
        self, prompt: Prompt, samplings: Sequence[Sampling], *, on_text: Callable[[str], None] | None = None
    ) -> Iterator[Proposal]:
        """Yield an answer for each sampling, in their order; they are written side by side, in one batch.

        `on_text` is handed the text of all of them as it comes, of a skeleton that of its holes, and an empty
        one after each part of the prompt that was read. Where it stops the model, or that fails, the answers
        that are whole come before the exception.
        """
        request = {
            "do": "generate", "messages": _plain(prompt.messages), "max_tokens": prompt.max_tokens,
            "samplings": [{"temperature": s.temperature, "seed": s.seed} for s in samplings],
            "grammar": prompt.grammar, "schema": None if prompt.schema is None else dict(prompt.schema),
            "skeleton": [p if isinstance(p, str) else _hole(p) for p in prompt.skeleton],
        }  # fmt: skip
        answers: dict[int, Proposal] = {}
        counts: dict[int, int] = {}
        reach = on_text.reach if isinstance(on_text, Watcher) else lambda _: None

        def hear(event: dict[str, Any]) -> None:
            if event["event"] == "answer":
                answers[event["answer"]] = self._proposal(prompt, event)
            elif on_text and event["event"] in ("text", "progress"):
                if event["event"] == "progress":
                    reach(Stage(event["doing"], event["done"], event["of"]))
                else:
                    counts[event["answer"]] = event["tokens"]
                    reach(Stage("writing", sum(counts.values()), hole=event["hole"]))
                on_text(event.get("text", ""))

        try:
            self._ask(request, hear)
        except Exception:
            yield from (answers[number] for number in sorted(answers))
            raise
        yield from (answers[number] for number in range(len(samplings)))

    def _proposal(self, prompt: Prompt, event: dict[str, Any]) -> Proposal:
        counted = ("prompt_tokens", "answer_tokens", "seconds", "first_token_seconds", "truncated")
        return Proposal(
            text=event["text"], model=self.identity, prompt_sha256=prompt.sha256,
            **{name: event[name] for name in counted},
        )  # fmt: skip

    def _ask(self, request: dict[str, Any], hear: _Hear = lambda _: None) -> dict[str, Any]:
        restored: list[Path] = []

        def listen(event: dict[str, Any]) -> None:
            if event["event"] != "progress":
                restored.clear()
            elif event["doing"] == "restoring":
                restored.append(Path(event["file"]))
            hear(event)

        with self._lock:
            try:
                return self._put(self._ready(), request, listen)
            except ModelError:
                if not restored or self.pid:
                    raise
                # It died of what an earlier run had left: that goes, and what it saved is done anew.
                for path in restored:
                    path.unlink(missing_ok=True)
                return self._put(self._ready(prefix_bytes=0), request, hear)

    def _put(self, child: Child, request: dict[str, Any], hear: _Hear) -> dict[str, Any]:
        events = child.ask(request, self._patience)
        try:
            for event in events:
                if event["event"] == "done":
                    return event
                hear(event)
        finally:
            events.close()
        raise AssertionError("a request ends with done or an exception")

    def _ready(self, prefix_bytes: int | None = None) -> Child:
        """Return a child that has loaded the model, and keeps so many bytes of prefixes on disk."""
        if self._child is None or not self._child.alive:
            self.close()
            child = Child()
            try:
                load = {
                    "do": "load", "path": str(self._weights.path), "context": self._context,
                    "threads": self._threads, "gpu_layers": self._gpu_layers,
                    "prefixes": {
                        "model": self._weights.sha256, "folder": str(self._prefixes),
                        "bytes": self._prefix_bytes if prefix_bytes is None else prefix_bytes,
                    },
                }  # fmt: skip
                self._put(child, load, lambda _: None)
            except BaseException:
                child.close()
                raise
            self._child = child
        return self._child


def prefix_folder() -> Path:
    """Return where prefixes that were read are kept; it may be deleted at any time."""
    from platformdirs import user_cache_path

    return user_cache_path("codegate", appauthor=False) / "prefixes"


def _plain(messages: tuple[Message, ...]) -> list[dict[str, str]]:
    return [{"role": m.role, "content": m.content} for m in messages]


def _hole(hole: Hole) -> dict[str, Any]:
    return {"name": hole.name, "grammar": hole.grammar, "max_tokens": hole.max_tokens}


def _fitting_context(weights: Weights, shape: Shape, wanted: int | None) -> int:
    """Return the widest context up to `wanted` that was trained for and fits into memory."""
    found = fit(shape, wanted)
    if found.context is None:
        raise ModelError(
            f"{weights.id} needs some {found.needed / 1e9:.1f} GB of memory, "
            f"{max(found.free or 0, 0) / 1e9:.1f} GB are free",
            "close programs, or use a smaller model: codegate model use qwen2.5-coder-0.5b",
        )
    return found.context
