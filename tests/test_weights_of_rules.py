"""The base may weigh what a person may do; what no one may do stays an error, whatever it says."""

from __future__ import annotations

import json

import pytest
from conftest import GitRepo
from driver import codegate
from hypothesis import given
from hypothesis import strategies as st

from codegate.config import Config
from codegate.core import Finding, Outcome, Severity, Verdict
from codegate.errors import ConfigError
from codegate.gates import conclude
from codegate.gates.weights import BENDING, refuse_unbending, weighed

_UNUSED = b"diff --git a/a.py b/a.py\n--- a/a.py\n+++ b/a.py\n@@ -1 +1,2 @@\n+import os\n x = 1\n"


def _checked(repo: GitRepo, patch: bytes, *options: str) -> tuple[int, dict[str, object]]:
    gates = ["--gate", "lint", "--gate", "syntax"]
    done = codegate(repo.path, "check", "-", *gates, "--format", "json", *options, stdin=patch)
    return done.returncode, json.loads(done.stdout)


@pytest.mark.parametrize(
    ("origin", "rules", "code"),
    [
        ("model", "", 1),
        ("model", '"lint/F401" = "warning"', 0),
        ("model", '"lint/*" = "warning"', 0),
        ("model", '"lint/*" = "warning"\n"lint/F401" = "error"', 1),
        ("person", "", 0),
        ("person", '"lint/F401" = "error"', 1),
        ("person", '"lint/F841" = "error"', 0),
    ],
)
def test_a_rule_weighs_what_the_base_says(git_repo: GitRepo, origin: str, rules: str, code: int) -> None:
    """By its name before its gate's; the report says what is weaker than usual."""
    git_repo.commit({"a.py": "x = 1\n", "codegate.toml": f"[rules]\n{rules}\n"})
    returncode, report = _checked(git_repo, _UNUSED, "--origin", origin)
    assert returncode == code
    lint = next(g for g in report["gates"] if g["gate"] == "lint")  # type: ignore[attr-defined]
    assert lint["outcome"] == ("failed" if code else "passed")
    weaker = [f for f in lint["findings"] if f["rule"] == "lint/weakened"]
    assert bool(weaker) == ("warning" in rules)


@pytest.mark.parametrize("rule", ["syntax/python", "scope/outside", "tests/failed", "scope/node", "lnt/F401"])
def test_a_rule_that_does_not_bend_is_an_error_to_weigh(rule: str) -> None:
    """It would only look as if it could be switched off."""
    with pytest.raises(ConfigError, match="no rule that a project may weigh"):
        refuse_unbending(Config(rules={rule: "warning"}))


def test_a_name_that_is_nearly_right_is_offered(git_repo: GitRepo) -> None:
    """The exit code is that of a wrong configuration."""
    git_repo.commit({"a.py": "x = 1\n", "codegate.toml": '[rules]\n"scope/protect" = "warning"\n'})
    done = codegate(git_repo.path, "check", "-", stdin=_UNUSED)
    assert done.returncode == 2
    assert "Did you mean `scope/protected`?" in done.stderr


_RULES = st.sampled_from(["tests/failed", "tests/missing", "tests/flaky", "scope/node", "scope/mode", "x/y"])
_FINDINGS = st.lists(st.builds(Finding, _RULES, st.sampled_from(Severity), st.just("m")), max_size=20)


@given(_FINDINGS, st.integers(min_value=1, max_value=5))
def test_nothing_that_stands_is_weighed_away(findings: list[Finding], most: int) -> None:
    """Whatever is left out of a long report, an error that does not bend still refuses."""
    gates = {gate: f"{gate}/*" for gate in BENDING}
    config = Config(rules=dict.fromkeys(gates.values(), "warning"))
    verdict = weighed(conclude("g", findings, "", most), config)
    stands = [f for f in findings if f.rule in ("tests/failed", "scope/node", "x/y", "tests/flaky")]
    errors = any(f.severity is Severity.ERROR for f in stands)
    assert (verdict.outcome is Outcome.FAILED) == errors
    assert sum(f.severity is Severity.NOTE for f in verdict.findings if f.rule != "g/more") <= len(findings)


def test_a_broken_gate_stays_broken() -> None:
    """Weighing is no answer."""
    broken = Verdict("lint", Outcome.BROKEN, True, "", (Finding("lint/F401", Severity.ERROR, "m"),))
    assert weighed(broken, Config(rules={"lint/*": "warning"})).outcome is Outcome.BROKEN
