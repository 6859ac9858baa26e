"""A plug-in for every pytest since 6 that says what each test said. PYTEST_DONT_REWRITE"""

from __future__ import annotations

import functools
import os
import types
from collections.abc import Iterator
from typing import Any

import pytest
from _pytest.runner import runtestprotocol

from .instancing import Instances
from .measuring import Measurement
from .mutating import Mutation
from .speech import SETTINGS, cut, say

_ONLY = SETTINGS["only"]
_CANARIES = SETTINGS["canaries"]
_MEASUREMENT = Measurement() if SETTINGS["measured"] else None
if _MEASUREMENT is not None:
    _MEASUREMENT.start()
_MUTATION = Mutation(SETTINGS["mutation"]) if SETTINGS["mutation"] else None
_INSTANCES = Instances(SETTINGS["instances"]) if SETTINGS["instances"] else None


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: Any) -> Iterator[None]:
    if _MEASUREMENT is not None:  # two measurements in one process take the program from each other
        early_config.known_args_namespace.no_cov = True
    yield


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: Any) -> None:
    # What is tried is tried in this process: workers of xdist are others.
    for name, value in (("numprocesses", 0), ("dist", "no"), ("tx", [])):
        if (_MUTATION or _INSTANCES) and hasattr(config.option, name):
            setattr(config.option, name, value)


def pytest_configure(config: Any) -> None:
    if not hasattr(config, "workerinput"):  # workers of xdist report to their controller
        config.pluginmanager.register(_Reporter(), "codegate-reporter")


@pytest.hookimpl(hookwrapper=True, tryfirst=True)  # around all others: what they leave out is none of ours
def pytest_collection_modifyitems(session: Any, config: Any, items: list[Any]) -> Iterator[None]:
    yield
    if SETTINGS["listing"]:
        say({"listed": [item.nodeid for item in items]})
        return
    if _ONLY is not None:
        left_out = [item for item in items if not _is_asked(item.nodeid)]
        items[:] = [item for item in items if _is_asked(item.nodeid)]
        config.hook.pytest_deselected(items=left_out)
    if _INSTANCES is not None:
        items[:] = _INSTANCES.prepare(items)
    if items:  # none at all has an exit status of its own
        first, last = (_canary(session, name) for name in _CANARIES)
        # At both ends: there they part no two tests that share a fixture.
        items[:] = [first, *items, last]


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_runtest_protocol(item: Any) -> Iterator[None]:
    if _MEASUREMENT is not None and not _is_canary(item.nodeid):
        _MEASUREMENT.enter(item.nodeid)
        yield
        _MEASUREMENT.leave()
    else:
        yield


@pytest.hookimpl(hookwrapper=True, tryfirst=True)
def pytest_sessionfinish(session: Any) -> Iterator[None]:
    # First of all: in there a worker sends what it has to say.
    if _MEASUREMENT is not None and hasattr(session.config, "workerinput"):
        session.config.workeroutput["codegate"] = _MEASUREMENT.said()
    yield


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any) -> None:
    if said := getattr(node, "workeroutput", {}).get("codegate"):
        say(said)


class _Canaries(pytest.Module):
    """A module of tests that must fail; it lies in no file that anyone could find."""

    def _getobj(self) -> Any:
        return types.ModuleType(self.name.rpartition(".")[0])


def _canary(session: Any, name: str) -> Any:
    # An ordinary test function: whatever makes such ones pass makes this one pass.
    def test() -> None:
        assert not name

    path = os.path.join(os.path.dirname(__file__), f"{name}.py")
    kind = "path" if hasattr(session, "path") else "fspath"  # until pytest 7
    place = {kind: type(getattr(session, kind))(path)}
    module = _Canaries.from_parent(session, nodeid=f"{name}.py", name=f"{name}.py", **place)
    return pytest.Function.from_parent(module, name=name, callobj=test)


def _is_asked(nodeid: str) -> bool:
    """Say whether a test was asked for, by itself or with all its cases."""
    return nodeid in _ONLY or nodeid.partition("[")[0] in _ONLY


def _try(session: Any, passed: set[str]) -> None:
    """Try what is to be tried, once all tests have said what they say."""
    if _MUTATION is not None:
        tests = {
            item.nodeid: functools.partial(_passes, item) for item in session.items if item.nodeid in passed
        }
        path = SETTINGS["mutation"]["path"]
        _MUTATION(tests, _MEASUREMENT.executed(path, _MUTATION.lines) if _MEASUREMENT else None)
    if _INSTANCES is not None:
        _INSTANCES.finish()


def _passes(item: Any) -> bool:
    """Run a test once more, from its fixtures on, without a word."""
    item._initrequest()
    return all(report.outcome == "passed" for report in runtestprotocol(item, log=False, nextitem=None))


class _Reporter:
    def __init__(self) -> None:
        self._passed: set[str] = set()
        self._torn = False  # whether even the first canary cannot be torn down: then every test tells

    def pytest_runtest_logstart(self, nodeid: str) -> None:
        if not _is_canary(nodeid):
            say({"start": nodeid})

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)  # before anyone can rewrite it
    def pytest_runtest_logreport(self, report: Any) -> Iterator[None]:
        if not _is_canary(report.nodeid):
            _say_test(report, report.nodeid)
            if report.when == "call" and report.outcome == "passed":
                self._passed.add(report.nodeid)
        else:
            self._take_canary(report, report.nodeid.rpartition("::")[2])
        yield

    def _take_canary(self, report: Any, name: str) -> None:
        if report.when == "teardown" and name == _CANARIES[-1] and not self._torn:
            # What the fixtures of a session do at its end befalls whatever test comes last.
            _say_test(report, "the end of the session")
            return
        self._torn = self._torn or (report.when == "teardown" and report.outcome != "passed")
        if report.when == "call" or report.outcome != "passed":
            say({"canary": name, "outcome": report.outcome})
        # Seen, and now out of the counts, the summary and the exit status.
        report.outcome, report.longrepr, report.sections = "passed", None, []

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            say({"collect": report.nodeid, "text": cut(report.longrepr)})

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)  # others change the status in here
    def pytest_sessionfinish(self, session: Any) -> Iterator[None]:
        yield
        if _MEASUREMENT is not None:
            say(_MEASUREMENT.said())
        _try(session, self._passed)
        say({"exit": int(session.exitstatus)})


def _is_canary(nodeid: str) -> bool:
    return nodeid.rpartition("::")[2] in _CANARIES


def _say_test(report: Any, test: str) -> None:
    if report.when != "call" and report.outcome == "passed":
        return
    said = {"test": test, "when": report.when, "outcome": report.outcome}
    if hasattr(report, "wasxfail"):
        said["xfail"] = True
    if report.outcome == "failed":
        said["line"] = (report.location[1] or 0) + 1
        said["text"] = cut(report.longrepr)
    say(said)
