"""Every diff of `tests/hostile` is refused, by the rule that its header names, whatever git alone does."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest
from hostile import FOLDER, Case, alone, cases, make_base

from codegate.core import Base, Origin, Outcome, Patch, Refused, Scope, Severity
from codegate.errors import PatchRefused
from codegate.gates import Gate, Rules
from codegate.pipeline import Project, gate, open_project

CASES = list(cases())
FAMILIES = sorted({case.family for case in CASES})
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
    with open_project(base) as project:
        yield project


def contents(folder: Path) -> dict[str, bytes]:
    """Every byte below a folder, and where its links lead."""
    return {
        str(path.relative_to(folder)): str(path.readlink()).encode()
        if path.is_symlink()
        else path.read_bytes()
        for path in folder.rglob("*")
        if path.is_symlink() or path.is_file()
    }


def errors(project: Project, diff: bytes, gates: tuple[str, ...] = STATIC) -> set[str]:
    """Return the rules by which a model's diff is refused; none if it is not."""
    base, asked, rules = judges(project, gates)
    try:
        candidate = project.stage.stage(base, Patch(diff=diff))
    except PatchRefused as refusal:
        return {refusal.rule}
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


@pytest.mark.parametrize("family", FAMILIES)
def test_git_alone_does_what_the_headers_say(family: str, base: Path, tmp_path: Path) -> None:
    """So that the corpus shows what codegate adds."""
    those = [case for case in CASES if case.family == family]
    assert {c.name: alone(base, c.diff, tmp_path) for c in those} == {c.name: c.git for c in those}


def test_the_table_counts_what_is_there() -> None:
    """Family by family, and how much of it git alone would have written."""
    counted = Counter((case.family, case.git == "refuses") for case in CASES)
    rows = [(f, counted[f, True] + counted[f, False], counted[f, True], counted[f, False]) for f in FAMILIES]
    rows.append(("all", *(sum(row[n] for row in rows) for n in (1, 2, 3))))
    expected = "\n".join(f"| {' | '.join(str(cell) for cell in row)} |" for row in rows)
    table = (FOLDER / "README.md").read_text(encoding="utf-8").partition("| --- | --- | --- | --- |\n")[2]
    assert table.strip() == expected


def test_the_corpus_is_large_and_reads_well() -> None:
    """Every case says why, in a line, and no two diffs are the same."""
    assert len(CASES) >= 200
    assert len({case.diff.partition(b"\n\n")[2] for case in CASES}) == len(CASES)
    assert not [case.name for case in CASES if not re.fullmatch(r"[a-z]+/[a-z0-9-]+", case.name)]
    assert not [case.name for case in CASES if not 10 <= len(case.why) <= 100]
