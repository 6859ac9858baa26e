"""A Gated and an Approved are written down in one place each: elsewhere it neither runs nor type-checks."""

from __future__ import annotations

import copy
import dataclasses
import json
import subprocess
import sys
from pathlib import Path

import pytest
from approvals import approve

from codegate.core import Approved, Base, Candidate, Gated
from codegate.store.record import from_json, to_json

ROOT = Path(__file__).parent.parent
CANDIDATE = Candidate(Base("c" * 40, "a" * 40), "b" * 40, b"diff", ())


@pytest.mark.parametrize("seal", [None, object(), True, "seal"])
def test_nobody_else_makes_one(seal: object) -> None:
    """Whatever is given for a seal."""
    approved = approve(CANDIDATE)
    with pytest.raises(TypeError, match="judge only"):
        Gated(CANDIDATE, (), "", seal)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="review only"):
        Approved(approved.gated, seal)  # type: ignore[arg-type]


def test_none_is_made_without_a_seal() -> None:
    """There is no default."""
    with pytest.raises(TypeError, match="seal"):
        Gated(CANDIDATE, (), "")  # type: ignore[call-arg]
    with pytest.raises(TypeError, match="seal"):
        Approved(approve(CANDIDATE).gated)  # type: ignore[call-arg]


def test_none_is_made_out_of_another() -> None:
    """A copy with another candidate would be an approval of what nobody saw."""
    approved = approve(CANDIDATE)
    other = dataclasses.replace(CANDIDATE, tree="d" * 40)
    with pytest.raises((TypeError, ValueError), match="seal"):
        dataclasses.replace(approved.gated, candidate=other)
    with pytest.raises((TypeError, ValueError), match="seal"):
        dataclasses.replace(approved, gated=approved.gated)
    if hasattr(copy, "replace"):
        with pytest.raises((TypeError, ValueError), match="seal"):
            copy.replace(approved, gated=approved.gated)


def test_none_is_changed_afterwards() -> None:
    """They are frozen, and so is what they hold."""
    approved = approve(CANDIDATE)
    for thing, name in (
        (approved, "gated"), (approved.gated, "candidate"), (CANDIDATE, "tree"), (CANDIDATE.base, "tree"),
    ):  # fmt: skip
        with pytest.raises(dataclasses.FrozenInstanceError):
            setattr(thing, name, None)


@pytest.mark.parametrize("kind", [Gated, Approved])
def test_none_is_read_from_a_record(kind: type) -> None:
    """What was stored is staged, gated and asked for again."""
    approved = approve(CANDIDATE)
    text = to_json(approved if kind is Approved else approved.gated)
    with pytest.raises(ValueError, match=r"."):
        from_json(kind, text)
    with pytest.raises(ValueError, match=r"."):
        from_json(kind, json.dumps(json.loads(text) | {"seal": None}))


PREAMBLE = """
import dataclasses
from collections.abc import Callable
from codegate.apply import apply
from codegate.core import Approved, Candidate, Declined, Gated, Judged, Refused, Screen, judge, review
from codegate.repo import Repository
from codegate.store import Store

def use(candidate: Candidate, judged: Judged, gated: Gated, approved: Approved, screen: Screen,
        repository: Repository, read: Callable[[str], bytes], store: Store) -> None:
"""

MISUSE = {
    "a Gated without a seal": "Gated(candidate, (), '')",
    "a Gated with another seal": "Gated(candidate, (), '', object())",
    "an Approved without a seal": "Approved(gated)",
    "an Approved with None": "Approved(gated, None)",
    "replacing the candidate": "dataclasses.replace(gated, candidate=candidate)",
    "replacing what was approved": "dataclasses.replace(approved, gated=gated)",
    "assigning to a Gated": "gated.candidate = candidate",
    "reviewing what was only judged": "review(judged, screen)",
    "reviewing a candidate": "review(candidate, screen)",
    "applying a candidate": "apply(candidate, repository, read, store=store)",
    "applying what is only gated": "apply(gated, repository, read, store=store)",
    "applying any answer": "apply(review(gated, screen), repository, read, store=store)",
    "applying the judgement": "apply(judge(candidate, [], frozenset(), ''), repository, read, store=store)",
    "a subclass": "type('X', (Gated,), {})(candidate, (), '')\n    class Mine(Approved): pass",
}
USE = """\
    verdict = judge(candidate, [], frozenset(), '')
    if isinstance(verdict, Gated):
        answer = review(verdict, screen)
        if isinstance(answer, Approved):
            apply(answer, repository, read, store=store)
"""


def test_misuse_does_not_type_check(tmp_path: Path) -> None:
    """mypy says no to each way round the flow, and yes to the flow."""
    files = {tmp_path / f"misuse_{n}.py": f"    {line}\n" for n, line in enumerate(MISUSE.values())}
    files[tmp_path / "use.py"] = USE
    for path, body in files.items():
        path.write_text(PREAMBLE + body)
    done = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--no-incremental", "--config-file=",
         "--follow-imports=silent", "--ignore-missing-imports", *map(str, files)],
        cwd=ROOT, env={"MYPYPATH": str(ROOT), "PATH": "", "HOME": str(tmp_path)}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "use.py" not in [line.split(":")[0].rpartition("/")[2] for line in done.stdout.splitlines()]
    for number, name in enumerate(MISUSE):
        assert f"misuse_{number}.py:" in done.stdout, f"{name} type-checks"
