"""Work that goes on beside, and that nobody has to wait for who gave up on it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

_Result = TypeVar("_Result")


def begin(work: Callable[[], _Result]) -> Future[_Result]:
    """Return the outcome to be of `work`, which runs in a thread that does not keep the program from ending.

    The threads of `concurrent.futures` do: after ^C the program would wait for a silent server.
    """
    outcome: Future[_Result] = Future()

    def run() -> None:
        try:
            outcome.set_result(work())
        except BaseException as error:
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True).start()
    return outcome
