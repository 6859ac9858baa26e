"""A task asked in one plain chat for the whole text: no recipe, no gate, and what can be read counts."""

from __future__ import annotations

import time
from typing import Final

from benchmarks.tasks.checking import Desk
from benchmarks.tasks.editing import Files, definition_text
from benchmarks.tasks.result import Result
from benchmarks.tasks.task import Task
from benchmarks.tasks.way import Way
from codegate.answer import parse
from codegate.context import Context
from codegate.core import Message, Prompt, Proposal, Request, Target
from codegate.errors import ModelError, PatchRefused
from codegate.models import Model

# Room for the answer, if the model's window has as much beside the prompt.
_ANSWER_TOKENS: Final = 3000
_CHAT_TOKENS: Final = 400


def ask_bare(desk: Desk, task: Task, model: Model, way: Way) -> Result:
    """Return what came of a task: accepted is what can be read, as one would paste it in."""
    at = Target(task.writes) if task.writes else task.at
    files = desk.prepared(task)
    old = files.get(at.path) or desk.read(task, at.path)
    prompt = _prompt(task, at, definition_text(files[task.at.path], task.at.symbol), model)
    began = time.monotonic()
    try:
        proposal = model.generate(prompt, temperature=0.0, seed=0)
    except ModelError as error:
        return Result(model.identity.id, way.name, task.id, task.family, said=error.message)
    said, after = _read(task, at, proposal, old)
    seconds = time.monotonic() - began
    fault = desk.fault(task, after) if after is not None else ""
    written = proposal.answer_tokens
    return Result(
        model.identity.id, way.name, task.id, task.family, answers=1, readable=int(after is not None),
        accepted=after is not None, right=after is not None and not fault, said=said or fault,
        seconds=seconds, model_seconds=proposal.seconds, text=proposal.text,
        tokens=model.count(proposal.text) if written is None else written,
    )  # fmt: skip


def _read(task: Task, at: Target, proposal: Proposal, old: str) -> tuple[str, Files | None]:
    """Return why an answer cannot be read, "" if it can, and the files that it makes."""
    context = Context((), (), "symbol" if at.symbol else "file", _ANSWER_TOKENS)
    data = old.encode() if old else None
    try:
        patch = parse(
            proposal,
            Request(task.instruction, (at,)),
            context,
            lambda path: data if path == at.path else None,
        )
    except PatchRefused as refusal:
        return f"{refusal.rule}: {refusal.message}", None
    return "", {path: text.decode() for path, text in (patch.files or {}).items()}


def _prompt(task: Task, at: Target, shown: str, model: Model) -> Prompt:
    language = "python" if task.at.path.endswith(".py") else "text"
    title = f"Here is `{task.at.symbol or task.at.path}` of `{task.at.path}`:"
    quoted = f"{title}\n\n```{language}\n{shown.rstrip()}\n```\n"
    what = f"file `{at.path}`" if task.writes else f"text of `{at.symbol or at.path}`"
    chat = f"{quoted}\n{task.instruction}\nAnswer with the whole new {what} in one code block."
    room = max(_CHAT_TOKENS, min(_ANSWER_TOKENS, model.context_tokens - model.count(chat) - _CHAT_TOKENS))
    return Prompt((Message("user", chat),), room)
