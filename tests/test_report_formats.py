"""Every form of a report is what its readers' schemas ask for, and says what the report says.

The schemas in `schemas/` are those of the formats' makers. Hostile text is text in each of them.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Literal
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

import jsonschema
import sarif_pydantic
import xmlschema
from hypothesis import given, settings
from pydantic import TypeAdapter, with_config
from reporting import a_report, an_unstaged_report, concerns, reported, reports
from typing_extensions import TypedDict

from codegate.cli.output import Format
from codegate.core import Finding, Outcome, Severity, Verdict
from codegate.report import Report
from codegate.report.forms import FORMS
from codegate.visible import is_hidden, visible, visible_block

_SCHEMAS = Path(__file__).parent / "schemas"


def _schema(name: str) -> Any:
    schema = json.loads((_SCHEMAS / name).read_text())
    return jsonschema.validators.validator_for(schema)(schema)


_SARIF = _schema("sarif-2.1.0.json")
_RDJSON = _schema("rdjson.json")
_JUNIT = xmlschema.XMLSchema(str(_SCHEMAS / "junit-10.xsd"))

_MANY = 10_000


def _many() -> Report:
    found = (
        Finding("lint/E501", Severity.ERROR, f"line {n}", f"src/{n % 7}.py", n + 1) for n in range(_MANY)
    )
    return reported(Verdict("lint", Outcome.FAILED, True, "a lot", tuple(found)))


def test_the_command_offers_every_form_and_no_other() -> None:
    """`--format` and the room of reports name the same ones."""
    assert {form.value for form in Format} == FORMS.keys()


@settings(max_examples=60, deadline=None)
@given(report=reports)
def test_no_form_holds_what_acts_on_a_terminal(report: Report) -> None:
    """Whatever is in it: no control but newline and tab, no format character, no lone surrogate."""
    for text in (write(report) for write in FORMS.values()):
        assert not {c for c in text if is_hidden(c) and c not in "\n\t"}
        assert not text or text.endswith("\n")


# SARIF


def _results(report: Report) -> list[dict[str, Any]]:
    log = json.loads(FORMS["sarif"](report))
    _SARIF.validate(log)
    assert len(sarif_pydantic.Sarif.model_validate(log).runs) == 1
    run: dict[str, Any] = log["runs"][0]
    rules = run["tool"]["driver"]["rules"]
    for result in run["results"]:
        assert rules[result["ruleIndex"]]["id"] == result["ruleId"]
    names = [result["partialFingerprints"]["codegateFinding/v1"] for result in run["results"]]
    assert len(set(names)) == len(names)
    results: list[dict[str, Any]] = run["results"]
    return results


def test_sarif_says_where_and_how_badly() -> None:
    """A result for each finding; no place is the top of the repository; a gate without an error speaks."""
    said = [
        (
            r["ruleId"], r["level"], r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"],
            r["locations"][0]["physicalLocation"].get("region"), r["message"]["text"],
        )
        for r in _results(a_report())
    ]  # fmt: skip
    assert said == [
        ("scope/size", "warning", ".", None, "much"),
        (
            "lint/F401",
            "error",
            "src/a%20b.py",
            {"startLine": 3, "startColumn": 8},
            "`os` unused\n\nHint: Remove it.",
        ),
        (
            "lint/F401",
            "error",
            "src/a%20b.py",
            {"startLine": 9, "startColumn": 8},
            "`os` unused\n\nHint: Remove it.",
        ),
        ("lint/suppression", "note", "src/%C3%A9.py", None, "two\nlines"),
        ("secrets/failed", "error", ".", None, "a gate with nothing to show"),
    ]


def test_sarif_says_that_a_gate_is_broken() -> None:
    """As a notification of the tool, not as a result; with the exit code of the command."""
    run = json.loads(FORMS["sarif"](a_report()))["runs"][0]
    (invocation,) = run["invocations"]
    assert (invocation["exitCode"], invocation["executionSuccessful"]) == (1, True)
    (notice,) = invocation["toolExecutionNotifications"]
    assert (notice["descriptor"]["id"], notice["level"]) == ("tests/broken", "error")
    assert notice["message"]["text"] == "no sandbox"
    broken = json.loads(FORMS["sarif"](reported(Verdict("tests", Outcome.BROKEN, True, ""))))["runs"][0]
    assert broken["invocations"][0]["exitCode"] == 3
    assert broken["invocations"][0]["executionSuccessful"] is False


def test_sarif_says_what_was_judged() -> None:
    """Verdict, base, candidate and rules stand in the run's properties, as in the JSON."""
    for report in (a_report(), an_unstaged_report()):
        said = json.loads(FORMS["sarif"](report))["runs"][0]["properties"]["report"]
        whole = json.loads(report.to_json())
        assert {key: said[key] for key in whole if key not in ("codegate", "gates")} == {
            key: whole[key] for key in whole if key not in ("codegate", "gates")
        }
        assert [g["outcome"] for g in said["gates"]] == [g["outcome"] for g in whole["gates"]]


def test_sarif_leads_nowhere_outside() -> None:
    """A path out of the repository is told in words, never as an address."""
    (result,) = _results(an_unstaged_report())
    assert result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"] == "."
    assert result["message"]["text"].startswith("../../etc/passwd: leaves the repository")


@settings(max_examples=100, deadline=None)
@given(report=reports)
def test_sarif_of_anything(report: Report) -> None:
    """The schema holds; each address stays in the repository; a message has neither link nor placeholder."""
    results = _results(report)
    wanted = [f for g in report.gates for f in (g.findings if g.outcome == "broken" else g.concerns())]
    assert [(r["ruleId"], r["level"]) for r in results] == [(visible(f.rule), f.severity) for f in wanted]
    for result, finding in zip(results, wanted, strict=True):
        place = result["locations"][0]["physicalLocation"]
        uri = place["artifactLocation"]["uri"]
        assert re.fullmatch(r"(?!/)([\w.~/-]|%[0-9A-F]{2})+", uri, re.ASCII)
        assert not any(urlsplit(uri)[:2])
        assert ".." not in uri.split("/")
        if uri != ".":
            assert unquote(uri) == finding.path
            assert place.get("region", {}).get("startLine") == finding.line
        text = result["message"]["text"]
        assert not re.search(r"(?<!\\)\]\(", text)
        assert not re.search(r"(?<!\{)\{\d+\}", text)
        plain = str.maketrans("", "", "{}\\")
        assert visible_block(finding.message).translate(plain) in text.translate(plain)


# rdjson


def _diagnostics(report: Report) -> list[dict[str, Any]]:
    whole = json.loads(FORMS["rdjson"](report))
    _RDJSON.validate(whole)
    lines = [json.loads(line) for line in FORMS["rdjsonl"](report).splitlines()]
    assert lines == [one | {"source": whole["source"]} for one in whole["diagnostics"]]
    diagnostics: list[dict[str, Any]] = whole["diagnostics"]
    return diagnostics


def test_rdjson_says_where_and_how_badly() -> None:
    """A diagnostic for each finding and for each gate that is broken; rdjsonl says the same line by line."""
    said = [
        (d["code"]["value"], d["severity"], d["location"], d["message"]) for d in _diagnostics(a_report())
    ]
    hint = "`` `os` unused ``\n\nHint: `Remove it.`"
    third, ninth = ({"start": {"line": line, "column": 8}} for line in (3, 9))
    assert said == [
        ("scope/size", "WARNING", {"path": "."}, "`much`"),
        ("lint/F401", "ERROR", {"path": "src/a b.py", "range": third}, hint),
        ("lint/F401", "ERROR", {"path": "src/a b.py", "range": ninth}, hint),
        ("lint/suppression", "INFO", {"path": "src/é.py"}, "`two`\n`lines`"),
        ("secrets/failed", "ERROR", {"path": "."}, "`a gate with nothing to show`"),
        ("tests/broken", "ERROR", {"path": "."}, "`no sandbox`"),
    ]


@settings(max_examples=100, deadline=None)
@given(report=reports)
def test_rdjson_of_anything(report: Report) -> None:
    """The schema holds, and what was said word for word is there."""
    said = [json.loads(d["original_output"]) for d in _diagnostics(report)]
    assert said == [finding.model_dump(mode="json") for finding in concerns(report)]


# JUnit


def _suites(report: Report) -> list[ElementTree.Element]:
    text = FORMS["junit"](report)
    _JUNIT.validate(text)
    root = ElementTree.fromstring(text)
    for suite in (root, *root):
        for name, tag in (("tests", ".//testcase"), ("failures", ".//failure"), ("errors", ".//error")):
            assert int(suite.get(name, "")) == len(suite.findall(tag))
    return list(root)


def test_junit_fails_where_the_diff_was_refused() -> None:
    """A suite for a gate, a case for its answer and for each finding; what only warns passes."""
    scope, lint, secrets, types, tests = _suites(a_report())
    assert [(c.get("name"), [e.tag for e in c]) for c in scope] == [
        ("scope", ["system-out"]), ("scope/size", ["system-out"]),
    ]  # fmt: skip
    assert [(c.get("name"), [e.tag for e in c]) for c in lint] == [
        ("lint", ["failure"]),
        ("lint/F401 src/a b.py:3:8", ["failure"]),
        ("lint/F401 src/a b.py:9:8", ["failure"]),
        ("lint/suppression src/é.py", ["system-out"]),
    ]
    failure = lint[1][0]
    assert (failure.get("type"), failure.get("message")) == ("lint/F401", "`os` unused")
    assert failure.text == "src/a b.py:3:8: `os` unused\nhint: Remove it."
    assert [[e.tag for e in suite[0]] for suite in (secrets, types, tests)] == [
        ["failure"],
        ["skipped"],
        ["error"],
    ]


@settings(max_examples=100, deadline=None)
@given(report=reports)
def test_junit_of_anything(report: Report) -> None:
    """The schema holds; it fails exactly if the verdict is not `accepted`; no text is lost."""
    suites = _suites(report)
    red = any(int(suite.get(name, "")) for suite in suites for name in ("failures", "errors"))
    assert red is (report.verdict != "accepted")
    for suite, gate in zip(suites, report.gates, strict=True):
        assert suite.get("name") == visible(gate.gate)
        for case, finding in zip(list(suite)[1:], gate.findings, strict=True):
            assert visible_block(finding.message) in (case[0].text or "")
            assert (case[0].tag == "failure") is (finding.severity is Severity.ERROR)


# Annotations of GitHub and GitLab


def _commands(text: str) -> list[tuple[str, dict[str, str], str]]:
    """Read a log as a runner does (`ActionCommand.cs` of actions/runner): each line has to be a command."""
    found = []
    for line in text.split("\n")[:-1]:
        head = re.fullmatch(r"::(error|warning|notice) (.*?)::(.*)", line)
        assert head, line
        pairs = [pair.split("=", 1) for pair in head[2].split(",") if pair]
        values = {name: _unescaped(value, ":,") for name, value in pairs}
        found.append((head[1], values, _unescaped(head[3], "")))
    return found


def _unescaped(text: str, more: str) -> str:
    for character in ("\r", "\n", *more, "%"):
        text = text.replace(f"%{ord(character):02X}", character)
    return text


def test_github_gets_an_annotation_for_everything() -> None:
    """With its place, where there is one."""
    assert FORMS["github"](a_report()).splitlines() == [
        "::warning title=scope/size::much",
        "::error file=src/a b.py,line=3,col=8,title=lint/F401::`os` unused%0Ahint: Remove it.",
        "::error file=src/a b.py,line=9,col=8,title=lint/F401::`os` unused%0Ahint: Remove it.",
        "::notice file=src/é.py,title=lint/suppression::two%0Alines",
        "::error title=secrets/failed::a gate with nothing to show",
        "::error title=tests/broken::no sandbox",
    ]


@settings(max_examples=100, deadline=None)
@given(report=reports)
def test_github_commands_of_anything(report: Report) -> None:
    """Each line is one annotation, and a runner reads back what was said; nothing else is a command."""
    commands = _commands(FORMS["github"](report))
    for (name, values, text), finding in zip(commands, concerns(report), strict=True):
        assert name == {"error": "error", "warning": "warning", "note": "notice"}[finding.severity]
        assert values.get("file") == (visible_block(finding.path) if finding.path else None)
        assert values.get("line") == (str(finding.line) if finding.line else None)
        assert text.startswith(visible_block(finding.message))


# GitLab Docs, "Code Quality", "Code Quality report format": there is no published schema.
@with_config(extra="forbid", strict=True)
class _Lines(TypedDict):
    begin: int


@with_config(extra="forbid", strict=True)
class _Location(TypedDict):
    path: str
    lines: _Lines


@with_config(extra="forbid", strict=True)
class _Entry(TypedDict):
    description: str
    check_name: str
    fingerprint: str
    severity: Literal["info", "minor", "major", "critical", "blocker"]
    location: _Location


_ENTRIES = TypeAdapter(list[_Entry])


def test_gitlab_gets_an_entry_for_everything() -> None:
    """A finding without a line stands at the first, one without a path at the top."""
    entries = _ENTRIES.validate_json(FORMS["gitlab"](a_report()))
    assert [
        (e["check_name"], e["severity"], e["location"]["path"], e["location"]["lines"]["begin"])
        for e in entries
    ] == [
        ("scope/size", "minor", ".", 1),
        ("lint/F401", "critical", "src/a b.py", 3),
        ("lint/F401", "critical", "src/a b.py", 9),
        ("lint/suppression", "info", "src/é.py", 1),
        ("secrets/failed", "critical", ".", 1),
        ("tests/broken", "critical", ".", 1),
    ]


@settings(max_examples=100, deadline=None)
@given(report=reports)
def test_gitlab_entries_of_anything(report: Report) -> None:
    """The documented form holds, and no two entries have one name."""
    entries = _ENTRIES.validate_json(FORMS["gitlab"](report))
    assert len({e["fingerprint"] for e in entries}) == len(entries)
    for entry, finding in zip(entries, concerns(report), strict=True):
        assert entry["description"].startswith(visible_block(finding.message))


def test_a_finding_keeps_its_name_when_lines_move() -> None:
    """A tool that compares two runs sees the same finding; the second of two equal ones has its own name."""

    def names(*lines: int) -> list[str]:
        found = (Finding("lint/F401", Severity.ERROR, "unused", "a.py", line) for line in lines)
        report = reported(Verdict("lint", Outcome.FAILED, True, "", tuple(found)))
        return [e["fingerprint"] for e in _ENTRIES.validate_json(FORMS["gitlab"](report))]

    assert names(3, 9) == names(13, 19)
    assert names(3) == names(9)
    assert len(set(names(3, 9))) == 2


def test_ten_thousand_findings_are_all_told() -> None:
    """In each form, in seconds."""
    report = _many()
    assert len(json.loads(FORMS["sarif"](report))["runs"][0]["results"]) == _MANY
    assert len(json.loads(FORMS["rdjson"](report))["diagnostics"]) == _MANY
    assert len(FORMS["rdjsonl"](report).splitlines()) == _MANY
    assert len(ElementTree.fromstring(FORMS["junit"](report)).findall(".//testcase")) == _MANY + 1
    assert len(_commands(FORMS["github"](report))) == _MANY
    assert len(json.loads(FORMS["gitlab"](report))) == _MANY
    assert FORMS["markdown"](report).count("**error**") == _MANY
