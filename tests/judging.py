"""One gate asked about the difference between two commits of a real repository, as the pipeline would."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from codegate.config import Config, load
from codegate.core import Origin, Scope, Target, Verdict
from codegate.gates import Gate, Rules, make_rules
from codegate.repo import Repository, Stage
from codegate.workspace import Workspace


@contextmanager
def opened(top: Path, base: str, result: str) -> Iterator[Workspace]:
    """Yield the workspace of the candidate that turns one commit into another."""
    repository = Repository.discover(top)
    with Stage(repository) as stage:
        trees = repository.tree(base), repository.tree(result)
        yield Workspace(repository, stage, stage.between(base, *trees))


def rules_for(
    top: Path,
    base: str,
    origin: Origin = Origin.MODEL,
    targets: tuple[str, ...] | None = None,
    changes: tuple[str, ...] = (),
) -> Rules:
    """Return the rules of a base commit; targets as a person writes them, `path::symbol`."""
    repository = Repository.discover(top)
    tree = repository.tree(base)
    config: Config = load(lambda path: repository.read(tree, path))
    scope = Scope(None if targets is None else tuple(_target(t) for t in targets), changes)
    return make_rules(config, origin, scope, ())


def verdict_of(
    gate: Gate,
    top: Path,
    base: str,
    result: str,
    origin: Origin = Origin.MODEL,
    targets: tuple[str, ...] | None = None,
) -> Verdict:
    """Return the gate's verdict on what turns `base` into `result`, with the seconds it took."""
    started = time.monotonic()
    with opened(top, base, result) as workspace:
        verdict = gate.judge(workspace, rules_for(top, base, origin, targets))
    return dataclasses.replace(verdict, seconds=time.monotonic() - started)


def said(verdict: Verdict) -> list[tuple[str, str, str | None, int | None]]:
    """Return rule, severity, path and line of each finding, the errors first."""
    return [(f.rule, f.severity.value, f.path, f.line) for f in verdict.findings]


def _target(text: str) -> Target:
    path, _, symbol = text.partition("::")
    return Target(path, symbol or None)
