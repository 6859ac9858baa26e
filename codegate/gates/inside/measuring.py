"""Which changed lines ran, and how many tests ran one, measured by coverage.py. PYTEST_DONT_REWRITE"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from typing import Any

from .speech import SETTINGS


class Measurement:
    """Of the changed files alone, from `start` to `said`; `unmeasured` says why there is none."""

    def __init__(self) -> None:
        self.unmeasured = ""
        self._lines: dict[str, list[int]] = {os.path.abspath(p): n for p, n in SETTINGS["measured"].items()}
        self._paths = {os.path.abspath(path): path for path in SETTINGS["measured"]}
        self._coverage: Any = None
        self._trace: Any = None

    def start(self) -> None:
        if sys.gettrace() is not None:
            self.unmeasured = "something else traces these tests"
            return
        try:
            coverage = _import_coverage()
            importlib.import_module("coverage.tracer")  # the one in Python would take many times as long
        except ImportError:
            self.unmeasured = "no coverage.py fits this Python"
            return
        os.environ["COVERAGE_CORE"] = "ctrace"  # the other core knows no tests
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._coverage = coverage.Coverage(data_file=None, config_file=False, include=list(self._lines))
            self._coverage.start()
        del os.environ["COVERAGE_CORE"]
        self._trace = sys.gettrace()

    def enter(self, test: str) -> None:
        if self._coverage is not None:
            self._coverage.switch_context(test)

    def leave(self) -> None:
        if self._coverage is None:
            return
        # Its name stays until the next one comes: a switch takes about half a millisecond.
        if sys.gettrace() is not self._trace:
            self.unmeasured = "a test traces by itself"

    def said(self) -> dict[str, Any]:
        """Stop, and return what is to be said."""
        if self._coverage is None or self.unmeasured:
            return {"unmeasured": self.unmeasured}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self._coverage.stop()
            data = self._coverage.get_data()
            found = {path: self._file(data, path) for path in self._lines}
        touching = {test for _, _, tests in found.values() for test in tests}
        measured = {
            self._paths[path]: {"statements": sorted(changed), "ran": sorted(ran)}
            for path, (changed, ran, _) in found.items()
        }
        return {"measured": measured, "touching": len(touching)}

    def executed(self, path: str, lines: list[int]) -> set[int] | None:
        """Return which lines lie in statements that a test ran, once it has stopped; None if nobody knows."""
        if self._coverage is None or self.unmeasured:
            return None
        from coverage.python import PythonFileReporter

        source, data = PythonFileReporter(os.path.abspath(path), self._coverage), self._coverage.get_data()
        ran: set[int] = set()
        for line, contexts in data.contexts_by_lineno(os.path.abspath(path)).items():
            if any(contexts):
                ran |= source.translate_lines([line])
        return {line for line in lines if source.translate_lines([line]) & ran}

    def _file(self, data: Any, path: str) -> tuple[set[int], set[int], set[str]]:
        """Return a file's changed statements, by their first lines; which of them ran; by which tests."""
        from coverage.python import PythonFileReporter

        source = PythonFileReporter(path, self._coverage)
        changed = source.translate_lines(self._lines[path]) & (source.lines() - source.excluded_lines())
        ran, tests = set(), set()
        for line, contexts in data.contexts_by_lineno(path).items():
            if here := source.translate_lines([line]) & changed:
                ran |= here
                tests |= {test for test in contexts if test}
        return changed, ran, tests


def _import_coverage() -> Any:
    """Return the project's own coverage.py, else codegate's."""
    try:
        return importlib.import_module("coverage")
    except ImportError:
        if not SETTINGS["coverage"]:
            raise
        sys.path.append(SETTINGS["coverage"])
        try:
            return importlib.import_module("coverage")
        finally:
            sys.path.remove(SETTINGS["coverage"])
