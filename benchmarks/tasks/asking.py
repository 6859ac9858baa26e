"""One task put to one model in one way, and what came of it."""

from __future__ import annotations

from benchmarks.tasks.bare import ask_bare
from benchmarks.tasks.checking import Desk
from benchmarks.tasks.gated import ask_gated
from benchmarks.tasks.result import Result
from benchmarks.tasks.task import Task
from benchmarks.tasks.way import Way
from codegate.core import Message, Prompt
from codegate.models import Model


def warm_up(model: Model) -> None:
    """Have a model loaded before the clock runs."""
    if model.identity.kind in ("local", "remote"):
        model.generate(Prompt((Message("user", "Say yes."),), 1), temperature=0.0, seed=0)


def attempt(desk: Desk, task: Task, model: Model, way: Way) -> Result:
    """Return what came of a task. Raises Wanted where the way needs a recipe that does not exist.

    The clock runs from the request to the decision, with a model that is loaded and a base whose tests were
    run; the hidden check is asked afterwards.
    """
    ask = ask_bare if way.mode == "free" else ask_gated
    return ask(desk, task, model, way)
