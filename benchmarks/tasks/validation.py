"""Whether each task can be solved, and its check can tell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor

from benchmarks.tasks.checking import Desk
from benchmarks.tasks.task import Task
from codegate.errors import UsageError
from codegate.recipes import Shelf


def faults(desk: Desk, tasks: Sequence[Task], workers: int = 2) -> Iterator[tuple[Task, str]]:
    """Yield each task with what is wrong with it, "" if nothing, in their order.

    A right answer must pass its check; the untouched code, and at least one wrong answer, must not.
    """
    for task in tasks:
        desk.top(task)  # fetched by one, not by several at once
    with ThreadPoolExecutor(workers) as pool:
        yield from zip(tasks, pool.map(lambda task: fault(desk, task), tasks), strict=True)


def fault(desk: Desk, task: Task) -> str:
    """Return what is wrong with a task, "" if nothing."""
    if said := _inputs_fault(task):
        return said
    try:
        before, right, wrong = desk.prepared(task), desk.reference(task), desk.wrong(task)
    except (ValueError, SyntaxError) as error:
        return str(error)
    if said := desk.fault(task, right):
        return f"the right answer fails: {said}"
    if not desk.fault(task, before):
        return "the untouched code passes"
    if not wrong:
        return "there is no wrong answer"
    for number, files in enumerate(wrong, 1):
        if not (said := desk.fault(task, files)):
            return f"wrong answer {number} passes"
        if said.startswith(("SyntaxError", "NameError", "KeyError")) and task.family not in ("tests",):
            return f"wrong answer {number} fails for {said}"
    return ""


def _inputs_fault(task: Task) -> str:
    """Return what the recipe of a task's family, if there is one, says against its inputs."""
    shelf = Shelf()
    if task.recipe not in shelf.names():
        return ""
    try:
        shelf.open(task.recipe).fill(task.asked_inputs)
    except UsageError as error:
        return f"{error.message} ({error.hint})"
    return ""
