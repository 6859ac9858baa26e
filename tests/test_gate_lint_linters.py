"""Linters that the base configures: their programs in the sandbox, their reports read as from a stranger."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import GitRepo
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import said, verdict_of

from codegate.core import Origin, Outcome, Verdict
from codegate.errors import CodegateError
from codegate.gates.lint import Lint
from codegate.gates.lint.reports import READERS, Remark

_YAML = """
[[linters]]
name = "yaml"
command = ["yamllint", "-f", "parsable"]
files = ["*.yaml"]
"""
# Says of each line with "bad" in it that it is so, in the format that its first argument names.
_SCRIPT = """
import json, pathlib, sys
form, *paths = sys.argv[1:]
found = [(path, row, line.index("bad") + 1) for path in paths
         for row, line in enumerate(pathlib.Path(path).read_text().splitlines(), 1) if "bad" in line]
if pathlib.Path("off.cfg").read_text() == "off":
    found = []
here = pathlib.Path.cwd().as_uri() + "/"
if form == "lines":
    print("checking", len(paths), "files")
    for path, row, column in found:
        print(f"{path}:{row}:{column}: it is bad (B1)")
elif form == "rdjson":
    print(json.dumps({"source": {"name": "x"}, "diagnostics": [
        {"message": "it is bad", "code": {"value": "B1"}, "severity": "ERROR",
         "location": {"path": path, "range": {"start": {"line": row, "column": column}}}}
        for path, row, column in found]}))
else:
    print(json.dumps({"version": "2.1.0", "runs": [{
        "tool": {"driver": {"name": "x", "rules": [{"id": "B1"}]}},
        "originalUriBaseIds": {"TOP": {"uri": here}},
        "results": [{"ruleIndex": 0, "message": {"text": "it is bad"}, "locations": [{"physicalLocation": {
            "artifactLocation": {"uri": path.replace(" ", "%20"), "uriBaseId": "TOP"},
            "region": {"startLine": row, "startColumn": column}}}]} for path, row, column in found]}]}))
sys.exit(1 if found else 0)
"""


def _configured(form: str, command: str = "") -> dict[str, str | bytes]:
    rules = {"command": command or f"python3 tools/lint.py {form}", "name": "own", "format": form}
    table = "".join(f"{key} = {json.dumps(value)}\n" for key, value in rules.items())
    return {
        "codegate.toml": f'[[linters]]\n{table}files = ["*.txt"]\n',
        "tools/lint.py": _SCRIPT,
        "off.cfg": "on",
    }


def _judged(
    git_repo: GitRepo,
    base: dict[str, str | bytes],
    result: dict[str, str | bytes],
    origin: Origin = Origin.MODEL,
) -> Verdict:
    return verdict_of(Lint(), git_repo.path, git_repo.commit(base), git_repo.commit(result), origin)


def test_a_real_linter_tells_what_is_new(git_repo: GitRepo) -> None:
    """What it said of the base it may say again; its exit status is no matter."""
    base: dict[str, str | bytes] = {"codegate.toml": _YAML, "a.yaml": "---\na:  1\n", "b.yaml": "---\nb: 1\n"}
    result: dict[str, str | bytes] = {"a.yaml": "---\nc: 2\na:  1\n", "b.yaml": "---\nb:   1\n"}
    verdict = _judged(git_repo, base, result)
    assert said(verdict) == [("lint/yaml.colons", "error", "b.yaml", 2)]
    assert verdict.findings[0].column == 5
    assert "too many spaces" in verdict.findings[0].message
    assert verdict.summary == "1 new diagnostic of yaml"
    person = _judged(git_repo, {}, {"b.yaml": "---\nb:    1\nc:  1\n"}, Origin.PERSON)
    assert said(person) == [("lint/yaml.colons", "warning", "b.yaml", 3)]


@pytest.mark.parametrize("form", ["lines", "rdjson", "sarif"])
def test_each_format_is_read(git_repo: GitRepo, form: str) -> None:
    """Rule, place and message; a moved line and another language's file are not new; odd names are files."""
    base = _configured(form) | {"a.txt": "good\nso bad\n", "gone.txt": "bad\n"}
    first = git_repo.commit(base)
    git_repo.git("rm", "-q", "gone.txt")
    result = git_repo.commit({"a.txt": "so bad\nok\n\nnow bad\n", "-o p.txt": "very bad\n", "x.md": "bad\n"})
    verdict = verdict_of(Lint(), git_repo.path, first, result)
    assert said(verdict) == [("lint/own.B1", "error", "-o p.txt", 1), ("lint/own.B1", "error", "a.txt", 4)]
    assert [f.column for f in verdict.findings] == [6, 5]
    assert "it is bad" in verdict.findings[0].message


def test_a_diff_cannot_bring_its_own_configuration(git_repo: GitRepo) -> None:
    """The linter sees the base's files but for those it lints: even its program is the base's."""
    result: dict[str, str | bytes] = {"a.txt": "bad\n", "off.cfg": "off", "tools/lint.py": "print()\n"}
    found = said(_judged(git_repo, _configured("lines"), result))
    assert ("lint/own.B1", "error", "a.txt", 1) in found


def test_a_linter_that_no_changed_file_concerns_is_not_run(git_repo: GitRepo) -> None:
    """Nor one of whose files only some are gone."""
    base = _configured("lines", "no-such-program") | {"a.txt": "x\n"}
    first = git_repo.commit(base)
    git_repo.git("rm", "-q", "a.txt")
    verdict = verdict_of(Lint(), git_repo.path, first, git_repo.commit({"x.md": "x\n"}))
    assert verdict.outcome is Outcome.PASSED


@pytest.mark.parametrize(
    ("form", "command", "says"),
    [
        ("lines", "no-such-program", "no program no-such-program"),
        ("lines", "python3 -c 'raise SystemExit(\"out of order\")'", "out of order"),
        ("sarif", "python3 -c 'print(1)'", "cannot be read"),
        ("sarif", """python3 -c 'print("{\\"runs\\":[{\\"results\\":7}]}")'""", "runs.0.results"),
        ("rdjson", "true", "cannot be read"),
        ("rdjson", "python3 -c 'import os; os.kill(os.getpid(), 11)'", "139"),
        ("lines", "python3 -c 'import time; time.sleep(60)'", "too long"),
    ],
)
def test_a_linter_that_cannot_be_understood_breaks_the_gate(
    git_repo: GitRepo, form: str, command: str, says: str
) -> None:
    """It is not taken for one with nothing to say; the message names it, and a hint how to mend it."""
    files = _configured(form, command)
    files["codegate.toml"] = str(files["codegate.toml"]) + "timeout = 3\n"
    with pytest.raises(CodegateError) as caught:
        _judged(git_repo, files, {"a.txt": "bad\n"})
    assert "linter `own`" in caught.value.message
    assert says in caught.value.message
    assert caught.value.hint


def test_lines_of_many_tools_are_read() -> None:
    """The rule's name stands first or last; prose, other files and places outside are none."""
    text = b"""\
a.py:1:2: E501 line too long
b.yaml:3:4: [warning] too many spaces (colons)
c.sh:5:6: note: Double quote [SC2086]
./d.go:7: missing return
/top/e.c:8:9: error: unused (see above)
/usr/include/f.h:1:1: error
../g.c:1:1: error
Found 3 errors: in 12:30
"""
    found = [(r.path, r.line, r.column, r.code) for r in READERS["lines"](text, Path("/top"))]
    assert found == [
        ("a.py", 1, 2, "E501"), ("b.yaml", 3, 4, "colons"), ("c.sh", 5, 6, "SC2086"), ("d.go", 7, 1, ""),
        ("e.c", 8, 9, ""),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("location", "bases", "path"),
    [
        ({"uri": "a%20b.c"}, {}, "a b.c"),
        ({"uri": "file:///top/a.c"}, {}, "a.c"),
        ({"uri": "file://localhost/top/a.c"}, {}, "a.c"),
        ({"uri": "a.c", "uriBaseId": "SRC"}, {"SRC": {"uri": "src/", "uriBaseId": "TOP"}, "TOP": {"uri": "file:///top/"}},
         "src/a.c"),
        ({"uri": "a.c", "uriBaseId": "UNKNOWN"}, {}, "a.c"),
        ({"index": 0}, {}, "first.c"),
        ({"uri": "file:///etc/passwd"}, {}, None),
        ({"uri": "../a.c"}, {}, None),
        ({"uri": "%2e%2e/a.c"}, {}, None),
        ({"uri": "https://x.example/a.c"}, {}, None),
        ({"uri": "file://other/top/a.c"}, {}, None),
        ({"uri": "a.c", "uriBaseId": "LOOP"}, {"LOOP": {"uri": "x/", "uriBaseId": "LOOP"}}, None),
        ({}, {}, None),
    ],
)  # fmt: skip
def test_a_place_in_sarif_is_a_path_of_the_checkout_or_none(
    location: dict[str, object], bases: dict[str, object], path: str | None
) -> None:
    """Through bases of bases, percent-encoding and the list of artifacts; nothing outside is named."""
    run = {
        "results": [{"ruleId": "R", "message": {"text": "m"},
                     "locations": [{"physicalLocation": {"artifactLocation": location}}]},
                    {"ruleId": "R", "kind": "pass", "message": {"text": "m"}}],
        "originalUriBaseIds": bases,
        "artifacts": [{"location": {"uri": "first.c"}}],
    }  # fmt: skip
    found = list(READERS["sarif"](json.dumps({"runs": [run]}).encode(), Path("/top")))
    assert found == [Remark(path, 0, 0, "R", "m")]


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["runs", "results", "locations", "message", "text", "diagnostics", "location", "path"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@settings(max_examples=100, deadline=None)
@given(st.sampled_from(sorted(READERS)), _JSON.map(lambda v: json.dumps(v).encode()) | st.binary(max_size=60))
def test_no_report_is_more_than_unreadable(form: str, data: bytes) -> None:
    """Whatever a checker prints, it is remarks or a CodegateError."""
    try:
        remarks = list(READERS[form](data, Path("/top")))
    except CodegateError:
        return
    assert all(r.path is None or not r.path.startswith(("/", "../")) for r in remarks)


def test_a_deep_report_is_unreadable_not_fatal() -> None:
    """A parser that calls itself for each bracket would end the process."""
    with pytest.raises(CodegateError):
        list(READERS["sarif"](b'{"runs":' + b"[" * 500_000, Path("/top")))
