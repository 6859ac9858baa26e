"""Which lines are new is told by how often each stands in the two texts, and by nothing else."""

from __future__ import annotations

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.gates.lines import new_lines

_TEXT = st.lists(st.sampled_from([b"", b"a", b"b", b"c\r", b"d\x0c"]), max_size=12).map(b"\n".join)


@settings(max_examples=100, deadline=None)
@given(_TEXT, _TEXT)
def test_new_lines_are_those_that_the_base_does_not_have_as_often(before: bytes, after: bytes) -> None:
    """Each with its number, whatever both texts begin and end with."""
    found = new_lines(before, after)
    assert Counter(line for _, line in found) == Counter(after.split(b"\n")) - Counter(before.split(b"\n"))
    lines = after.split(b"\n")
    assert all(lines[number - 1] == line for number, line in found)
    assert [number for number, _ in found] == sorted({number for number, _ in found})


def test_a_line_that_is_doubled_is_new_where_it_was_added() -> None:
    assert new_lines(b"x\na\ny\n", b"a\nx\na\ny\n") == [(1, b"a")]
    assert new_lines(None, b"a") == [(1, b"a")]
    assert new_lines(b"a\nb\n", b"b\na\n") == []
