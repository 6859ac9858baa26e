"""What ruff can put right of an answer is put right; nothing else of the file is touched."""

from __future__ import annotations

import json

import pytest
from conftest import GitRepo
from driver import codegate
from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.core import Patch
from codegate.gates.lint.mending import mended
from codegate.repo import Repository, Stage
from codegate.source.editing import Edit, chosen, edited, replaced
from codegate.workspace import Workspace

RULES = "line-length = 60\n[lint]\nselect = ['E', 'F', 'I']\n"
BASE = '"""Numbers."""\n\nimport os\nimport sys\n\n\ndef f(x):\n    return os.sep, sys.path, x\n'


def mend(repo: GitRepo, text: str, name: str = "a.py") -> str | None:
    """Return what mending makes of a new text, None if it has nothing to put right."""
    repository = Repository.discover(repo.path)
    with Stage(repository) as stage:
        base = stage.snapshot(repository.head(), [name])
        candidate = stage.stage(base, Patch(files={name: text.encode()}))
        done = mended(Workspace(repository, stage, candidate))
    return done[name].decode() if done else None


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    git_repo.commit({"a.py": BASE, "ruff.toml": RULES})
    return git_repo


def test_imports_are_sorted_and_unused_ones_go(repo: GitRepo) -> None:
    """A safe fix of what the answer brought is made; the file is as its author would have left it."""
    answer = BASE.replace("import sys\n", "import sys\nimport json\nimport abc\n").replace("x\n", "x, abc\n")
    assert mend(repo, answer) == BASE.replace("import os", "import abc\nimport os").replace("x\n", "x, abc\n")


def test_a_file_that_was_formatted_stays_formatted(repo: GitRepo) -> None:
    """A long line and odd quotes are laid out as the base's file is."""
    answer = BASE + "\n\ndef g(first, second, third):\n    return f(first) + f(second) + f(third) + ('x',)\n"
    result = mend(repo, answer)
    assert result is not None
    assert max(len(line) for line in result.splitlines()) <= 60
    assert result.startswith(BASE)


def test_what_was_there_before_is_left_alone(git_repo: GitRepo) -> None:
    """A base that is neither sorted nor formatted stays so: only new diagnostics are put right."""
    ugly = "import sys\nimport os\nimport json\ndef f( x ):\n    return os.sep , sys.path\n"
    git_repo.commit({"a.py": ugly, "ruff.toml": RULES})
    answer = ugly + "def g( y ):\n    import abc\n    return y\n"
    assert mend(git_repo, answer) == ugly + "def g( y ):\n    return y\n"


def test_nothing_to_put_right_is_nothing_done(repo: GitRepo) -> None:
    """A clean answer comes through as it is; so does one that ruff cannot read."""
    assert mend(repo, BASE.replace("x\n", "[x]\n")) is None
    assert mend(repo, BASE + "def broken(:\n") is None
    assert mend(repo, BASE.replace("\n", "\r\n")) is None


def test_suggest_mends_says_so_and_judges_the_result(repo: GitRepo) -> None:
    """An answer that the gate `lint` would refuse for its import order is put right, gated, and noted."""
    answer = "import json\nimport abc\n\ndef f(x):\n    return os.sep, sys.path, x, json, abc"
    script = repo.path.parent / "s.toml"
    script.write_text(f"[[answer]]\ntext = {json.dumps(f'```python{chr(10)}{answer}{chr(10)}```')}\n")
    done = codegate(repo.path, "suggest", "x", "a.py::f", "--model", f"scripted:{script}", "--no-apply")
    assert done.returncode == 0, done.stdout + done.stderr
    diff = codegate(repo.path, "show", done.stdout.strip()).stdout
    assert "+import abc\n+import json\n import os\n" in diff


@given(st.text(alphabet="aé😀\n ", max_size=40), st.data())
@settings(deadline=None)
def test_an_edit_replaces_just_what_it_names(text: str, data: st.DataObject) -> None:
    """Rows and columns count characters: everything before and after an edit stays."""
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))

    def place(offset: int) -> tuple[int, int]:
        before = text[:offset]
        return before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1

    edit = Edit(place(start), place(end), "<new>")
    assert edited(text.encode(), [[edit]]).decode() == text[:start] + "<new>" + text[end:]


def test_of_two_edits_that_overlap_the_first_is_made() -> None:
    """Two fixes of one place are not mixed."""
    first, second = Edit((1, 1), (1, 4), "one"), Edit((1, 2), (1, 3), "two")
    assert edited(b"abcdef\n", [[first], [second]]) == b"onedef\n"


def test_edits_are_made_only_where_they_may_be() -> None:
    """A group with one edit out of bounds is not made at all, nor one that touches what is spared."""
    one, two = Edit((1, 2), (1, 3), "<"), Edit((2, 2), (2, 3), ">")
    text = "äbc\ndef\n"
    assert chosen(text, [[one, two]], (0, 4)) == []
    assert chosen(text, [[one], [two]], (0, 4)) == [[(1, 2, "<")]]
    assert replaced(text, chosen(text, [[one], [two]], None, [(0, 2)])) == "äbc\nd>f\n"
