"""Whatever the fuzzer found holds still: its corpus is replayed here without it."""

from __future__ import annotations

import pytest
from fuzz.targets import CORPUS, TARGETS


@pytest.mark.parametrize("target", sorted(TARGETS))
def test_what_was_found_stays_mended(target: str) -> None:
    """Every input of the corpus, and none at all, keeps the target's promises."""
    inputs = sorted((CORPUS / target).iterdir())
    assert inputs
    with TARGETS[target]() as holds:
        holds(b"")
        for path in inputs:
            holds(path.read_bytes())


def test_the_corpus_stays_small() -> None:
    """So that it can be read, and replayed each time."""
    for target in TARGETS:
        inputs = list((CORPUS / target).iterdir())
        assert len(inputs) < 200
    assert sum(path.stat().st_size for path in CORPUS.rglob("*") if path.is_file()) < 300_000
