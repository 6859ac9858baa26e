"""Whatever is wrong with a recipe is told when it is loaded: file, line, and the nearest right word."""

from __future__ import annotations

from pathlib import Path

import pytest

from codegate.core import Request, Target
from codegate.errors import ConfigError, UsageError
from codegate.recipes import Recipe, Shelf, draft, open_recipe, prompts_folder, read_folder
from codegate.recipes.declaration import Declaration, HoleRule, Input, Observe, Part, Rewrite, line_of
from codegate.recipes.examples import read_examples

PROMPTS = {"system.jinja": "s", "reference.jinja": "r", "task.jinja": "t"}
PART = '[[part]]\nplace = "end"\n'


def opened(declaration: str, **templates: str) -> Recipe:
    """Open a recipe of this text, with templates beside it."""
    files = {f"{name}.jinja": text for name, text in templates.items()}
    return open_recipe("mine", "project", "own/mine", {**PROMPTS, **files, "recipe.toml": declaration})


def refused(declaration: str, **templates: str) -> tuple[str, str]:
    """Return what is said of a recipe that has a mistake, and the hint."""
    with pytest.raises(ConfigError) as error:
        opened(declaration, **templates)
    return error.value.message, error.value.hint


@pytest.mark.parametrize(
    ("table", "head"),
    [
        (Declaration, ""), (Input, "[inputs.a]\n"), (HoleRule, "[holes.a]\n"), (Part, "[[part]]\n"),
        (Rewrite, "[[rewrite]]\n"), (Observe, "[observe]\n"),
    ],
)  # fmt: skip
def test_an_unknown_key_in_any_table_is_answered_with_the_nearest(table: type, head: str) -> None:
    """Each key of each table, misspelt by one letter at its end."""
    for name, field in table.model_fields.items():
        key = field.alias or name
        message, hint = refused(f'summary = "x"\n{head}{key}x = "y"\n')
        line = 2 + head.count("\n")
        assert f"own/mine/recipe.toml:{line}: " in message or "Field required" in message
        if "Extra inputs" in message:
            assert hint == f"did you mean `{key}`?"


@pytest.mark.parametrize(
    ("declaration", "line", "said", "hint"),
    [
        # types, and what goes together
        ('ask = 3\n', 2, "ask: Input should be a valid string", ""),
        ('[inputs.a]\nhelp = "h"\n[inputs.b]\nhelp = 3\n', 5, "inputs.b.help", ""),
        ('[inputs.a]\nhelp = "h"\ntype = "nam"\n', 4, "'name', 'names'", ""),
        ('[inputs.a]\nhelp = "h"\nchoices = ["b"]\n', 2, '`choices` go with type = "choice"', ""),
        ('[inputs.a]\nhelp = "h"\ntype = "choice"\n', 2, "`choices` go with", ""),
        ('[[part]]\nplace = "here"\n', 3, "part.0.place", ""),
        (f'{PART}', 2, "one of `template` and `text`", ""),
        (f'{PART}text = "a"\n{PART}text = "b"\ntemplate = "c"\n', 5, "one of `template`", ""),
        # grammars of holes
        ('[holes.a]\ngrammar = "line"\npattern = "a"\n', 2, "one of `grammar`, `pattern`", ""),
        ('[holes.a]\nhelp = "h"\n', 2, "one of `grammar`, `pattern`", ""),
        ('[holes.a]\ngrammar = "lines"\n', 2, "its grammar: ", ""),
        ('[holes.a]\ngrammar = """root ::= a\na ::= [\n"""\n', 2, "its grammar: line 2", ""),
        ('[holes.a]\npattern = "a("\n', 2, "its grammar: ", ""),
        ('[holes.a]\ngrammar = "line"\nmax_tokens = 0\n', 4, "holes.a.max_tokens", ""),
        # holes and names
        ('\n[holes.a]\ngrammar = "line"\n', 3, "no template has a hole `a`", ""),
        (f'{PART}text = "{{{{ hole(\'sumary\') }}}}"\n[holes.summary]\ngrammar = "line"\n', 4,
         "no hole `sumary` is declared", "did you mean `summary`?"),
        (f'{PART}text = "{{{{ fiel.path }}}}"\n', 4, "there is no `fiel`", "did you mean `file`?"),
        (f'{PART}text = "a"\nname = "{{{{ traget }}}}"\n', 5, "`traget`", "did you mean `target`?"),
        (f'{PART}text = "a"\nlead = "{{{{ nam }}}}"\n', 5, "no `nam`", "did you mean `name`?"),
        (f'{PART}text = "{{{{ name | snak }}}}"\n', 4, "no filter `snak`", "did you mean `snake`?"),
        (f'{PART}text = "{{{{ name is strin }}}}"\n', 4, "no test `strin`", "did you mean `string`?"),
        (f'{PART}text = "{{% include \'b.jinja\' %}}"\n', 4, "no template `b.jinja`", ""),
        (f'{PART}text = "{{% if %}}"\n', 4, "Expected an expression", ""),
        (f'{PART}text = "{{{{ inputs.stile }}}}"\n[inputs.style]\nhelp = "h"\n', 4,
         "no input `stile`", "did you mean `style`?"),
        ('imports = ["{{ inptus }}"]\n', 2, "there is no `inptus`", "did you mean `inputs`?"),
        ('ask = "{{ subjet }}"\n', 2, "there is no `subjet`", "did you mean `subject`?"),
        (f'{PART}text = "{{{{ hole(\'a\') }}}}"\n[holes.a]\ngrammar = "line"\nhelp = "{{{{ off }}}}"\n',
         7, "there is no `off`", "did you mean `of`?"),
        (f'{PART}text = "{{{{ hole(\'a\') }}}}"\n[holes.a]\ngrammar = "line"\n[observe]\n'
         'hole = "b"\nexpression = ""\n', 8, "there is no hole `b`", ""),
        ('under_test = "of"\n[inputs.off]\nhelp = "h"\n', 2, "no input `of`", "did you mean `off`?"),
        # defaults
        ('[inputs.n]\nhelp = "a number"\ntype = "number"\ndefault = "six"\n', 5, "a whole number", ""),
        ('[inputs.n]\nhelp = "a flag"\ntype = "flag"\ndefault = "maybe"\n', 5, "yes or no", ""),
        ('[inputs.n]\nhelp = "h"\ntype = "choice"\nchoices = ["one"]\ndefault = "on"\n', 6, "not “on”",
         "did you mean `one`?"),
        # the contract
        ('changes = ["docstrin"]\n', 2, "there is no word `docstrin`", "`docstring`"),
        ('changes = ["member:"]\n', 2, "lacks a name", ""),
        ('changes = ["query:(nonsense) @change"]\n', 2, "the query is none of python", ""),
        ('changes = ["query:(call)"]\n', 2, "captures nothing as @change", ""),
        ('\nchecks = ["type"]\n', 3, "there is no check `type`", "`types`"),
        ('changes = ["body"]\n[[part]]\nplace = "docstring"\ntext = "a"\n', 4, "out of scope", ""),
        # queries
        ('language = "pyton"\n', 2, "there is no language `pyton`", "did you mean `python`?"),
        ('query = "(call"\n', 2, "captures nothing", ""),
        ('query = "(call @change"\n', 2, "the query is none of python", ""),
        ('[[rewrite]]\nquery = "(call) @a"\nto = "b"\n', 3, "captures nothing as @change", ""),
        ('[[rewrite]]\nquery = "(cal) @change"\nto = "b"\n', 3, "the query is none of python", ""),
        ('[[rewrite]]\nquery = "(call) @change"\nto = "{{ chnge }}"\n', 4, "no `chnge`",
         "did you mean `change`?"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_where_it_stands(declaration: str, line: int, said: str, hint: str) -> None:
    """The message begins with file and line, and what is misspelt is answered with what was meant."""
    message, given = refused(f'summary = "x"\n{declaration}')
    assert message.startswith(f"own/mine/recipe.toml:{line}: ")
    assert said in message
    assert hint in given


def test_a_mistake_in_a_template_file_is_told_with_its_line() -> None:
    """In one that a part names, one that only another includes, and one that is not there or no UTF-8."""
    part = f'summary = "x"\n{PART}template = "a.jinja"\n'
    assert "own/mine/a.jinja:2: there is no `nme`" in refused(part, a="x\n{{ nme }}")[0]
    assert (
        "own/mine/b.jinja:1: there is no `nme`"
        in refused(part, a="{% include 'b.jinja' %}", b="{{ nme }}")[0]
    )
    assert refused(part)[0].startswith("own/mine/recipe.toml:4: own/mine/a.jinja: no such template")
    files = {**{name: text.encode() for name, text in PROMPTS.items()}, "recipe.toml": part.encode()}
    for broken in ("a.jinja", "recipe.toml"):
        shelf = Shelf({"mine": {**files, "a.jinja": b"", broken: b"\xff"}})
        with pytest.raises(ConfigError, match=rf"mine/{broken}: .*no UTF-8"):
            shelf.open("mine")


def test_a_template_that_never_ends_is_a_mistake_too() -> None:
    """One that includes itself ends with a message, as does one that asks for more than there is room for."""
    recipe = opened(f'summary = "x"\n{PART}template = "a.jinja"\n', a="{% include 'a.jinja' %}")
    with pytest.raises(ConfigError, match="recursion"):
        recipe.render("a.jinja", {})
    with pytest.raises(ConfigError):
        recipe.render_text("{% for i in range(10 ** 9) %}{% endfor %}", "ask", {})


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ ([1] * 10**11) | length }}", "too much memory"),
        ("{{ 'x' | center(10**11) }}", "too much memory"),
        ("{{ 'x' * 2000000 }}", "2,000,000 characters"),
        ("{{ (10**100000) | string }}", "limit"),
        (f"{{{{ {'(' * 5000}1{')' * 5000} }}}}", "too deep"),
        pytest.param(
            "{% for a in range(9**5) %}{% for b in range(9**5) %}{% endfor %}{% endfor %}", "within 10 s",
            marks=pytest.mark.slow,
        ),
    ],
)  # fmt: skip
def test_a_projects_recipe_takes_neither_all_time_nor_all_memory(text: str, said: str) -> None:
    """It is opened and written out in a process of its own first: a message comes of it, with its folder."""
    declaration = f'summary = \'x\'\nlanguage = \'any\'\n{PART}text = """{text}"""\n'
    request = Request("", (Target("a.txt"),), "mine", {})
    with pytest.raises(ConfigError, match=r"^\.codegate/recipes/mine.*") as error:
        draft(Shelf({"mine": {"recipe.toml": declaration.encode()}}).open("mine"), request, {}.get)
    assert said in error.value.message


@pytest.mark.parametrize("text", ["'\\ud800'", "'.x' | logged", "3 | snake", "[] | shapes"])
def test_whatever_a_template_trips_over_is_its_mistake(text: str) -> None:
    """With the place where it stands: half a character, a filter that is given what it is not for."""
    recipe = opened('summary = "x"\n')
    with pytest.raises(ConfigError, match=r"recipe\.toml: ask: ."):
        recipe.render_text(f"{{{{ {text} }}}}", "ask", {})


def test_lines_are_found_within_their_table() -> None:
    """Neither a key of another table, nor text within a long string, nor a nested table is taken for it."""
    text = (
        'summary = "x"\nask = """\nhelp = 1\n[inputs.b]\n"""\n[inputs.a]\nhelp = "h"\n'
        '[inputs."b"]\ntype="text"\nhelp = "h"\n[[part]]\nplace = "top"\n[[part]]\nplace = "end"\n'
        "holes.c.help = 1\n"
    )
    assert line_of(text, ["inputs", "b", "help"]) == 10
    assert line_of(text, ["inputs", "b", "type"]) == 9
    assert line_of(text, ["part", "1", "place"]) == 14
    assert line_of(text, ["part", "0", "name"]) == 11
    assert line_of(text, ["part", "1", "holes", "c", "help"]) == 15
    assert line_of(text, ["nowhere"]) == 1


@pytest.mark.parametrize(
    ("kind", "right", "wrong"),
    [
        ("text", {"": "", "any = thing\n": "any = thing\n"}, ()),
        ("name", {"": "", " café ": "café", "_x1": "_x1"}, ("a b", "1a", "a.b", "a-b", "a,b")),
        ("names", {"": [], "a, b,,c ": ["a", "b", "c"]}, ("a,b c", "a;b")),
        ("flag", {"yes": True, "NO": False, "true": True, "0": False}, ("", "maybe", "yess")),
        ("number", {"3": 3, "-12": -12}, ("", "3.5", "1e3", "0x1", "1234567890", "three", "１２")),
        ("json", {'{"a": [1]}': {"a": [1]}, "@a.json": "@a.json", "": ""}, ("{", "[" * 100_000, "{'a': 1}")),
        ("choice", {"one": "one"}, ("", "two", "One")),
        ("target", {"a.py::f": "a.py::f"}, ()),
    ],
)
def test_an_input_is_of_its_type_or_refused(
    kind: str, right: dict[str, object], wrong: tuple[str, ...]
) -> None:
    """What is refused says what the input is."""
    choices = 'choices = ["one", "three"]\n' if kind == "choice" else ""
    recipe = opened(f'summary = "x"\n[inputs.a]\nhelp = "the thing"\ntype = "{kind}"\n{choices}')
    for text, value in right.items():
        assert recipe.fill({"a": text}) == {"a": value}
    for text in wrong:
        with pytest.raises(UsageError, match="recipe mine: `a` is the thing"):
            recipe.fill({"a": text})


@pytest.mark.parametrize(
    ("text", "files", "said", "hint"),
    [
        ('targt = "a.py"\n', {"after.py": ""}, r"example.toml:1: targt", "did you mean `target`?"),
        ('target = "a.py"\n', {}, "either after.py or `refused`", ""),
        ('target = "a.py"\nrefused = "x"\n', {"after.py": ""}, "either after.py or `refused`", ""),
        ("target = \n", {"after.py": ""}, "example.toml: .*line 1", ""),
        (None, {"after.py": ""}, "no such file", ""),
    ],
)
def test_a_mistake_in_an_example_is_told(
    text: str | None, files: dict[str, str], said: str, hint: str
) -> None:
    """With file, line and key, as for the recipe itself."""
    given = {f"one/{name}": body for name, body in files.items()} | (
        {} if text is None else {"one/example.toml": text}
    )
    with pytest.raises(ConfigError, match=said) as error:
        list(read_examples("mine", "own/mine", given))
    assert hint in error.value.hint


def test_what_ships_has_no_file_that_its_recipe_does_not_use() -> None:
    """Each template beside a recipe.toml is named by it, or by another template."""
    for path in sorted(prompts_folder().glob("*/*.jinja")):
        beside = [p for p in path.parent.iterdir() if p.is_file() and p != path]
        assert path.parent.name == "_shared" or path.stem in ("system", "reference", "task") or any(
            path.name in other.read_text() for other in beside
        ), path  # fmt: skip


def test_the_shelf_knows_which_files_are_there(tmp_path: Path) -> None:
    """A folder without a recipe.toml is none; what is too large, or a project's link, is no file of one."""
    (tmp_path / "empty").mkdir()
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "recipe.toml").write_text(f'summary = "x"\n{PART}template = "a.jinja"\n')
    (tmp_path / "mine" / "a.jinja").write_text("x" * 200_001)
    (tmp_path / "secret").write_text("x")
    (tmp_path / "mine" / "b.jinja").symlink_to(tmp_path / "secret")
    shelf = Shelf(user=tmp_path)
    assert "mine" in shelf.names()
    assert "empty" not in shelf.names()
    with pytest.raises(ConfigError, match="no such template"):
        shelf.open("mine")
    assert shelf.files("mine").keys() == {"recipe.toml", "b.jinja"}
    assert read_folder(tmp_path / "mine", links=False).keys() == {"recipe.toml"}
    with pytest.raises(ConfigError, match="no such template"):
        Shelf({"mine": {p.name: p.read_bytes() for p in (tmp_path / "mine").iterdir()}}).open("mine")
