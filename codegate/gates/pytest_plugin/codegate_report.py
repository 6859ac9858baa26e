"""A plug-in that reports each test of a pytest run, one JSON object a line, to the descriptor it is given.

It runs inside the sandbox, in the project's interpreter, of whatever version; so it imports nothing of
codegate's, keeps to what every pytest since 6 has, and lies in a folder of its own, which becomes part of
that interpreter's path. What it says is read by `codegate.gates.outcomes`, and is no more than a claim.

Lines: `{"start": id}`; `{"test": id, "when", "outcome"}` with `"xfail"`, or with `"line"` and `"text"` of a
failure, for each call and whatever else did not pass; `{"collect": id, "text"}` for what could not be
collected; `{"exit": status}` at the end.
"""

from __future__ import annotations

import json
import os
from typing import Any

import pytest

_DESCRIPTOR = int(os.environ.get("CODEGATE_REPORT", "-1"))
_ONLY = json.loads(os.environ.get("CODEGATE_ONLY", "null"))
_TEXT = 3000


def pytest_configure(config: Any) -> None:
    if _DESCRIPTOR >= 0 and not hasattr(config, "workerinput"):  # workers of xdist report to their controller
        config.pluginmanager.register(_Reporter(), "codegate-reporter")


def pytest_collection_modifyitems(config: Any, items: list[Any]) -> None:
    if _ONLY is not None:
        left_out = [item for item in items if item.nodeid not in _ONLY]
        items[:] = [item for item in items if item.nodeid in _ONLY]
        config.hook.pytest_deselected(items=left_out)


class _Reporter:
    def pytest_runtest_logstart(self, nodeid: str) -> None:
        _say({"start": nodeid})

    def pytest_runtest_logreport(self, report: Any) -> None:
        if report.when != "call" and report.outcome == "passed":
            return
        said = {"test": report.nodeid, "when": report.when, "outcome": report.outcome}
        if hasattr(report, "wasxfail"):
            said["xfail"] = True
        if report.outcome == "failed":
            said["line"] = (report.location[1] or 0) + 1
            said["text"] = str(report.longrepr or "")[-_TEXT:]
        _say(said)

    def pytest_collectreport(self, report: Any) -> None:
        if report.failed:
            _say({"collect": report.nodeid, "text": str(report.longrepr or "")[-_TEXT:]})

    @pytest.hookimpl(trylast=True)  # other plug-ins change the status here
    def pytest_sessionfinish(self, session: Any) -> None:
        _say({"exit": int(session.exitstatus)})


def _say(said: dict[str, Any]) -> None:
    data = (json.dumps(said) + "\n").encode()
    while data:
        data = data[os.write(_DESCRIPTOR, data) :]
