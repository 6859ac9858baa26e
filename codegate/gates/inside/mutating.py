"""Which mutants of one function the tests notice, tried in this very process. PYTEST_DONT_REWRITE"""

from __future__ import annotations

import functools
import gc
import os
import signal
import time
import types
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .speech import say

_SLOWER = 5.0  # a mutant may take this many times as long, and a second, before it counts as noticed


class _ExpiredError(BaseException):
    """No code that handles errors handles it."""


class Mutation:
    """Runs tests on one mutant after the other: each is the function's code, and nothing else, exchanged.

    So no module is loaded anew, and whatever refers to the function runs the mutant.
    """

    def __init__(self, settings: dict[str, Any]) -> None:
        self._path = os.path.abspath(settings["path"])
        self._name, self._first = settings["name"], settings["first"]
        self._mutants, self._most = settings["mutants"], settings["most"]
        self.lines = sorted({mutant["line"] for mutant in self._mutants})

    def __call__(self, tests: dict[str, Any], executed: set[int] | None) -> None:
        """Say of each mutant whether a test fails on it; `tests` run one and return whether it passed."""
        functions = [found for found in gc.get_objects() if self._is_it(found)]
        if not functions:
            say({"trial": {"unreachable": "the function cannot be found where the tests run"}})
            return
        if not tests:
            say({"trial": {"untried": "none of them passes"}})
            return
        started = time.monotonic()
        if not all(test() for test in tests.values()):
            say({"trial": {"untried": "the tests do not pass when they are repeated"}})
            return
        seconds = 1 + _SLOWER * (time.monotonic() - started)
        reached = [n for n, m in enumerate(self._mutants) if executed is None or m["line"] in executed]
        say({"trial": {"reached": len(reached)}})
        for number in _spread(reached, self._most):
            code = self._code(self._mutants[number])
            if code is not None:
                say({"trial": {"trying": number}})
                with _exchanged(functions, code):
                    survived = _survives(tests, seconds)
                say({"trial": {"mutant": number, "killed": not survived}})

    def _is_it(self, found: Any) -> bool:
        if type(found) is not types.FunctionType:
            return False
        code: types.CodeType = found.__code__
        named: bool = code.co_name == self._name and code.co_firstlineno == self._first
        return named and os.path.abspath(code.co_filename) == self._path

    def _code(self, mutant: dict[str, Any]) -> types.CodeType | None:
        with open(self._path, "rb") as file:
            source = file.read()
        start, end = mutant["start"], mutant["end"]
        bom = 3 if source.startswith(b"\xef\xbb\xbf") else 0
        source = source[: bom + start] + mutant["text"].encode() + source[bom + end :]
        waiting: list[types.CodeType] = []
        try:
            waiting.append(compile(source, self._path, "exec", dont_inherit=True))
        except (SyntaxError, ValueError):
            return None
        for code in waiting:
            if code.co_name == self._name and code.co_firstlineno == self._first:
                return code
            waiting.extend(const for const in code.co_consts if isinstance(const, types.CodeType))
        return None


def _spread(numbers: list[int], most: int) -> list[int]:
    """Return some of the numbers, evenly over all of them."""
    if len(numbers) <= most:
        return numbers
    return [numbers[place * (len(numbers) - 1) // (most - 1)] for place in range(most)]


@contextmanager
def _exchanged(functions: list[Any], code: types.CodeType) -> Iterator[None]:
    kept = [function.__code__ for function in functions]
    caches = [
        found
        for found in gc.get_objects()
        if isinstance(found, functools._lru_cache_wrapper) and found.__wrapped__ in functions
    ]
    try:
        for function in functions:
            function.__code__ = code
        for cache in caches:
            cache.cache_clear()
        yield
    finally:
        for function, old in zip(functions, kept):  # noqa: B905  # Python 3.8 and 3.9 know no `strict`
            function.__code__ = old
        for cache in caches:
            cache.cache_clear()


def _survives(tests: dict[str, Any], seconds: float) -> bool:
    def expire(number: int, frame: object) -> None:
        raise _ExpiredError

    before = signal.signal(signal.SIGALRM, expire)
    signal.setitimer(signal.ITIMER_REAL, seconds, 0.5)  # again, if something swallows it
    try:
        return all(test() for test in tests.values())
    except _ExpiredError:
        return False
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
