"""The forms in which a report can be had, by name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from codegate.report.github import to_github
from codegate.report.gitlab import to_gitlab
from codegate.report.html import to_html
from codegate.report.junit import to_junit
from codegate.report.markdown import to_markdown
from codegate.report.rdjson import to_rdjson, to_rdjsonl
from codegate.report.report import Report
from codegate.report.sarif import to_sarif
from codegate.report.text import to_text

FORMS: Final[dict[str, Callable[[Report], str]]] = {
    "text": to_text,
    "json": Report.to_json,
    "sarif": to_sarif,
    "rdjson": to_rdjson,
    "rdjsonl": to_rdjsonl,
    "junit": to_junit,
    "github": to_github,
    "gitlab": to_gitlab,
    "markdown": to_markdown,
    "html": to_html,
}
