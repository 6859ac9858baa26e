"""A gate that does not answer is broken, and the others still do: asked as a user asks, of a real plug-in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from conftest import GitRepo
from driver import codegate

_PATCH = b"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1,2 @@\n x = 1\n+y = 2\n"
_GATE = """
import ctypes, os, re, time
from codegate.core import Outcome, Verdict
class Odd:
    name = "odd"
    def judge(self, workspace, rules):
        {body}
"""


@pytest.fixture
def site(tmp_path: Path) -> Path:
    """A folder for an installed package."""
    folder = tmp_path / "site"
    info = folder / "odd-1.0.dist-info"
    info.mkdir(parents=True)
    info.joinpath("METADATA").write_text("Metadata-Version: 2.1\nName: odd\nVersion: 1.0\n")
    info.joinpath("entry_points.txt").write_text("[codegate.gates]\nodd = odd_gate:Odd\n")
    return folder


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("os.abort()", "crashed: Aborted"),
        ("raise RuntimeError('oops')", "crashed: RuntimeError: oops"),
        ("os._exit(0)", "crashed: "),
        ("time.sleep(600)", "did not answer within 2 s"),
        ("re.match('(a+)+$', 'a' * 64 + 'b')", "did not answer within 2 s"),
        ("return None", "crashed: "),
        ("return 'passed'", "crashed: "),
        ("return Verdict('odd', 'passed', True, 3)", "crashed: "),
        ("return Verdict('scope', Outcome.PASSED, True, '')", "the gate answered twice"),
    ],
)
def test_a_gate_that_does_not_answer_is_broken(git_repo: GitRepo, site: Path, body: str, says: str) -> None:
    """It crashes, hangs, answers nonsense, or speaks for another."""
    site.joinpath("odd_gate.py").write_text(_GATE.format(body=body))
    git_repo.commit({"a.py": "x = 1\n", "codegate.toml": 'gates = ["odd"]\n[limits]\nseconds = 2\n'})
    asked = ["--gate", "odd", "--gate", "scope", "--gate", "syntax", "--format", "json"]
    done = codegate(git_repo.path, "check", "-", *asked, stdin=_PATCH, env={"PYTHONPATH": str(site)})
    assert done.returncode == 3, done.stderr
    report = json.loads(done.stdout)
    assert report["verdict"] == "broken"
    outcomes = {gate["gate"]: (gate["outcome"], gate["summary"]) for gate in report["gates"]}
    assert outcomes["syntax"][0] == "passed"
    assert any(outcome == "broken" and says in summary for outcome, summary in outcomes.values())
