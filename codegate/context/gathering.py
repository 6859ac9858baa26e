"""What a model is shown of the base: the targets whole, then what is around them, within a token budget."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Final

from codegate.context.excerpts import (
    Excerpt,
    Source,
    beginning,
    mentioned,
    named,
    open_source,
    surroundings,
    target_in,
)
from codegate.context.keeping import Kept
from codegate.core import Request, Target
from codegate.errors import UsageError
from codegate.recipes import Draft, Form

Reader = Callable[[str], bytes | None]

# Tokens that a prompt needs beside what it quotes: the recipe's own words and the section marks.
_FRAME: Final = 350
# An answer copies the target and adds to it; a file that does not exist yet has no size to go by.
_ANSWER_GROWTH: Final = 1.25
_ANSWER_ROOM: Final = 384
_NEW_FILE_ROOM: Final = 1536
# What is around the targets is help, not the task, and on a laptop each token of it costs time.
_SURROUNDINGS_SHARE: Final = 8


@dataclass(frozen=True, slots=True)
class Context:
    """The excerpts that a model is shown, what was left out for want of room, and what it is to answer.

    `form` is the whole text of one `symbol` or one `file`, several `edits` as JSON, or the holes of a
    `skeleton`, that of `draft`. `max_tokens` is the room that was kept for the answer. `kept` are the files
    of which nothing may be told.
    """

    excerpts: tuple[Excerpt, ...]
    omitted: tuple[str, ...]
    form: Form
    max_tokens: int
    draft: Draft | None = None
    kept: Kept = field(default_factory=Kept)

    @property
    def targets(self) -> tuple[Excerpt, ...]:
        return tuple(e for e in self.excerpts if e.kind == "target")


def gather(
    request: Request,
    read: Reader,
    count: Callable[[str], int],
    budget: int,
    *,
    draft: Draft | None = None,
    around: bool = True,
    kept: Kept | None = None,
) -> Context:
    """Return what a model is shown for `request`: each target whole, and around them what there is room for.

    `read` gives a file's bytes in the base, or None where there is none. `count` counts tokens as the model
    does; it is called some ten times. `budget` is the model's window in tokens, for prompt and answer
    together. With a `draft` just its holes are answered; `around` says whether what is around the targets is
    shown. Nothing of a file in `kept` is in it. Raises UsageError for a target that does not exist, is no
    text, does not fit, or is kept.
    """
    kept = kept or Kept()
    kept.refuse(target.path for target in request.targets)
    read = kept.reading(read)
    if not request.targets:
        raise UsageError("nothing is named that could be changed", "name a file, or path::symbol")
    sources = {
        path: _source(path, request.targets, read) for path in dict.fromkeys(t.path for t in request.targets)
    }
    targets = [target_in(sources[t.path], t) for t in request.targets]
    if draft is not None:
        targets = [beginning(t) for t in targets]
    sizes = [count(t.text) for t in targets]
    if draft is None:
        answer = sum(_answer_room(t, size) for t, size in zip(targets, sizes, strict=True))
    else:
        answer = draft.max_tokens + count(
            "".join(p if isinstance(p, str) else p.help for p in draft.skeleton)
        )
    words = _FRAME + count("\n".join([request.instruction, *request.remarks, *request.inputs.values()]))
    room = budget - words - sum(sizes) - answer
    if room < 0:
        raise _too_large(request.targets, sizes, words + answer, budget)
    others = [*mentioned(request, read)]
    if draft is not None:
        others[:0] = [e for target in draft.named for e in named(target, read)]
    if around:
        others += [e for s in sources.values() for e in surroundings(s, request)]
    fitting, omitted = _fit(others, min(room, budget // _SURROUNDINGS_SHARE), count)
    if draft is None:
        return Context((*fitting, *targets), omitted, _form(request.targets), answer, kept=kept)
    return Context((*fitting, *targets), omitted, "skeleton", draft.max_tokens, draft, kept)


def _source(path: str, targets: tuple[Target, ...], read: Reader) -> Source:
    data = read(path)
    if data is None and any(t.symbol is not None for t in targets if t.path == path):
        raise UsageError(f"there is no {path}", f"to make a new file, name it alone: {path}")
    return open_source(path, data or b"")


def _form(targets: tuple[Target, ...]) -> Form:
    if len(targets) > 1:
        return "edits"
    return "file" if targets[0].symbol is None else "symbol"


def _answer_room(target: Excerpt, size: int) -> int:
    return int(size * _ANSWER_GROWTH) + _ANSWER_ROOM if target.text else _NEW_FILE_ROOM


def _too_large(targets: tuple[Target, ...], sizes: list[int], needed: int, budget: int) -> UsageError:
    largest = max(zip(sizes, targets, strict=True), key=lambda pair: pair[0])[1]
    hint = "name a symbol in it" if largest.symbol is None else "name a smaller symbol"
    return UsageError(
        f"{largest} does not fit: {sum(sizes)} tokens to show, and {needed} for the instruction and the "
        f"answer, where the model takes {budget} in all",
        f"{hint}, or use a model with a larger window",
    )


def _fit(
    excerpts: list[Excerpt], room: int, count: Callable[[str], int]
) -> tuple[list[Excerpt], tuple[str, ...]]:
    """Return the excerpts that fit in `room` tokens, first come first kept, and a line for what does not.

    An excerpt of many chunks is cut to its share of the room; one more count tells whether that was enough.
    """
    kept: list[Excerpt] = []
    omitted: list[str] = []
    for excerpt in excerpts:
        size, whole = count(excerpt.text), len(excerpt.chunks)
        if size > room:
            part = replace(excerpt, chunks=excerpt.chunks[: int(whole * 0.9 * room / size)])
            left_out = whole - len(part.chunks)
            omitted.append(f"{excerpt.title}: {left_out} of {whole}" if part.chunks else excerpt.title)
            excerpt, size = part, count(part.text) if part.chunks else 0
        if excerpt.chunks and size <= room:
            kept.append(excerpt)
            room -= size
    return kept, tuple(omitted)
