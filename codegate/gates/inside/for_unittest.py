"""Runs what `python -m unittest` would run with the same arguments, and says what each test said."""

from __future__ import annotations

import functools
import os
import sys
import unittest
from typing import Any

from .instancing import Instances
from .measuring import Measurement
from .mutating import Mutation
from .speech import SETTINGS, cut, say

_ONLY = SETTINGS["only"]
_CANARIES = SETTINGS["canaries"]
_NONE_RAN = 5  # as pytest has it, and unittest itself since Python 3.12
_MEASUREMENT = Measurement() if SETTINGS["measured"] else None
_MUTATION = Mutation(SETTINGS["mutation"]) if SETTINGS["mutation"] else None
_INSTANCES = Instances(SETTINGS["instances"]) if SETTINGS["instances"] else None
_PASSED: dict[str, Any] = {}


class _Result(unittest.TextTestResult):
    """Hears each test once, whatever its parts say; those that must fail are in no count."""

    _said: dict[str, Any] = {}  # noqa: RUF012  # always replaced, never changed

    def startTest(self, test: Any) -> None:  # noqa: N802  # unittest's name
        self._said = {}
        if _canary_of(test):
            return
        say({"start": _id(test)})
        if _MEASUREMENT is not None:
            _MEASUREMENT.enter(_id(test))
        super().startTest(test)

    def stopTest(self, test: Any) -> None:  # noqa: N802
        if name := _canary_of(test):
            say({"canary": name, "outcome": self._said.get("outcome", "nothing")})
            return
        if _MEASUREMENT is not None:
            _MEASUREMENT.leave()
        if _collected := getattr(test, "_exception", None):  # what stands in for a file that cannot be loaded
            say({"collect": _id(test), "text": cut(_collected)})
        elif self._said:
            say({"test": _id(test), "when": "call", **self._said})
        super().stopTest(test)

    def addSuccess(self, test: Any) -> None:  # noqa: N802
        self._said = self._said or {"outcome": "passed"}
        _PASSED[_id(test)] = test
        if not _canary_of(test):
            super().addSuccess(test)

    def addError(self, test: Any, err: Any) -> None:  # noqa: N802
        if not hasattr(test, "_testMethodName"):  # the fixture of a class or a module
            say({"test": test.id(), "when": "setup", **self._red(test, err)})
        self._fail(test, err, super().addError)

    def addFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._fail(test, err, super().addFailure)

    def addSubTest(self, test: Any, subtest: Any, err: Any) -> None:  # noqa: N802
        if err is not None and not _canary_of(test):
            self._said = self._red(test, err)
        super().addSubTest(test, subtest, err)

    def addSkip(self, test: Any, reason: str) -> None:  # noqa: N802
        self._said = self._said or {"outcome": "skipped"}
        super().addSkip(test, reason)

    def addExpectedFailure(self, test: Any, err: Any) -> None:  # noqa: N802
        self._said = self._said or {"outcome": "skipped", "xfail": True}
        super().addExpectedFailure(test, err)

    def addUnexpectedSuccess(self, test: Any) -> None:  # noqa: N802
        self._said = {"outcome": "failed", "line": 1, "text": "passes, though it is expected to fail"}
        super().addUnexpectedSuccess(test)

    def _fail(self, test: Any, err: Any, add: Any) -> None:
        self._said = self._red(test, err)
        if not _canary_of(test):
            add(test, err)

    def _red(self, test: Any, err: Any) -> dict[str, Any]:
        method = getattr(test, getattr(test, "_testMethodName", ""), None)
        line = getattr(getattr(method, "__code__", None), "co_firstlineno", 1)
        text = "" if _canary_of(test) else cut(self._exc_info_to_string(err, test))  # type: ignore[attr-defined]
        return {"outcome": "failed", "line": line, "text": text}


class _Runner(unittest.TextTestRunner):
    resultclass = _Result  # type: ignore[assignment]

    def run(self, test: Any) -> Any:
        self.failfast = False  # what was red before must not keep the rest from running
        if SETTINGS["listing"]:
            say({"listed": [_id(one) for one in _flat(test) if not _stands_in(one)]})
            test = unittest.TestSuite()
        if _ONLY is not None:
            test = unittest.TestSuite(one for one in _flat(test) if _id(one) in _ONLY)
        if _INSTANCES is not None:
            _INSTANCES.prepare([])
        if test.countTestCases():
            first, last = (_canary(name) for name in _CANARIES)
            test = unittest.TestSuite([first, test, last])
        return super().run(test)


def _canary(name: str) -> unittest.TestCase:
    def must_fail(self: unittest.TestCase) -> None:
        self.assertEqual(name, "")  # noqa: PT009  # as tests of unittest do

    made: unittest.TestCase = type(name, (unittest.TestCase,), {name: must_fail, "__module__": __name__})(
        name
    )
    return made


def _canary_of(test: Any) -> str:
    name = getattr(test, "_testMethodName", "")
    return name if name in _CANARIES else ""


def _flat(test: Any) -> list[Any]:
    return [one for part in test for one in _flat(part)] if isinstance(test, unittest.TestSuite) else [test]


def _stands_in(test: Any) -> bool:
    """Say whether it stands for a file that cannot be loaded."""
    return type(test).__module__ == "unittest.loader"


def _id(test: Any) -> str:
    """Return a test's name as pytest would write it: `tests/test_calc.py::TestCalc::test_add`."""
    kind, name = type(test), getattr(test, "_testMethodName", "")
    if _stands_in(test):
        return str(name)
    file = getattr(sys.modules.get(kind.__module__), "__file__", None)
    path = os.path.relpath(file) if file else ".."
    return test.id() if path.startswith("..") or not name else f"{path}::{kind.__qualname__}::{name}"


def main() -> int:
    """Run, speak, and return the exit status."""
    if _MEASUREMENT is not None:
        _MEASUREMENT.start()
    program = unittest.main(
        module=None, argv=["python -m unittest", *sys.argv[1:]], testRunner=_Runner, exit=False
    )
    result = program.result
    ran = result.testsRun or result.skipped or result.errors
    status = _NONE_RAN if not ran else int(not result.wasSuccessful())
    if _MEASUREMENT is not None:
        say(_MEASUREMENT.said())
    _try()
    say({"exit": status})
    return status


def _try() -> None:
    if _MUTATION is not None:
        again = {name: functools.partial(_passes, test) for name, test in _PASSED.items()}
        path = SETTINGS["mutation"]["path"]
        _MUTATION(again, _MEASUREMENT.executed(path, _MUTATION.lines) if _MEASUREMENT else None)
    if _INSTANCES is not None:
        _INSTANCES.finish()


def _passes(test: Any) -> bool:
    result = unittest.TestResult()
    unittest.TestSuite([test]).run(result)
    return result.wasSuccessful()


if __name__ == "__main__":
    sys.exit(main())
