"""Reports to write down in every form: plain ones, and any that hostile text can make."""

from __future__ import annotations

from hypothesis import strategies as st

from codegate.config import Config
from codegate.core import Base, Candidate, Change, Finding, Origin, Outcome, Scope, Severity, Verdict, judge
from codegate.errors import PatchRefused
from codegate.gates import make_rules
from codegate.report import Report, ReportFinding, refused_report, report_of

BASE = Base("c" * 40, "b" * 40)
RULES = make_rules(Config(), Origin.MODEL, Scope(), ())

# What means something to one of the readers, or to a terminal, and must mean nothing here.
HOSTILE = (
    "]]>", "-->", "<!--", "</script>", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "&amp;",
    "&#x0;", "'", '"', "`", "``", "```\n", "~~~", "|", "| --- |", "\n", "\n\n# heading", "\n- item",
    "\n    code", "\r\n", "\t", "\\", "\\`", "::set-output name=x::y", "::error::", "\n::stop-commands::x",
    "##[stop-commands]x", "%0A", "%25", ":", ",", "=", "[text](https://evil.example)", "](", "[1](0)",
    "![i](https://evil.example/i.png)", "<https://evil.example>", "https://evil.example", "www.evil.example",
    "a@evil.example", "@person", "#1", "{0}", "{{1}}", "{x}", "*b*", "_i_", "$x$", ":bug:", "../",
    "/etc/passwd", "//evil.example/x", "C:\\x", "javascript:alert(1)", "\x00", "\x1b[2J", "\x07", "\x7f",
    "\x85", "\x9b", "\u2028", "\u202e", "\u200b", "\ufeff", "\ufffe", "\uffff", "\udcff", "\udc80", "\ud800",
    "\U0001f600", "é", " ", "  ",
)  # fmt: skip

texts = st.lists(st.one_of(st.sampled_from(HOSTILE), st.text(max_size=5)), max_size=5).map("".join)
paths = st.one_of(st.none(), st.just("src/a b.py"), texts)
_places = st.one_of(
    st.tuples(paths, st.none(), st.none()),
    st.tuples(paths, st.integers(1, 10**6), st.none() | st.integers(1, 10**4)),
)
findings = st.builds(
    lambda rule, severity, message, place, hint: Finding(rule, severity, message, *place, hint),
    st.one_of(st.sampled_from(["lint/F401", "tests/failed"]), texts),
    st.sampled_from(Severity),
    texts,
    _places,
    texts,
)


def _verdict(gate: str, outcome: Outcome, summary: str, found: list[Finding]) -> Verdict:
    asked = outcome is not Outcome.SKIPPED
    return Verdict(gate, outcome, asked, summary, tuple(found) if asked else (), 0.25)


verdicts = st.builds(
    _verdict,
    st.sampled_from(["scope", "lint", "tests", "plug-in", "a`|b\n<c>"]),
    st.sampled_from(Outcome),
    texts,
    st.lists(findings, max_size=3),
)
reports = st.lists(verdicts, max_size=3).map(lambda given: reported(*given))


def candidate(path: str = "src/a.py", diff: bytes = b"the diff\n") -> Candidate:
    changes = (
        Change(path, "100644", "100644", "1" * 40, "2" * 40, 3, 1),
        Change("logo.png", "000000", "100644", None, "3" * 40, None, None),
    )
    return Candidate(BASE, "d" * 40, diff, changes)


def reported(*verdicts: Verdict, of: Candidate | None = None) -> Report:
    """Return the report on a model's candidate that these verdicts were given about."""
    required = frozenset(v.gate for v in verdicts if v.required)
    return report_of(judge(of or candidate(), verdicts, required, RULES.sha256), Origin.MODEL, RULES)


def a_report() -> Report:
    """Return a report in which every outcome, every severity and every kind of place is found."""
    return reported(
        Verdict("scope", Outcome.PASSED, True, "1 file", (Finding("scope/size", Severity.WARNING, "much"),)),
        Verdict(
            "lint", Outcome.FAILED, True, "3 new",
            (
                Finding("lint/F401", Severity.ERROR, "`os` unused", "src/a b.py", 3, 8, "Remove it."),
                Finding("lint/F401", Severity.ERROR, "`os` unused", "src/a b.py", 9, 8, "Remove it."),
                Finding("lint/suppression", Severity.NOTE, "two\nlines", "src/é.py"),
            ),
        ),
        Verdict("secrets", Outcome.FAILED, True, "a gate with nothing to show"),
        Verdict("types", Outcome.SKIPPED, False, "no checker"),
        Verdict("tests", Outcome.BROKEN, True, "no sandbox"),
    )  # fmt: skip


def an_unstaged_report() -> Report:
    """Return the report on a patch that leads out of the repository, and was refused before it was staged."""
    refusal = PatchRefused("scope/path", "leaves the repository", "Name files in it.", "../../etc/passwd")
    return refused_report(refusal, BASE, Origin.MODEL, RULES)


def concerns(report: Report) -> list[ReportFinding]:
    """Return what a form without gates has to say, in its order."""
    return [finding for gate in report.gates for finding in gate.concerns()]
