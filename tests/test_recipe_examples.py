"""Every recipe makes what its examples say."""

from __future__ import annotations

import pytest

from codegate.answer.trial import try_example
from codegate.recipes import Shelf
from codegate.recipes.examples import Example

EXAMPLES = [(name, example) for name in Shelf().names() for example in Shelf().examples(name)]
FREE = {"edit"}


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=[f"{name}/{e.name}" for name, e in EXAMPLES])
def test_an_example_comes_out_as_it_says(name: str, example: Example) -> None:
    """To the byte, with the example's answers in the holes."""
    tried = try_example(Shelf().open(name), example)
    assert not tried.wrong, f"{tried.wrong}\n{tried.text}"


def test_every_recipe_with_a_skeleton_has_an_example() -> None:
    """What nobody tried is no recipe."""
    assert set(Shelf().names()) - {name for name, _ in EXAMPLES} == FREE
