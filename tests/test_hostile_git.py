"""What git alone does with every diff of `tests/hostile`, so that the corpus shows what codegate adds."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest
from hostile import FOLDER, alone, cases, make_base

CASES = list(cases())
FAMILIES = sorted({case.family for case in CASES})


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("hostile") / "project"
    make_base(folder)
    return folder


@pytest.mark.parametrize("family", FAMILIES)
def test_git_alone_does_what_the_headers_say(family: str, base: Path, tmp_path: Path) -> None:
    """Plainly, and with the index."""
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
