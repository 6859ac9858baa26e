"""A report says all that was judged, in the form that programs rely on and in lines that deceive no one."""

from __future__ import annotations

import json
from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter, with_config
from typing_extensions import TypedDict

import codegate
from codegate.config import Config
from codegate.core import Base, Candidate, Change, Finding, Origin, Outcome, Scope, Severity, Verdict, judge
from codegate.errors import PatchRefused
from codegate.gates import Rules, make_rules
from codegate.report import Report, lines_of, refused_report, report_of, to_text
from codegate.visible import is_hidden

_STRICT = with_config(extra="forbid", strict=True)


# The documented schema, written down a second time by hand: types and keys exactly.
@_STRICT
class _Base(TypedDict):
    commit: str
    tree: str


@_STRICT
class _File(TypedDict):
    path: str
    added: int | None
    removed: int | None


@_STRICT
class _Candidate(TypedDict):
    tree: str
    diff_sha256: str
    files: list[_File]


@_STRICT
class _Finding(TypedDict):
    rule: str
    severity: Literal["error", "warning", "note"]
    path: str | None
    line: int | None
    column: int | None
    message: str
    hint: str


@_STRICT
class _Gate(TypedDict):
    gate: str
    outcome: Literal["passed", "failed", "broken", "skipped"]
    required: bool
    seconds: float
    summary: str
    findings: list[_Finding]


@_STRICT
class _Schema(TypedDict):
    schema: Literal["codegate.report/1"]
    codegate: str
    verdict: Literal["accepted", "refused", "broken"]
    origin: Literal["model", "person"]
    base: _Base
    candidate: _Candidate | None
    rules_sha256: str
    gates: list[_Gate]


_SCHEMA = TypeAdapter(_Schema)
_BASE = Base("c" * 40, "b" * 40)


def _candidate(path: str = "src/a.py") -> Candidate:
    changes = (
        Change(path, "100644", "100644", "1" * 40, "2" * 40, 3, 1),
        Change("logo.png", "000000", "100644", None, "3" * 40, None, None),
    )
    return Candidate(_BASE, "d" * 40, b"the diff\n", changes)


def _rules(config: Config | None = None, origin: Origin = Origin.MODEL) -> Rules:
    return make_rules(config or Config(), origin, Scope(), ())


def _report(*verdicts: Verdict, config: Config | None = None, candidate: Candidate | None = None) -> Report:
    rules = _rules(config)
    required = frozenset(v.gate for v in verdicts if v.required)
    return report_of(judge(candidate or _candidate(), verdicts, required, rules.sha256), Origin.MODEL, rules)


def _verdict(gate: str, outcome: Outcome = Outcome.PASSED, *findings: Finding) -> Verdict:
    return Verdict(gate, outcome, outcome is not Outcome.SKIPPED, f"the summary of {gate}", findings, 0.01234)


def test_the_json_is_the_documented_schema() -> None:
    """Every key, and no other, with its type."""
    finding = Finding("lint/F401", Severity.ERROR, "`os` unused", "src/a.py", 3, 1, "Remove it.")
    text = _report(_verdict("lint", Outcome.FAILED, finding), _verdict("scope")).to_json()
    said = _SCHEMA.validate_json(text)
    assert said == {
        "schema": "codegate.report/1",
        "codegate": codegate.__version__,
        "verdict": "refused",
        "origin": "model",
        "base": {"commit": "c" * 40, "tree": "b" * 40},
        "candidate": {
            "tree": "d" * 40,
            "diff_sha256": _candidate().diff_sha256,
            "files": [
                {"path": "src/a.py", "added": 3, "removed": 1},
                {"path": "logo.png", "added": None, "removed": None},
            ],
        },
        "rules_sha256": _rules().sha256,
        "gates": [
            {
                "gate": "scope", "outcome": "passed", "required": True, "seconds": 0.012,
                "summary": "the summary of scope", "findings": [],
            },
            {
                "gate": "lint", "outcome": "failed", "required": True, "seconds": 0.012,
                "summary": "the summary of lint",
                "findings": [
                    {
                        "rule": "lint/F401", "severity": "error", "path": "src/a.py", "line": 3, "column": 1,
                        "message": "`os` unused", "hint": "Remove it.",
                    }
                ],
            },
        ],
    }  # fmt: skip


def test_the_json_reads_back() -> None:
    """Python programs can use the same models to read it."""
    report = _report(_verdict("scope"))
    again = Report.model_validate_json(report.to_json())
    assert again.model_copy(update={"diff": report.diff}) == report


@pytest.mark.parametrize(
    ("outcomes", "verdict"),
    [
        ([Outcome.PASSED, Outcome.PASSED], "accepted"),
        ([Outcome.PASSED, Outcome.SKIPPED], "accepted"),
        ([Outcome.PASSED, Outcome.FAILED], "refused"),
        ([Outcome.BROKEN, Outcome.FAILED], "refused"),
        ([Outcome.PASSED, Outcome.BROKEN], "broken"),
    ],
)
def test_the_verdict_is_the_judges(outcomes: list[Outcome], verdict: str) -> None:
    """Accepted only if every required gate passed."""
    gates = [_verdict(f"gate{n}", outcome) for n, outcome in enumerate(outcomes)]
    report = _report(*gates)
    assert report.verdict == verdict
    assert to_text(report).startswith(f"{verdict}; ")


def test_gates_stand_in_the_order_a_person_reads_them() -> None:
    """Scope first, tests last of the built-in ones, plug-ins behind."""
    report = _report(*(_verdict(g) for g in ("spelling", "tests", "lint", "syntax", "scope")))
    assert [g.gate for g in report.gates] == ["scope", "syntax", "lint", "tests", "spelling"]


def test_a_patch_that_could_not_be_staged_is_refused_by_scope() -> None:
    """There is no candidate then, and the reason is a finding."""
    refusal = PatchRefused("scope/unparsed", "git cannot read the patch", "Try again.", "a.py")
    report = refused_report(refusal, _BASE, Origin.PERSON, _rules(origin=Origin.PERSON))
    said = _SCHEMA.validate_json(report.to_json())
    assert said["verdict"] == "refused"
    assert said["candidate"] is None
    assert said["origin"] == "person"
    assert [g["gate"] for g in said["gates"]] == ["scope"]
    assert said["gates"][0]["findings"] == [
        {
            "rule": "scope/unparsed", "severity": "error", "path": "a.py", "line": None, "column": None,
            "message": "git cannot read the patch", "hint": "Try again.",
        }
    ]  # fmt: skip


def test_what_weakens_a_rule_is_a_note_of_the_gate_it_touched() -> None:
    """In the JSON too; a gate that was not asked is not touched."""
    config = Config.model_validate({"tests": {"sandbox": "none"}, "scope": {"allow": ["docs/"]}})
    report = _report(_verdict("scope"), _verdict("tests"), config=config)
    assert [(g.gate, f.rule, f.severity) for g in report.gates for f in g.findings] == [
        ("scope", "scope/weakened", Severity.NOTE),
        ("tests", "tests/weakened", Severity.NOTE),
    ]
    assert report.verdict == "accepted"
    assert "docs/" in to_text(report)


def test_no_sandbox_is_said_in_the_first_line() -> None:
    """Of every report, also where the tests were not asked, and where nothing could be staged."""
    config = Config.model_validate({"tests": {"sandbox": "none"}})
    unstaged = refused_report(PatchRefused("scope/empty", "nothing"), _BASE, Origin.MODEL, _rules(config))
    for report in (_report(_verdict("scope"), config=config), unstaged):
        assert "NO SANDBOX" in to_text(report).splitlines()[0]
    assert "NO SANDBOX" not in to_text(_report(_verdict("scope")))


def test_the_text_says_everything_a_person_needs() -> None:
    """Verdict, gates, places, hints, and what was not judged."""
    finding = Finding("lint/F401", Severity.ERROR, "`os` unused", "src/a.py", 3, 1, "Remove it.")
    report = _report(
        _verdict("tests", Outcome.SKIPPED), _verdict("lint", Outcome.FAILED, finding), _verdict("scope")
    )
    assert to_text(report) == (
        "refused; judged as a model's; 2 files, +3 -1; base cccccccccccc\n"
        "passed   scope    the summary of scope\n"
        "failed   lint     the summary of lint\n"
        "  error  src/a.py:3:1: `os` unused  [lint/F401]\n"
        "    hint: Remove it.\n"
        "skipped  tests    the summary of tests\n"
        "not judged: tests\n"
    )


def test_a_name_that_is_no_utf8_stands_in_valid_json() -> None:
    """Bytes without meaning are escapes, so that any JSON parser takes them."""
    report = _report(_verdict("scope"), candidate=_candidate("by\udcffte.py"))
    text = report.to_json()
    assert json.loads(text)["candidate"]["files"][0]["path"] == "by\\xffte.py"
    assert text.isascii()


_ANY = st.text(
    alphabet=st.one_of(st.characters(), st.sampled_from("\n\r\t\x1b\u202e\u200b\udcff\ud800\x9b")),
    max_size=40,
)


@settings(max_examples=100, deadline=None)
@given(message=_ANY, path=_ANY, hint=_ANY, rule=_ANY, summary=_ANY)
def test_no_text_can_act_on_a_terminal_or_pass_for_ours(
    message: str, path: str, hint: str, rule: str, summary: str
) -> None:
    """Whatever a model wrote, the text holds no hidden character and no line that it began itself."""
    finding = Finding(rule, Severity.ERROR, message, path, 1, 1, hint)
    report = _report(Verdict("scope", Outcome.FAILED, True, summary, (finding,)))
    text = to_text(report)
    assert not any(is_hidden(c) for c in text if c not in "\n\t")
    ours = ("refused; ", "failed   scope", "  error  ", "    | ", "    hint: ")
    assert all(line.startswith(ours) for line in text.splitlines())
    assert report.to_json().isascii()
    _SCHEMA.validate_json(report.to_json())


def test_each_line_has_a_role_for_colours() -> None:
    """A terminal's face needs not read the text again."""
    finding = Finding("scope/outside", Severity.WARNING, "one\ntwo", hint="h")
    report = _report(_verdict("scope", Outcome.PASSED, finding), _verdict("tests", Outcome.SKIPPED))
    assert [line.role for line in lines_of(report)] == [
        "verdict", "passed", "warning", "more", "hint", "skipped", "more",
    ]  # fmt: skip
