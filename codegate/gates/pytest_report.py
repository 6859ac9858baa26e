"""A plug-in that reports each test of a pytest run, one JSON object a line, to the descriptor it is given.

It runs inside the sandbox, in the project's interpreter, of whatever version: so it imports nothing of
codegate's, and keeps to what every pytest since 6 has. What it says is judged from outside; see `outcomes`.

Lines: `{"start": id}`, `{"test": id, "when", "outcome", "xfail", "line", "text"}` for what ended otherwise
than setup and teardown usually do, `{"collect": id, "text"}` for a file that could not be collected, and
`{"exit": status}` at the end.
"""

import json
import os

_DESCRIPTOR = int(os.environ.get("CODEGATE_REPORT", "-1"))
_ONLY = json.loads(os.environ.get("CODEGATE_ONLY", "null"))
_TEXT = 3000


def pytest_configure(config):
    if _DESCRIPTOR >= 0 and not hasattr(config, "workerinput"):  # workers of xdist report to their controller
        config.pluginmanager.register(_Reporter(), "codegate-reporter")


def pytest_collection_modifyitems(config, items):
    if _ONLY is not None:
        left_out = [item for item in items if item.nodeid not in _ONLY]
        items[:] = [item for item in items if item.nodeid in _ONLY]
        config.hook.pytest_deselected(items=left_out)


class _Reporter:
    def pytest_runtest_logstart(self, nodeid, location):
        _say({"start": nodeid})

    def pytest_runtest_logreport(self, report):
        if report.when != "call" and report.outcome == "passed":
            return
        said = {"test": report.nodeid, "when": report.when, "outcome": report.outcome}
        if hasattr(report, "wasxfail"):
            said["xfail"] = True
        if report.outcome == "failed":
            said["line"] = (report.location[1] or 0) + 1
            said["text"] = str(report.longrepr or "")[-_TEXT:]
        _say(said)

    def pytest_collectreport(self, report):
        if report.failed:
            _say({"collect": report.nodeid, "text": str(report.longrepr or "")[-_TEXT:]})

    def pytest_sessionfinish(self, session, exitstatus):
        _say({"exit": int(exitstatus)})


def _say(said):
    data = (json.dumps(said) + "\n").encode()
    while data:
        data = data[os.write(_DESCRIPTOR, data) :]
