"""Every diff of `tests/hostile` is refused, by the rule that its header names, whatever git alone does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from random import Random

import pytest
from hostile import Case, cases, make_base, written
from hostile.mutations import COMPANY, DAMAGE, DRESS, Mutation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegate.core import Base, Origin, Outcome, Patch, Refused, Scope, Severity
from codegate.errors import PatchRefused
from codegate.gates import Gate, Rules
from codegate.gates.weakening import weakenings
from codegate.pipeline import Project, gate, open_project
from codegate.workspace import Workspace

CASES = list(cases())
STATIC = ("scope", "syntax", "lint", "imports", "secrets")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The repository that all cases are against. After all of them it is byte for byte what it was."""
    folder = tmp_path_factory.mktemp("hostile") / "project"
    make_base(folder)
    before = contents(folder)
    yield folder
    assert contents(folder) == before


@pytest.fixture(scope="module")
def project(base: Path) -> Iterator[Project]:
    """The base, opened, with all that the gates load late loaded here once: not in a fork for each case."""
    with open_project(base) as project:
        asked, gates, rules = judges(project, STATIC)
        candidate = project.stage.stage(asked, Patch(files={"new.py": b"import os\n\nprint(os.sep)\n"}))
        for each in gates:
            each.judge(Workspace(project.repository, project.stage, candidate), rules)
        yield project


@pytest.fixture(scope="module")
def scratch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("scratch")


def contents(folder: Path) -> dict[str, bytes]:
    """Every byte below a folder but codegate's own state, and where its links lead."""
    own = folder / ".git" / "codegate"
    found = (p for p in folder.rglob("*") if (p.is_symlink() or p.is_file()) and own not in p.parents)
    return {str(p): bytes(p.readlink()) if p.is_symlink() else p.read_bytes() for p in found}


def errors(project: Project, diff: bytes, gates: tuple[str, ...] = STATIC) -> set[str]:
    """Return the rules by which a model's diff is refused; none if it is not."""
    base, asked, rules = judges(project, gates)
    try:
        candidate = project.stage.stage(base, Patch(diff=diff))
    except PatchRefused as refusal:
        return {refusal.rule}
    if gates == ("tests",):  # the part of it that reads: to run them takes its time
        told = weakenings(Workspace(project.repository, project.stage, candidate), rules)
        return {f.rule for f in told if f.severity is Severity.ERROR}
    judged = gate(project, candidate, asked, rules)
    assert not [v for v in judged.verdicts if v.outcome is Outcome.BROKEN], judged.verdicts
    found = {f.rule for v in judged.verdicts for f in v.findings if f.severity is Severity.ERROR}
    assert isinstance(judged, Refused) == bool(found)
    return found


@cache
def judges(project: Project, gates: tuple[str, ...]) -> tuple[Base, list[Gate], Rules]:
    commit = project.repository.head()
    return Base(commit, project.repository.tree(commit)), *project.rules(commit, Origin.MODEL, Scope(), gates)


def marked(case: Case) -> object:
    marks = [pytest.mark.xfail(reason=case.open, strict=True)] if case.open else []
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", [marked(case) for case in CASES])
def test_a_hostile_diff_is_refused_by_its_rule(case: Case, project: Project) -> None:
    """Judged as a model's by the gate that the rule belongs to."""
    assert case.rule in errors(project, case.diff, (case.rule.partition("/")[0],))


REFUSED = [case for case in CASES if not case.open]
examples = given(
    case=st.sampled_from(REFUSED),
    mutations=st.lists(st.sampled_from(DRESS + COMPANY), min_size=1, max_size=3),
    damages=st.lists(st.sampled_from(DAMAGE), max_size=2),
    chance=st.randoms(use_true_random=False),
)
_Mutations = Sequence[Mutation]


def check_mutation(
    project: Project, scratch: Path, case: Case, mutations: _Mutations, damages: _Mutations, chance: Random
) -> None:
    diff = case.body
    for mutate in (*mutations, *damages):
        diff = mutate(diff, chance) if diff else diff
    base, tree = project.repository.top, judges(project, STATIC)[0].tree
    alone, meant = written(base, diff, scratch), written(base, case.body, scratch)
    found = errors(project, diff, (case.rule.partition("/")[0],))
    if alone in (None, tree):
        assert {rule.partition("/")[0] for rule in found} == {"scope"}
    elif meant not in (None, tree) and (not damages or alone == meant):
        assert case.rule in found


@examples
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_other_way_to_write_it_gets_past(
    project: Project, scratch: Path, case: Case, mutations: _Mutations, damages: _Mutations, chance: Random
) -> None:
    """However it is dressed up, in whatever company: what git would write of it is refused by the same rule.

    What git refuses is refused too, and nothing is a crash or leaves a gate broken.
    """
    check_mutation(project, scratch, case, mutations, damages, chance)


MUTATIONS = DRESS + COMPANY + DAMAGE


@pytest.mark.slow
@pytest.mark.parametrize("nth", range(len(MUTATIONS)), ids=[mutation.__name__ for mutation in MUTATIONS])
def test_every_case_in_some_dresses(nth: int, project: Project, scratch: Path) -> None:
    """The same, case by case: each in every fourth of them."""
    mutation = MUTATIONS[nth]
    for case in REFUSED[nth % 4 :: 4]:
        damages = [mutation] if mutation in DAMAGE else []
        check_mutation(project, scratch, case, [] if damages else [mutation], damages, Random(case.name))
