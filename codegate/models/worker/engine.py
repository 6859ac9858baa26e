"""One loaded model: reads a prompt once, and writes all its answers side by side."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from .answer import Answer
from .chat import Chat
from .context import SEQUENCES, Context, Sequence
from .filling import Filler, Gap, gaps
from .grammar import Grammars, of_schema
from .library import Library
from .prefixes import Prefixes
from .refusal import RefusedError
from .sampling import Sampler
from .vocabulary import Vocabulary
from .writing import Writer, write, write_by_lookup

Send = Callable[..., None]


@dataclass(frozen=True, slots=True)
class Task:
    """What is to be answered. `given` is the prompt, and what stands at the start of each answer."""

    prompt_tokens: int
    marks: list[int]  # how long those prefixes are that another prompt may share
    given: list[int]
    max_tokens: int
    grammar: str | None
    gaps: list[Gap]
    share: int  # how many tokens one answer may add
    alone: bool  # whether it is the only one


class Engine:
    """Answers are deterministic for equal prompt, samplings and cached prefix only."""

    def __init__(
        self,
        send: Send,
        path: str,
        context: int,
        threads: int,
        gpu_layers: int | None,
        prefixes: dict[str, Any],
    ) -> None:
        self._send = send
        self._library = Library()
        self._lib = self._library.lib
        model = self._library.load(path, gpu_layers)
        self._vocabulary = Vocabulary(self._lib, model)
        self._chat = Chat(self._lib, model, self._vocabulary)
        self._grammars = Grammars(self._library, self._vocabulary)
        self._context = Context(self._lib, model, context, threads)
        self._trunk = Sequence(0)
        key = [prefixes["model"], self._library.version, "f16"]
        self._prefixes = Prefixes(self._lib, self._context, send, prefixes["folder"], key, prefixes["bytes"])

    @property
    def context_tokens(self) -> int:
        return self._context.tokens

    def count(self, text: str) -> int:
        return len(self._vocabulary.plain(text))

    def tokens(self, messages: list[dict[str, str]]) -> list[int]:
        """Return the conversation's tokens. No text of a message becomes a control token."""
        return self._chat.tokens(messages)[0]

    def generate(
        self,
        messages: list[dict[str, str]],
        max_tokens: int,
        samplings: list[dict[str, Any]],
        grammar: str | None,
        schema: dict[str, Any] | None,
        skeleton: list[str | dict[str, Any]],
    ) -> None:
        """Send an answer for each sampling, and its text as it comes."""
        if schema is not None:
            grammar = of_schema(schema)
        task = self._task(messages, max_tokens, grammar, skeleton, alone=len(samplings) == 1)
        # Answers share the prompt's place in the context; those that do not fit beside each other wait.
        room = self._context.tokens - len(task.given)
        width = max(1, min(SEQUENCES, room // task.share))
        for start in range(0, len(samplings), width):
            self._answer(task, list(enumerate(samplings))[start : start + width])

    def _task(
        self,
        messages: list[dict[str, str]],
        max_tokens: int,
        grammar: str | None,
        skeleton: list[Any],
        *,
        alone: bool,
    ) -> Task:
        """Return what is to be done. Raises RefusedError, before anything is read, if it does not fit."""
        prompt, starts = self._chat.tokens(messages)
        first, holes = gaps(skeleton) if skeleton else ("", [])
        for one in (grammar, *(hole.grammar for hole in holes)):
            if one is not None:
                self._grammars.state(one).close()  # an invalid one is refused before anything is read
        given = prompt + self._vocabulary.plain(first)
        literal = sum(len(self._vocabulary.plain(hole.after)) for hole in holes[:-1])
        room = self._context.tokens - len(given)
        if room <= literal + len(holes):
            raise RefusedError(
                f"the prompt takes {len(given) + literal} tokens,"
                f" the model's context holds {self._context.tokens}",
                "ask about a smaller file or name a symbol in it: path::symbol",
            )
        # A token that ends a hole is read only to be cut off again: a few to spare for each.
        wanted = literal + sum(hole.limit + 4 for hole in holes) if holes else max_tokens
        return Task(
            len(prompt), [*starts, len(prompt)], given, max_tokens, grammar, holes, min(wanted, room), alone
        )

    def _answer(self, task: Task, samplings: list[tuple[int, dict[str, Any]]]) -> None:
        started = time.monotonic()
        answers = [Answer(number, self._send, started) for number, _ in samplings]
        samplers: list[Sampler] = []
        try:
            for _, sampling in samplings:
                samplers.append(Sampler(self._lib, self._context, self._vocabulary, **sampling))
            self._prefixes.restore(self._trunk, task.given, task.marks)
            place = self._read(task.given)
            sequences = [self._trunk, *(self._context.copy(self._trunk, n) for n in range(1, len(answers)))]
            writers = {
                sequence.number: (answer, sequence, self._writer(task, answer, sequence, sampler))
                for answer, sequence, sampler in zip(answers, sequences, samplers, strict=True)
            }
            self._write(writers, dict.fromkeys(writers, place), task.prompt_tokens)
            self._prefixes.keep(self._trunk, task.given, task.marks[-2:])
        except BaseException:
            self._context.clear()
            self._trunk = Sequence(0)
            raise
        finally:
            for sampler in samplers:
                sampler.close()

    def _writer(self, task: Task, answer: Answer, sequence: Sequence, sampler: Sampler) -> Writer:
        if task.gaps:
            return Filler(
                answer, sequence, sampler, self._context, self._vocabulary, self._grammars, task.gaps,
                task.max_tokens, len(task.given) + task.share,
            ).write()  # fmt: skip
        if task.grammar is not None:
            sampler.hold(self._grammars.state(task.grammar))
        elif task.alone and sampler.greedy:
            return write_by_lookup(answer, sequence, sampler, self._context, self._vocabulary, task.share)
        return write(answer, sequence, sampler, self._vocabulary, task.share)

    def _read(self, tokens: list[int]) -> int:
        """Read a prompt, or what is new of it; return where its scores are."""
        self._context.turn(self._trunk, tokens)
        while True:
            places = self._context.step([self._trunk])
            self._send("progress", doing="reading", done=self._trunk.read, of=len(tokens))
            if places:
                return places[0]

    def _write(
        self, live: dict[int, tuple[Answer, Sequence, Writer]], places: dict[int, int], prompt_tokens: int
    ) -> None:
        """Write answers side by side, a batch a step, until each has ended by itself."""
        for _, _, writer in live.values():
            next(writer)
        while live:
            for number, place in places.items():
                answer, sequence, writer = live[number]
                try:
                    writer.send(place)
                except StopIteration:
                    answer.tell(prompt_tokens)
                    del live[number]
                    if sequence is not self._trunk:
                        self._context.drop(sequence)
            places = self._context.step(sequence for _, sequence, _ in live.values()) if live else {}
