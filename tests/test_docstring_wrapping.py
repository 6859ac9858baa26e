"""A docstring's lines are as long as the project lets them be, and say the same."""

from __future__ import annotations

import textwrap

from hypothesis import given
from hypothesis import strategies as st

from codegate.answer.wrapping import wrapped

WORDS = st.lists(st.text("abcdefg.", min_size=1, max_size=12), min_size=1, max_size=40).map(" ".join)


@given(
    st.lists(st.tuples(st.sampled_from(["", "    ", "    name: ", ":param x: "]), WORDS), max_size=6),
    st.integers(40, 100),
)
def test_every_line_fits_and_no_word_is_lost(said: list[tuple[str, str]], width: int) -> None:
    """What follows a term goes on one level deeper, and the quotes stay at the end."""
    text = '"""' + "\n".join(lead + words for lead, words in said) + '\n"""'
    result = wrapped(text, width)
    assert result.split() == text.split()
    assert all(len(line) <= width for line in result.split("\n"))
    assert wrapped(result, width) == result


def test_what_fits_stays_and_a_single_long_line_gets_its_quotes_below() -> None:
    """Only a line that is too long is touched."""
    short = '"""Say it.\n\n    odd   spaces stay\n"""'
    assert wrapped(short, 40) == short
    long = f'"""{"word " * 20}end."""'
    assert wrapped(long, 40) == "\n".join([*textwrap.wrap(long[:-3], 40), '"""'])
