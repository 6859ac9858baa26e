"""Recipes as people use them: on the command line, from three places, with and without a model."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import GitRepo
from driver import codegate

from codegate.core import Request, Target
from codegate.observation import observe
from codegate.pipeline import open_project

ACCOUNT = '''\
"""Money."""


class Account:
    """One person's money."""

    def __init__(self, owner, balance=0, pin_token=None):
        self.owner = owner
        self.balance = balance
        self.pin_token = pin_token


def share(total, people):
    if not people:
        raise ValueError("nobody")
    return total / people
'''
TESTS = """\
import unittest

from bank import share


class Shares(unittest.TestCase):
    def test_share(self):
        self.assertEqual(share(4, 2), 2)
"""
RULES = f"[tests]\ncommand = {json.dumps([sys.executable, '-m', 'unittest'])}\ncoverage = false\n"
CLASS = "bank.py::Account"
OWN = ".codegate/recipes"
MARK = """\
summary = "{summary}"
on = ["class"]
changes = {changes}

[[part]]
place = "docstring"
text = '{text}'
"""


def own(summary: str = "a mark", text: str = '"""Marked."""', changes: str = '["docstring"]') -> str:
    return MARK.format(summary=summary, text=text, changes=changes)


@pytest.fixture
def bank(git_repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> GitRepo:
    """A small project, on a machine that has no model at all."""
    git_repo.commit({"bank.py": ACCOUNT, "test_bank.py": TESTS, "codegate.toml": RULES})
    monkeypatch.setenv("CODEGATE_MODELS", str(tmp_path / "no-models"))
    return git_repo


def suggested(bank: GitRepo, *args: str) -> subprocess.CompletedProcess[str]:
    return codegate(bank.path, "suggest", *args, "--no-apply")


def shown(bank: GitRepo) -> str:
    """Return the diff of the one candidate that is pending."""
    (one,) = codegate(bank.path, "pending").stdout.splitlines()
    return codegate(bank.path, "show", one.split()[0], "--format", "diff").stdout


def test_what_rules_can_write_needs_no_model(bank: GitRepo) -> None:
    """A __repr__ is gated and waits, on a machine without weights; no secret is in it."""
    done = suggested(bank, CLASS, "--recipe", "repr")
    assert (done.returncode, done.stderr.count("model pull")) == (0, 0), done.stderr
    diff = shown(bank)
    assert "+    def __repr__(self):" in diff
    assert "self.owner!r" in diff
    assert "pin_token" not in re.findall(r"^\+.*", diff, re.MULTILINE)[-1]


def test_without_a_model_what_only_one_can_say_is_named(bank: GitRepo) -> None:
    """Nothing is pending then, and what is missing is said by the hole's own help."""
    done = suggested(bank, CLASS, "--recipe", "docstring", "--model", "none")
    assert done.returncode == 3
    assert "rules alone cannot say what goes into `summary`" in done.stderr
    assert "leave out --model none" in done.stderr
    assert codegate(bank.path, "pending").stdout == ""


def test_an_answer_fills_the_holes_and_nothing_else(bank: GitRepo, tmp_path: Path) -> None:
    """Names, errors and layout are the skeleton's; one text out of its grammar refuses the whole answer."""
    texts = {"summary": "Share a total.", "parameter total": "What there is.", "returns": "Each one's part.",
             "parameter people": "How many.", "raises ValueError": "If there is nobody."}  # fmt: skip
    script = tmp_path / "script.toml"
    bad = {**texts, "returns": 'It """ends.'}
    script.write_text("".join(f"[[answer]]\ntext = {json.dumps(json.dumps(t))}\n" for t in (bad, texts)))
    args = ["bank.py::share", "--recipe", "docstring", "--model", f"scripted:{script}", "--repair", "0"]
    refused = suggested(bank, *args)
    assert refused.returncode == 1
    assert "answer/ill-formed" in refused.stdout + refused.stderr
    done = suggested(bank, *args, "--candidates", "2")
    assert done.returncode == 0, done.stderr
    added = "\n".join(line[1:] for line in shown(bank).splitlines() if re.match(r"\+[^+]", line))
    assert "Args:\n        total: What there is.\n        people: How many." in added
    assert "Raises:\n        ValueError: If there is nobody." in added


@pytest.mark.parametrize(
    ("args", "said", "hint"),
    [
        (["bank.py::share", "--recipe", "repr"], "for a class, and bank.py::share is a function", "::symbol"),
        ([CLASS, "--recipe", "hints"], "is for a function, and bank.py::Account is a class", "path::symbol"),
        (["notes.md", "--recipe", "docstring"], "is for python, and notes.md is markdown", "`edit`"),
        ([CLASS, "--recipe", "reprr"], "there is no recipe `reprr`", "did you mean `repr`?"),
        ([CLASS, "--recipe", "repr", "--set", "field=a"], "has no input `field`", "did you mean `fields`?"),
        ([CLASS, "--recipe", "repr", "--set", "fields=a b"], "“a b” is no name", "--set fields=first,second"),
    ],
)  # fmt: skip
def test_a_recipe_that_does_not_apply_is_refused_before_a_model_is_looked_for(
    bank: GitRepo, args: list[str], said: str, hint: str
) -> None:
    """With exit code 2 and a hint: there are no weights here, and nobody asks for any."""
    bank.commit({"notes.md": "# Notes\n"})
    done = suggested(bank, *args)
    assert done.returncode == 2
    assert said in done.stderr
    assert hint in done.stderr
    assert "model pull" not in done.stderr


def test_a_projects_recipe_is_that_of_the_base(bank: GitRepo, home: Path) -> None:
    """It stands before the user's and codegate's of its name; what is not committed does not count."""
    mine = home / ".config" / "codegate" / "recipes" / "mark"
    mine.mkdir(parents=True)
    (mine / "recipe.toml").write_text(own("the user's", '"""User."""'))
    listed = codegate(bank.path, "recipe", "list").stdout
    assert re.search(r"^mark +the user's  \(user's own\)$", listed, re.MULTILINE)
    bank.commit({f"{OWN}/mark/recipe.toml": own("the project's"), f"{OWN}/repr/recipe.toml": own("no repr")})
    bank.write(f"{OWN}/mark/recipe.toml", own("edited", '"""Edited."""'))
    listed = codegate(bank.path, "recipe", "list").stdout
    assert re.search(r"^mark +the project's  \(project's own\)$", listed, re.MULTILINE)
    assert re.search(r"^repr +no repr  \(project's own\)$", listed, re.MULTILINE)
    assert suggested(bank, CLASS, "--recipe", "mark").returncode == 0
    assert '+    """Marked."""' in shown(bank)
    bank.commit({f"{OWN}/mark/recipe.toml": "sumary = 1\n"})
    broken = suggested(bank, CLASS, "--recipe", "mark")
    assert broken.returncode == 2
    assert f"{OWN}/mark/recipe.toml:1" in broken.stderr


def test_a_recipe_of_ones_own_is_started_shown_and_tried(bank: GitRepo) -> None:
    """`recipe new` copies one with its examples; it can be tried before it is committed."""
    done = codegate(bank.path, "recipe", "new", "brief", "--from", "repr")
    folder = bank.path / OWN / "brief"
    assert (done.returncode, done.stdout.strip()) == (0, str(folder))
    assert "commit" in done.stderr
    tried = codegate(bank.path, "recipe", "test", "brief")
    assert (tried.returncode, set(re.findall("[✓✗]", tried.stdout))) == (0, {"✓"})
    template = folder / "repr.jinja"
    template.write_text(template.read_text().replace("{type(self).__name__}", "X"))
    tried = codegate(bank.path, "recipe", "test", "brief")
    assert tried.returncode == 1
    assert "✗ the text is another" in tried.stdout
    assert codegate(bank.path, "recipe", "new", "brief").returncode == 2
    assert codegate(bank.path, "recipe", "new", "../x").returncode == 2
    folder.parent.rename(bank.path.parent / "elsewhere")
    folder.parent.symlink_to(bank.path.parent / "elsewhere")
    assert "is a symbolic link" in codegate(bank.path, "recipe", "new", "other").stderr
    assert not (bank.path.parent / "elsewhere" / "other").exists()
    assert "no recipe `brief`" in codegate(bank.path, "recipe", "test", "brief").stderr
    shown = codegate(bank.path, "recipe", "show", "docstring").stdout
    for words in ("--set style=…", "google or numpy", "changes: docstring", "checked for: docstring-true"):
        assert words in shown


def test_what_a_recipe_writes_beyond_its_contract_is_refused(bank: GitRepo) -> None:
    """Its own `changes` hold for its own parts: the gate `scope` says no."""
    wide = own(changes='["{{ \'docstring\' if false }}", "member:x"]')
    bank.commit({f"{OWN}/mark/recipe.toml": wide})
    done = suggested(bank, CLASS, "--recipe", "mark")
    assert done.returncode == 1
    assert "scope/contract" in done.stdout + done.stderr


def test_what_waits_is_judged_again_by_the_contract_of_its_base(bank: GitRepo) -> None:
    """A recipe that is loosened, or gone, since then makes no difference."""
    base = bank.commit({f"{OWN}/mark/recipe.toml": own()})
    request = Request("", (Target("bank.py", "Account"),), "mark")
    bank.commit({f"{OWN}/mark/recipe.toml": own(changes="[]")})
    with open_project(bank.path) as project:
        assert project.scope(request, base).changes == ("docstring",)
        assert project.scope(request, project.repository.head()).changes == ()


def test_no_model_touches_recipes(bank: GitRepo, tmp_path: Path) -> None:
    """A diff below .codegate is of what steers codegate itself: protected, whoever wrote it."""
    bank.commit({f"{OWN}/mark/recipe.toml": own()})
    script = tmp_path / "script.toml"
    script.write_text(f"[[answer]]\ntext = {json.dumps(own(changes='[]'))}\n")
    target = f"{OWN}/mark/recipe.toml"
    done = suggested(bank, "loosen it", target, "--model", f"scripted:{script}", "--repair", "0")
    assert done.returncode == 1
    assert "scope/protected" in done.stdout + done.stderr


def test_what_the_code_comes_to_is_seen_in_the_sandbox(bank: GitRepo) -> None:
    """A value, an error, what cannot be told, of the base's code; what that prints counts for nothing."""
    base = bank.commit({"odd.py": """\
import itertools, os, sys, time
count = itertools.count()
def value(): return {"a": (1, "é")}
def fails(): raise KeyError("nothing")
def other(): return next(count), object()
def prints(): print("noise"); sys.stderr.write("noise"); return 2
def leaves(): sys.exit(3)
def half(): raise KeyError("\\ud800")
def claims():
    at = sys._getframe()
    while "asked" not in at.f_locals: at = at.f_back
    said = '{"at": 7, "value": "1\\\\nimport os", "literal": true, "stable": true, "raised": "E:\\\\n  x"}'
    os.write(1, ("\\n" + at.f_locals["asked"]["token"] + said + "\\n").encode())
    time.sleep(9)
def forged():
    print('0' * 32 + '{"at": 0, "value": "forged"}')
    return 3
"""})  # fmt: skip
    bank.write("odd.py", "def value(): return 'the work tree'\n")
    bank.write("codegate.toml", RULES + "timeout = 1\n")
    bank.git("add", "codegate.toml")
    bank.git("commit", "-qm", "be quick")
    names = ("value", "fails", "other", "prints", "forged", "leaves", "half", "claims", "value")
    with open_project(bank.path) as project:
        commit = project.repository.head()
        at = project.stage.snapshot(commit, [])
        seen = observe(project, at, "import odd", [f"odd.{name}()" for name in names])
    value, fails, other, prints, forged, leaves, half, claims, late = seen
    assert base != commit
    assert (value.value, value.is_literal, value.is_stable) == ("{'a': (1, 'é')}", True, True)
    assert (fails.raised, fails.module) == ("KeyError", "builtins")
    assert not other.is_stable
    assert (prints.value, forged.value) == ("2", "3")
    assert (leaves.raised, half.message) == ("SystemExit", r"'\ud800'")
    assert (claims.is_literal, claims.raised, late.raised) == (False, "_", "Timeout")
