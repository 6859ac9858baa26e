"""Small projects with tests, and the tests gate asked about a change of one."""

from __future__ import annotations

from typing import Any

from conftest import GitRepo

from codegate.config import Config
from codegate.core import Origin, Patch, Scope, Verdict
from codegate.gates import make_rules
from codegate.gates.tests import Tests
from codegate.repo import Repository, Stage
from codegate.workspace import Workspace

CALC = "def add(a, b):\n    return a + b\n"
TEST_CALC = """\
import pytest
from calc import add


def test_add():
    assert add(1, 2) == 3


@pytest.mark.parametrize("a", [1, 2])
def test_zero(a):
    assert add(a, 0) == a
"""


def judge(
    repo: GitRepo,
    files: dict[str, str],
    *,
    delete: tuple[str, ...] = (),
    origin: Origin = Origin.MODEL,
    gate: Tests | None = None,
    **tests: Any,
) -> Verdict:
    """Return the gate's verdict on a change of files and deletions, under a configuration of `tests`.

    No run more for what the tests execute, unless `coverage` is asked for.
    """
    repository, asked = Repository.discover(repo.path), gate or Tests()
    tests = {"coverage": False, **tests}
    tests["env"] = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", **tests.get("env", {})}  # starts twice as fast
    rules = make_rules(Config.model_validate({"tests": tests}), origin, Scope(), [asked])
    with Stage(repository) as stage:
        if delete:
            repo.git("rm", "-q", "--cached", *delete)
            diff = repo.git("diff", "--cached").encode()
            repo.git("reset", "-q")
            base = stage.snapshot(repository.head(), delete)
            candidate = stage.stage(base, Patch(diff=diff))
        else:
            base = stage.snapshot(repository.head(), files)
            candidate = stage.stage(base, Patch(files={p: t.encode() for p, t in files.items()}))
        return asked.judge(Workspace(repository, stage, candidate), rules)


def rules_of(verdict: Verdict) -> list[tuple[str, str]]:
    return [(f.rule, f.severity.value) for f in verdict.findings]
