"""The page asks nobody, runs nothing, and shows every text as text."""

from __future__ import annotations

import base64
import hashlib
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reporting import HOSTILE, a_report, an_unstaged_report, candidate, reported, reports, texts

from codegate.core import Finding, Outcome, Severity, Verdict
from codegate.report import Report
from codegate.report.html import MAX_BYTES, MAX_LINES, to_html
from codegate.visible import is_hidden, visible, visible_block

_ELEMENTS = {
    "html", "head", "meta", "title", "style", "body", "a", "header", "h1", "h2", "h3", "p", "nav", "ul", "li",
    "main", "section", "strong", "code", "span", "table", "caption", "colgroup", "col", "thead", "tbody",
    "tr", "th", "td", "del", "ins", "small", "footer", "dl", "dt", "dd",
}  # fmt: skip
_ATTRIBUTES = {
    "lang", "charset", "http-equiv", "content", "name", "class", "href", "id", "aria-label",
    "aria-labelledby", "tabindex", "scope", "colspan",
}  # fmt: skip
_VOID = {"meta", "col"}
_CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class _Page(HTMLParser):
    """What the standard library's parser makes of a page; every element has to be closed where it belongs."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: set[str] = set()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.style = ""
        self.cells: list[tuple[str, str]] = []
        self._open: list[str] = []
        self.feed(page)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag in ("del", "ins"):
            self.cells.append((tag, ""))
        if tag not in _VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["style"]:
            self.style += data
            return
        self.texts.append(data)
        if self.cells and {"del", "ins"} & set(self._open):
            tag, text = self.cells.pop()
            self.cells.append((tag, text + data))

    def values(self, name: str) -> list[str]:
        return [value for key, value in self.attributes if key == name]

    @property
    def text(self) -> str:
        return "".join(self.texts)


def _of(found: tuple[Finding, ...], *lines: str) -> Report:
    """Return the report on a diff that adds these lines to `src/a.py`, with what `lint` found."""
    body = "".join(f"+{line}\n" for line in lines)
    header = f"diff --git a/src/a.py b/src/a.py\n--- a/src/a.py\n+++ b/src/a.py\n@@ -0,0 +1,{len(lines)} @@\n"
    verdict = Verdict("lint", Outcome.FAILED, True, "", found)
    return reported(verdict, of=candidate("src/a.py", (header + body).encode()))


def _safe(page: str) -> _Page:
    read = _Page(page)
    assert read.elements <= _ELEMENTS
    assert {name for name, _ in read.attributes} <= _ATTRIBUTES
    ids = read.values("id")
    assert len(set(ids)) == len(ids)
    assert all(link.startswith("#") and link[1:] in ids for link in read.values("href"))
    assert all(name in ids for name in read.values("aria-labelledby"))
    assert not {c for c in page if is_hidden(c) and c not in "\n\t"}
    return read


def test_the_policy_allows_the_one_style_and_nothing_else() -> None:
    """By its hash; the style itself asks for nothing."""
    read = _safe(to_html(a_report()))
    digest = base64.b64encode(hashlib.sha256(read.style.encode()).digest()).decode()
    policies = [value for value in read.values("content") if "default-src" in value]
    assert policies == [
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    ]
    assert not re.search(r"url\(|@import|expression|https?:", read.style)


def test_the_page_says_everything() -> None:
    """Verdict, gates and their questions, findings, what was not judged, digests, and a missing candidate."""
    report = a_report()
    text = _safe(to_html(report)).text
    assert report.candidate is not None
    for said in (
        "codegate: refused", "judged as a model's; 2 files", "Is there a new diagnostic", "`os` unused",
        "Hint: Remove it.", "a gate with nothing to show", "no sandbox", "Not judged: types, tests",
        report.candidate.tree, report.candidate.diff_sha256, report.rules_sha256,
    ):  # fmt: skip
        assert said in text
    unstaged = _safe(to_html(an_unstaged_report())).text
    assert "the patch could not be staged" in unstaged
    assert "leaves the repository" in unstaged


def test_a_finding_stands_under_its_line() -> None:
    """One whose line the diff does not show stands at the head of its file, another file's only above."""
    found = (
        Finding("tests/not-executed", Severity.NOTE, "not executed", "src/a.py", 2),
        Finding("lint/F401", Severity.ERROR, "far away", "src/a.py", 99),
        Finding("lint/F401", Severity.ERROR, "elsewhere", "src/b.py", 1),
    )
    page = to_html(_of(found, "one", "two", "3"))
    _safe(page)
    order = [page.rindex(text) for text in ("far away", "<ins>one", "<ins>two", "not executed", "<ins>3")]
    assert order == sorted(order)
    assert page.count("elsewhere") == 1
    assert page.count('href="#beside-1"') == page.count('id="beside-1"') == 1


def test_a_long_diff_is_left_out_and_said() -> None:
    """Too many lines of one file, or too many bytes of all: the findings are all there."""
    found = (Finding("lint/F401", Severity.ERROR, "told", "src/a.py", 7),)
    long = ["x"] * (MAX_LINES + 1)
    for lines, said in ((long, f"{MAX_LINES + 1} lines of diff"), (["x" * MAX_BYTES], "too many to show")):
        page = to_html(_of(found, *lines))
        assert said in _safe(page).text
        assert page.count("told") == 2
        assert len(page) < 100_000


def test_ten_thousand_findings_are_all_told() -> None:
    """And each under its line."""
    found = tuple(Finding("a/b", Severity.ERROR, f"<{n}>", "src/a.py", n % 100 + 1) for n in range(10_000))
    lines = [f"line {n}" for n in range(100)]
    page = to_html(_of(found, *lines))
    assert page.count("&lt;9999&gt;") == 2
    assert page.count('class="said"') == 10_000


@settings(max_examples=100, deadline=None)
@given(report=reports)
def test_a_page_of_anything_is_our_own_elements(report: Report) -> None:
    """No element, attribute or address of theirs; every text as it is shown on a terminal."""
    text = _safe(to_html(report)).text
    for gate in report.gates:
        assert visible_block(gate.summary) in text
        for finding in gate.findings:
            assert visible_block(finding.message) in text
            assert visible_block(finding.rule) in text


@settings(max_examples=60, deadline=None)
@given(lines=st.lists(texts.map(lambda text: text.replace("\n", "")), min_size=1, max_size=8))
def test_every_line_of_a_diff_is_shown_as_it_is(lines: list[str]) -> None:
    """As text of one cell, with what is hidden as an escape."""
    lines = [line.encode("utf-8", "replace").decode() for line in lines]
    cells = [text for tag, text in _safe(to_html(_of((), *lines))).cells if tag == "ins"]
    assert cells == [visible_block(line) for line in lines]


def test_what_was_hidden_stands_out() -> None:
    """An escape that codegate wrote is not the same as text that looks like one."""
    page = to_html(_of((), "a\u202eb \\u202e"))
    assert '<ins>a<span class="hidden">\\u202e</span>b \\u202e</ins>' in page


@pytest.mark.slow
@pytest.mark.skipif(_CHROMIUM is None, reason="needs a Chromium")
def test_a_real_browser_shows_it_and_asks_for_nothing(tmp_path: Path) -> None:
    """All hostile text at once: no policy is violated, no script runs, the tree is the one that we wrote."""
    found = tuple(Finding("a/b", Severity.ERROR, text, "src/a.py", 1, hint=text) for text in HOSTILE)
    lines = [visible(text) for text in HOSTILE]
    page = to_html(_of(found, *lines))
    (tmp_path / "page.html").write_text(page, encoding="utf-8")
    done = subprocess.run(
        [
            str(_CHROMIUM), "--headless", "--no-sandbox", "--disable-gpu", "--enable-logging=stderr",
            "--dump-dom", f"--user-data-dir={tmp_path / 'profile'}", (tmp_path / "page.html").as_uri(),
        ],
        capture_output=True, check=True, timeout=120,
    )  # fmt: skip
    assert b"CONSOLE" not in done.stderr
    seen, ours = _Page(done.stdout.decode()), _safe(page)
    assert seen.elements == ours.elements
    assert seen.attributes == ours.attributes
    assert seen.text.split() == ours.text.split()
