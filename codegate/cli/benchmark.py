"""The task set that `codegate model bench` runs: it is in codegate's repository, in no installed package."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence
from pathlib import Path

from codegate.errors import UsageError

_MODULE = "benchmarks.tasks"


def ask_tasks(arguments: Sequence[str], checkout: Path | None = None) -> int:
    """Run the task set with the options of its `run`, and return its exit status.

    `checkout` is that of codegate, by default the one around this package. Raises UsageError where there is
    none.
    """
    top = checkout or Path(__file__).resolve().parents[2]
    if not (top / "benchmarks" / "tasks" / "__main__.py").is_file():
        raise UsageError(
            "the task set is not part of the installed codegate",
            "clone codegate's repository, run `make environment` there, and then this command of its .venv",
        )
    sys.path.insert(0, str(top))
    status: int = importlib.import_module(f"{_MODULE}.__main__").main(["run", *arguments])
    return status
