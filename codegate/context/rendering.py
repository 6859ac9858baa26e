"""A context written out as a prompt, in which no quoted text can pass for anything else."""

from __future__ import annotations

import hashlib
import re
from typing import Final

from codegate.context.excerpts import Excerpt
from codegate.context.gathering import Context
from codegate.core import Message, Prompt, Request
from codegate.edits import EDITS_SCHEMA
from codegate.errors import UsageError
from codegate.recipes import Recipe
from codegate.visible import visible

_NOTED: Final = "Noted. I will not repeat any of it."


def render(context: Context, recipe: Recipe, request: Request) -> Prompt:
    """Return the prompt for a context: equal for equal input, and no text in it can end or open a section.

    Each excerpt and each remark stands between marks that hold a nonce. The nonce is a digest of the excerpts
    and occurs in no text of the prompt, so that text cannot write a mark. What is shown is at the front and
    what is asked at the end: a model that kept the front in memory reads only the end again. What is around
    the targets has a turn of its own: beside them, small models take it for part of what they are to write.
    """
    if context.form not in recipe.forms:
        made = ", ".join(recipe.forms)
        raise UsageError(f"recipe {recipe.name} makes no {context.form}", f"it is made for: {made}")
    inputs = recipe.fill(request.inputs)
    draft = context.draft
    nonce = _nonce(context, [request.instruction, *request.remarks, *request.inputs.values()])
    system, reference, task = recipe.write(
        form=context.form,
        instruction=request.instruction,
        inputs=inputs,
        subject=visible(context.targets[0].symbol or context.targets[0].path),
        is_new=not context.targets[0].text,
        targets=[visible(str(t)) for t in request.targets],
        sections=[_section(nonce, e.title, _fenced(e)) for e in context.targets],
        surroundings=[_section(nonce, e.title, e.text) for e in context.excerpts if e.kind != "target"],
        remarks=[_section(nonce, "remark", remark) for remark in request.remarks],
        holes=[] if draft is None else [{"name": h.name, "help": h.help} for h in draft.holes],
    )
    schema = EDITS_SCHEMA if context.form == "edits" else None
    messages = [Message("system", system), Message("user", task)]
    if len(context.excerpts) > len(context.targets):
        messages[1:1] = [Message("user", reference), Message("assistant", _NOTED)]
    skeleton = () if draft is None else draft.skeleton
    return Prompt(tuple(messages), context.max_tokens, schema=schema, skeleton=skeleton)


def _nonce(context: Context, others: list[str]) -> str:
    shown = [f"{e.title}\0{e.text}" for e in context.excerpts]
    everything = "\0".join([*shown, *others])
    digest = hashlib.sha256("\0".join(shown).encode("utf-8", "backslashreplace"))
    while (nonce := digest.hexdigest()[:8]) in everything:
        digest.update(b"again")
    return nonce


def _section(nonce: str, title: str, text: str) -> str:
    return f"[{nonce}: {visible(title)}]\n{text}\n[{nonce}: end]"


def _fenced(target: Excerpt) -> str:
    """Return a target in the form that its answer is to have.

    Only targets are: a small model takes any other fenced block for part of what it is to write.
    """
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", target.text)), default=0))
    return f"{fence}{target.language}\n{target.text}\n{fence}"
