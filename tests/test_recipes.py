"""Recipes as data: loaded, filled, and refused with file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegate.errors import ConfigError, UsageError
from codegate.recipes import Recipe, Shelf, prompts_folder


def _recipe(folder: Path, declaration: str, task: str = "t") -> Path:
    """Write a recipe named `mine`."""
    (folder / "mine").mkdir()
    texts = {"recipe.toml": declaration, "system.jinja": "s", "reference.jinja": "r", "task.jinja": task}
    for name, text in texts.items():
        (folder / "mine" / name).write_text(text)
    return folder


def load_recipe(name: str, folder: Path) -> Recipe:
    """Open a recipe that is kept with codegate's own."""
    return Shelf(shipped=folder).open(name)


def test_every_recipe_that_ships_can_be_loaded() -> None:
    """The free one is among them, and is made for every form of answer."""
    known = {recipe.name: recipe for recipe in Shelf()}
    assert known["edit"].forms == ("symbol", "file", "edits")
    assert set(known) == {path.parent.name for path in prompts_folder().glob("*/recipe.toml")}


def test_an_unknown_recipe_is_refused_with_the_nearest_name() -> None:
    """A typo is answered with what was probably meant; a path is no recipe."""
    with pytest.raises(UsageError, match="no recipe `edti`") as error:
        Shelf().open("edti")
    assert error.value.hint == "did you mean `edit`?"
    with pytest.raises(UsageError, match="no recipe"):
        Shelf().open("../prompts/edit")


def test_inputs_are_filled_from_what_is_given_and_from_defaults(tmp_path: Path) -> None:
    """An input without a default must be given."""
    _recipe(
        tmp_path,
        'summary = "x"\n[inputs.style]\nhelp = "of docstring"\ndefault = "google"\n[inputs.of]\nhelp = "h"\n',
    )
    recipe = load_recipe("mine", tmp_path)
    assert recipe.fill({"of": "a"}) == {"style": "google", "of": "a"}
    with pytest.raises(UsageError, match="needs `of`: h") as error:
        recipe.fill({"style": "numpy"})
    assert "--set of=" in error.value.hint
    with pytest.raises(UsageError, match="no input `stile`") as error:
        recipe.fill({"stile": "numpy"})
    assert error.value.hint == "did you mean `style`?"


@pytest.mark.parametrize(
    ("declaration", "where", "hint"),
    [
        ("summary = = 1\n", "recipe.toml: .*line 1", ""),
        ('summary = "x"\n\nsumary = "y"\n', "recipe.toml:3: sumary", "did you mean `summary`?"),
        ("forms = []\n", "recipe.toml:1: summary", ""),
        ('summary = "x"\nforms = ["symbol", "fil"]\n', "recipe.toml:2: forms", ""),
        (
            'summary = "x"\n[inputs.a]\nhelp = "h"\ndefalt = ""\n',
            "recipe.toml:4: inputs.a.defalt",
            "did you mean `default`?",
        ),
        ('summary = "x"\n[inputs.a]\n', "recipe.toml:2: inputs.a.help", ""),
    ],
)
def test_a_mistake_in_a_declaration_is_told_with_file_line_and_key(
    tmp_path: Path, declaration: str, where: str, hint: str
) -> None:
    """An unknown key is answered with the nearest known one."""
    with pytest.raises(ConfigError, match=where) as error:
        load_recipe("mine", _recipe(tmp_path, declaration))
    assert hint in error.value.hint


def test_a_mistake_in_a_template_is_told_with_file_and_line(tmp_path: Path) -> None:
    """Its syntax, its names and its filters at load, and what it makes of a value when it is written."""
    folder = _recipe(tmp_path, 'summary = "x"', task="line\n{% if %}\n")
    with pytest.raises(ConfigError, match=r"task\.jinja:2: "):
        load_recipe("mine", folder)
    (folder / "mine" / "task.jinja").write_text("one\ntwo {{ instrution }}\n")
    with pytest.raises(ConfigError, match=r"task\.jinja:2: there is no `instrution`") as error:
        load_recipe("mine", folder)
    assert error.value.hint == "did you mean `instruction`?"
    (folder / "mine" / "task.jinja").write_text("one\ntwo {{ subject | lowr }}\n")
    with pytest.raises(ConfigError, match=r"task\.jinja:2: there is no filter `lowr`") as error:
        load_recipe("mine", folder)
    assert error.value.hint == "did you mean `lower`?"
    (folder / "mine" / "task.jinja").write_text("one\ntwo {{ remarks.missing }}\n")
    with pytest.raises(ConfigError, match=r"task\.jinja:2: .*'missing'"):
        load_recipe("mine", folder).write(remarks=[])
    (folder / "mine" / "task.jinja").unlink()
    with pytest.raises(ConfigError, match=r"task\.jinja: no such template"):
        load_recipe("mine", folder)


@pytest.mark.parametrize(
    "template",
    ["{{ ''.__class__.__mro__ }}", "{{ remarks.append(1) }}", "{{ cycler.__init__.__globals__ }}",
     "{% include '/etc/passwd' %}", "{% include '../other/task.jinja' %}"],
)  # fmt: skip
def test_a_template_cannot_reach_beyond_what_it_is_given(tmp_path: Path, template: str) -> None:
    """The sandbox refuses Python's insides, changes to values, and files elsewhere."""
    folder, values = _recipe(tmp_path, 'summary = "x"', task=template), [0]
    with pytest.raises(ConfigError, match=r"task\.jinja:1"):
        load_recipe("mine", folder).write(remarks=values)
    assert values == [0]


def test_nothing_is_escaped(tmp_path: Path) -> None:
    """The text is for a model: angle brackets and quotes stay as they are."""
    recipe = load_recipe("mine", _recipe(tmp_path, 'summary = "x"', task="{{ instruction }}"))
    assert recipe.write(instruction='<a> & "b" {{ c }}') == ("s", "r", '<a> & "b" {{ c }}')
