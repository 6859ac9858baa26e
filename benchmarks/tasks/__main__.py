"""`python -m benchmarks.tasks`: ask models the tasks, show what came of it, see whether tasks are sound."""

from __future__ import annotations

import argparse
import fnmatch
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from benchmarks.tasks.checking import Desk
from benchmarks.tasks.gated import refused_reference
from benchmarks.tasks.library import Shelf
from benchmarks.tasks.plot import draw
from benchmarks.tasks.result import Record
from benchmarks.tasks.running import run
from benchmarks.tasks.table import lines, render
from benchmarks.tasks.task import Task, TaskSet, load_tasks
from benchmarks.tasks.validation import faults
from benchmarks.tasks.way import MODES, Way

_HOME = Path(platformdirs.user_cache_dir("codegate")) / "bench"
# What the table in the README sets against one another.
_WAYS = ("rules", "free", "symbol", "recipe", "symbol:8", "recipe:8")


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    tasks = load_tasks()
    desk = Desk(Shelf(given.folder.resolve(), tasks.environment), tasks.libraries)
    return int(given.does(desk, tasks, given))


def _run(desk: Desk, tasks: TaskSet, given: argparse.Namespace) -> int:
    """Ask, and print the table of all that the results file has; 1 if the time was over first."""
    # Waiting threads that spin take the processors from those that work.
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    record = Record(given.results, tasks.sha256)
    models = given.model or ["qwen2.5-coder-1.5b"]
    done = run(desk, _chosen(tasks, given), models, given.mode or _ways(_WAYS), record, given.budget_minutes)
    print(render(record.results()), end="")
    return 0 if done else 1


def _table(desk: Desk, tasks: TaskSet, given: argparse.Namespace) -> int:
    """Print the table of a results file, and draw it where `--svg` says so."""
    results = Record(given.results, tasks.sha256).results()
    wanted = {task.id for task in _chosen(tasks, given)}
    results = [one for one in results if one.task in wanted]
    if not results:
        print(f"there is no result of this task set in {given.results}", file=sys.stderr)
        return 1
    print(render(results), end="")
    if given.svg:
        given.svg.write_text(draw(lines(results)), "utf-8")
    return 0


def _validate(desk: Desk, tasks: TaskSet, given: argparse.Namespace) -> int:
    """Say of each task whether its right answer passes and its wrong ones do not; 1 if one is not sound."""
    wanted, wrong = _chosen(tasks, given), 0
    for number, (task, fault) in enumerate(faults(desk, wanted), 1):
        if fault:
            wrong += 1
            print(f"{task.id}: {fault}", flush=True)
        elif sys.stderr.isatty():
            print(f"\r{number} of {len(wanted)}", end="", file=sys.stderr)
    print(f"{len(wanted)} tasks of version {tasks.version}, {wrong} with a mistake")
    return 1 if wrong else 0


def _gates(desk: Desk, tasks: TaskSet, given: argparse.Namespace) -> int:
    """Say of each task what the gates have against its right answer; 1 if they refuse one."""
    refused = 0
    for task in _chosen(tasks, given):
        if said := refused_reference(desk, task):
            refused += 1
            print(f"{task.id}: {said}", flush=True)
    print(f"{refused} right answers refused")
    return 1 if refused else 0


def _list(desk: Desk, tasks: TaskSet, given: argparse.Namespace) -> int:
    for task in _chosen(tasks, given):
        print(f"{task.id:50} {task.target}")
    return 0


def _chosen(tasks: TaskSet, given: argparse.Namespace) -> list[Task]:
    """Return the tasks of the families and patterns that were named, all without any."""
    return [
        task for task in tasks.tasks
        if (not given.family or task.family in given.family)
        and (not given.tasks or any(fnmatch.fnmatch(task.id, pattern) for pattern in given.tasks))
    ]  # fmt: skip


def _way(text: str) -> Way:
    mode, _, number = text.partition(":")
    if mode not in MODES or (number and not number.isdigit()) or (number and mode in ("rules", "free")):
        raise argparse.ArgumentTypeError(f"no such way: {text} (there are {', '.join(_WAYS)})")
    return Way(mode, int(number or 1))


def _ways(texts: Sequence[str]) -> list[Way]:
    return [_way(text) for text in texts]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tasks", description=__doc__)
    parser.add_argument("--folder", type=Path, default=_HOME, help=f"where the libraries are kept ({_HOME})")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for name, does, help_ in (
        ("run", _run, "ask models what was not asked yet, and print the table"),
        ("table", _table, "print the table of what was asked, and draw it"),
        ("validate", _validate, "say which tasks cannot be solved, or whose check cannot tell"),
        ("gates", _gates, "say which right answers the gates would refuse"),
        ("list", _list, "print the tasks"),
    ):
        verb = verbs.add_parser(name, help=help_, description=does.__doc__)
        verb.set_defaults(does=does)
        verb.add_argument("--family", action="append", metavar="NAME", help="only this family (repeatable)")
        verb.add_argument(
            "--tasks", action="append", metavar="PATTERN", help="only tasks whose id fits (repeatable)"
        )
        if does in (_run, _table):
            verb.add_argument("--results", type=Path, default=_HOME / "results.jsonl", metavar="FILE")
        if does is _table:
            verb.add_argument("--svg", type=Path, metavar="FILE", help="draw it there")
        if does is _run:
            verb.add_argument("--model", action="append", metavar="ID", help="which to ask (repeatable)")
            verb.add_argument(
                "--mode", action="append", type=_way, metavar="WAY", help=f"one of {', '.join(_WAYS)}"
            )
            verb.add_argument(
                "--budget-minutes", type=float, metavar="N", help="end after the task that is asked then"
            )
    return parser


if __name__ == "__main__":
    sys.exit(main())
