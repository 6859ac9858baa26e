"""Tasks asked one after the other, each written down at once, so that a run can end anywhere and go on."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence

from benchmarks.tasks.asking import attempt, warm_up
from benchmarks.tasks.checking import Desk
from benchmarks.tasks.result import Record, Result
from benchmarks.tasks.task import Task
from benchmarks.tasks.way import Wanted, Way
from codegate.config import load_user
from codegate.errors import CodegateError
from codegate.models import Model, open_model


def run(
    desk: Desk, tasks: Sequence[Task], models: Sequence[str], ways: Sequence[Way], record: Record,
    minutes: float | None = None,
) -> bool:  # fmt: skip
    """Ask what was not asked yet, and say on standard error what comes of it; False if time ended first.

    Rules alone need no model and are asked once; without a recipe of its family a task is passed over.
    """
    deadline = None if minutes is None else time.monotonic() + 60 * minutes
    done = {one.key for one in record.results()}
    for name, way in [(name, way) for name in models for way in ways if way.mode != "rules"] + [
        ("none", way) for way in ways if way.mode == "rules"
    ]:
        with open_model(name, load_user()) as model:
            left = [task for task in tasks if (model.identity.id, way.name, task.id) not in done]
            _say(f"{name}, {way.name}: {len(left)} of {len(tasks)} tasks left")
            if left:
                warm_up(model)
            for number, task in enumerate(left, 1):
                if deadline is not None and time.monotonic() > deadline:
                    _say(f"the time is over; the same command goes on from here ({record.path})")
                    return False
                _one(desk, task, model, way, record, f"{number}/{len(left)}")
    return True


def _one(desk: Desk, task: Task, model: Model, way: Way, record: Record, count: str) -> None:
    try:
        result = attempt(desk, task, model, way)
    except Wanted as recipe:
        _say(f"{count} {task.id}: there is no recipe {recipe}")
        return
    except CodegateError as error:
        raise SystemExit(f"{task.id}: {error.message}\n{error.hint}") from error
    record.add(result)
    _say(f"{count} {task.id}: {_word(result)}, {result.seconds:.1f} s, {result.tokens} tokens")


def _word(one: Result) -> str:
    if one.right:
        return "right"
    what = "WRONG" if one.accepted else "right, and refused" if one.refused_right else "none"
    return f"{what} ({' '.join(one.said.split())[:160]})"


def _say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
