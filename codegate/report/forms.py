"""The forms in which a report can be had, by name. The room of a form is opened when one is written in it."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Final

from codegate.report.report import Report
from codegate.report.text import to_text

_Writer = Callable[[Report], str]


def _late(form: str, room: str | None = None) -> _Writer:
    def write(report: Report) -> str:
        writer: _Writer = getattr(import_module(f"codegate.report.{room or form}"), f"to_{form}")
        return writer(report)

    return write


FORMS: Final[dict[str, _Writer]] = {
    "text": to_text,
    "json": Report.to_json,
    "sarif": _late("sarif"),
    "rdjson": _late("rdjson"),
    "rdjsonl": _late("rdjsonl", "rdjson"),
    "junit": _late("junit"),
    "github": _late("github"),
    "gitlab": _late("gitlab"),
    "markdown": _late("markdown"),
    "html": _late("html"),
}
