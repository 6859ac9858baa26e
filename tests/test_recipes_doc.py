"""docs/recipes.md says what a recipe may hold and know, no more and no less."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import jinja2
import pytest
from pydantic import BaseModel
from test_workshop import written

from codegate.answer.trial import try_example
from codegate.grammar.shipped import SHIPPED
from codegate.recipes import Shelf, prompts_folder
from codegate.recipes.declaration import Declaration, HoleRule, Input, Kind, Observe, Part, Place, Rewrite
from codegate.recipes.examples import ExampleTable
from codegate.recipes.facts import Attribute, ClassFacts, Constant, FunctionFacts, ModuleFacts, Parameter
from codegate.recipes.soundness import PROMPT_NAMES, REWRITE_NAMES, SKELETON_NAMES, THEN_NAMES
from codegate.source.contract import CHECKS, PARTS, PATTERNED

TEXT = (Path(__file__).parent.parent / "docs/recipes.md").read_text()
TABLES = {"inputs": ("inputs.NAME", Input), "holes": ("holes.NAME", HoleRule), "part": ("part", Part),
          "rewrite": ("rewrite", Rewrite), "observe": ("observe", Observe)}  # fmt: skip


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Yield the keys of a table and their defaults, as the document writes them."""
    for name, field in model.model_fields.items():
        key = field.alias or name
        if model is Declaration and key in TABLES:
            yield from keys(TABLES[key][1], f"{TABLES[key][0]}.")
            continue
        default: Any = (
            ... if field.is_required() else {} if field.default_factory is not None else field.get_default()
        )
        yield f"{prefix}{key}", written(list(default) if isinstance(default, tuple) else default)


def rows(after: str) -> dict[str, str]:
    """Return the first two columns of the first table behind a text."""
    table = re.search(r"^\|.*?(?=\n\n|\Z)", TEXT[TEXT.index(after) :], re.MULTILINE | re.DOTALL)
    assert table is not None
    return dict(re.findall(r"^\| ([^|]+?) \| *((?:\\\||[^|])*?) *\|", table[0], re.MULTILINE)[2:])


def named(after: str) -> set[str]:
    """Return what stands in backticks in the paragraph that begins so."""
    return set(re.findall(r"`([^`]+)`", TEXT[TEXT.index(after) :].partition("\n\n")[0]))


@pytest.mark.parametrize(
    ("heading", "model"), [("## Keys of `recipe.toml`", Declaration), ("## What an example", ExampleTable)]
)
def test_every_key_and_its_default_is_documented(heading: str, model: type[BaseModel]) -> None:
    """Those of `recipe.toml`, with its tables, and those of an example."""
    assert rows(heading) == {f"`{key}`": default for key, default in keys(model)}


def test_every_variable_and_filter_is_documented() -> None:
    """What templates of skeletons and of prompts know, and the filters that jinja has not."""
    skeleton = (*SKELETON_NAMES, *REWRITE_NAMES, *THEN_NAMES)
    assert set(rows("## What templates know")) == {f"`{name}`" for name in skeleton}
    assert set(rows("In `observe.expression`")) == {f"`{name}`" for name in PROMPT_NAMES}
    own = set(Shelf().open("repr").environment.filters) - set(jinja2.Environment().filters)
    assert set(rows("Filters beside")) == {f"`{name}`" for name in own}


def test_every_word_is_documented() -> None:
    """Places, types of inputs, words of `changes`, names of `checks`, grammars, and what a target can be."""
    assert set(get_args(Place)) <= named("**Places of a part.**")
    assert set(get_args(Input.model_fields["type"].annotation)) <= named("**Types of inputs.**")
    words = {word.partition(":")[0] for word in named("**Words of `changes`.**")}
    assert {*PARTS, *PATTERNED} <= words
    assert set(CHECKS) <= named("**Names of `checks`.**")
    assert named("**Grammars.**") == set(SHIPPED)
    assert set(get_args(Kind)) <= named("| `on` |")


def test_facts_that_are_documented_are_there() -> None:
    """Each name in the table of facts is one that a template can read."""
    kinds = {"a function": FunctionFacts, "a parameter": Parameter, "a class": ClassFacts,
             "an attribute": Attribute, "a file": ModuleFacts, "a constant": Constant}  # fmt: skip
    facts = rows("### Facts")
    assert set(facts) == set(kinds)
    for what, names in facts.items():
        assert {n.partition("(")[0] for n in re.findall(r"`([^`]+)`", names)} <= set(dir(kinds[what]))


def test_the_worked_example_works() -> None:
    """The recipe that the document shows can be copied, and makes what its example says."""
    shown = re.findall(r"^`\.codegate/recipes/to-dict/(\S+)`:\n\n```\w+\n(.*?)```", TEXT, re.M | re.S)
    files = {name: text.encode() for name, text in shown}
    shelf = Shelf({"to-dict": files}, shipped=prompts_folder())
    (example,) = shelf.examples("to-dict")
    tried = try_example(shelf.open("to-dict"), example)
    assert not tried.wrong, tried.text
