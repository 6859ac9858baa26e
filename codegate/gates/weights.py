"""What the base may weigh otherwise: rules that a person may break and a model may not."""

from __future__ import annotations

import difflib
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from codegate.core import Outcome, Severity, Verdict
from codegate.errors import ConfigError

if TYPE_CHECKING:
    from codegate.config import Config
    from codegate.core import Finding

# All others are errors from everyone, whatever a base says: leaving the repository, hiding text,
# a credential, broken syntax, failing tests.
BENDING: Final = {
    "scope": (
        "protected", "plugins", "deletion", "symlink", "submodule", "mode", "binary", "name", "size",
        "encoding", "line-endings", "final-newline", "mixed-script", "look-alike",
    ),
    "syntax": ("doubtful", "duplicate-key", "too-large"),
    "lint": ("*",),
    "imports": ("*",),
    "secrets": ("keyword", "size"),
    "types": ("*",),
    "tests": (
        "missing", "skipped", "base-failed", "base-unknown", "removed", "skip", "assertion", "loosened",
        "vacuous", "tolerance", "parameters", "fixture", "mock", "expectation", "rewritten", "decorator",
        "not-judged", "shadow", "aware",
    ),
}  # fmt: skip


def refuse_unbending(config: Config) -> None:
    """Raise ConfigError for a rule in `rules` that is not the base's to weigh; a plug-in's rules all are."""
    for rule in config.rules:
        if rule.partition("/")[0] not in config.gates and not _bends(rule):
            known = [f"{gate}/{name}" for gate, names in BENDING.items() for name in names]
            near = difflib.get_close_matches(rule, known, 1)
            raise ConfigError(
                f"configuration of the base commit: rules: `{rule}` is no rule that a project may weigh",
                f"Did you mean `{near[0]}`?" if near else f"Those are: {', '.join(known)}.",
            )


def weighed(verdict: Verdict, config: Config) -> Verdict:
    """Return a gate's Verdict with each finding as heavy as the base has it, and passed or failed by that.

    A note stays a note: it says something, it asks nothing.
    """
    if not config.rules or not verdict.findings:
        return verdict
    findings = tuple(_weigh(finding, config) for finding in verdict.findings)
    had, has = (any(f.severity is Severity.ERROR for f in of) for of in (verdict.findings, findings))
    outcome = verdict.outcome
    if had != has and outcome in (Outcome.PASSED, Outcome.FAILED):
        outcome = Outcome.FAILED if has else Outcome.PASSED
    return replace(verdict, findings=findings, outcome=outcome)


def _weigh(finding: Finding, config: Config) -> Finding:
    gate = finding.rule.partition("/")[0]
    weight = config.rules.get(finding.rule) or config.rules.get(f"{gate}/*")
    if (
        weight is None
        or finding.severity is Severity.NOTE
        or not (gate in config.gates or _bends(finding.rule))
    ):
        return finding
    return replace(finding, severity=Severity(weight))


def _bends(rule: str) -> bool:
    """Say whether a rule is the base's to weigh; `gate/*` is, where some of that gate's are."""
    gate, _, name = rule.partition("/")
    names = BENDING.get(gate, ())
    return bool(names) and (name == "*" or name in names or "*" in names)
