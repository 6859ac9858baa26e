"""`python -m benchmarks.tasks`: validate the task set, run models on it, draw what came of it."""

from __future__ import annotations

import argparse
import fnmatch
import sys
from collections.abc import Sequence
from pathlib import Path

import platformdirs

from benchmarks.tasks.checking import Desk
from benchmarks.tasks.library import Shelf
from benchmarks.tasks.task import Task, TaskSet, load_tasks
from benchmarks.tasks.validation import faults


def main() -> int:
    given = _arguments()
    tasks = load_tasks()
    shelf = Shelf(given.folder.resolve(), tasks.environment)
    return int(given.does(Desk(shelf, tasks.libraries), tasks, given))


def _validate(desk: Desk, tasks: TaskSet, given: argparse.Namespace) -> int:
    wanted = _chosen(tasks.tasks, given)
    wrong = 0
    for number, (task, fault) in enumerate(faults(desk, wanted), 1):
        if fault:
            wrong += 1
            print(f"{task.id}: {fault}", flush=True)
        elif sys.stderr.isatty():
            print(f"\r{number} of {len(wanted)}", end="", file=sys.stderr)
    print(f"{len(wanted)} tasks of version {tasks.version}, {wrong} with a mistake")
    return 1 if wrong else 0


def _list(desk: Desk, tasks: TaskSet, given: argparse.Namespace) -> int:
    for task in _chosen(tasks.tasks, given):
        print(f"{task.id:50} {task.target}")
    return 0


def _chosen(tasks: Sequence[Task], given: argparse.Namespace) -> list[Task]:
    """Return the tasks of the families and patterns that were named, all without any."""
    return [
        task for task in tasks
        if (not given.family or task.family in given.family)
        and (not given.tasks or any(fnmatch.fnmatch(task.id, pattern) for pattern in given.tasks))
    ]  # fmt: skip


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.tasks", description=__doc__)
    home = Path(platformdirs.user_cache_dir("codegate")) / "bench"
    parser.add_argument("--folder", type=Path, default=home, help=f"where the libraries are kept ({home})")
    verbs = parser.add_subparsers(required=True, metavar="VERB")
    for name, does, help_ in (
        ("list", _list, "print the tasks"),
        ("validate", _validate, "say which tasks cannot be solved, or whose check cannot tell"),
    ):
        verb = verbs.add_parser(name, help=help_)
        verb.set_defaults(does=does)
        verb.add_argument("--family", action="append", metavar="NAME", help="only this family (repeatable)")
        verb.add_argument("--tasks", action="append", metavar="PATTERN", help="only tasks whose id fits (repeatable)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
