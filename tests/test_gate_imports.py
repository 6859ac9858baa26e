"""The gate `imports` lets in what is real and declared, names what is neither, and imports nothing itself."""

from __future__ import annotations

import time
from pathlib import Path

import pytest
from conftest import GitRepo
from hypothesis import given, reject, settings
from hypothesis import strategies as st
from judging import said, verdict_of

from codegate.core import Origin, Outcome, Verdict
from codegate.gates.imports import Imports
from codegate.gates.imports.statements import imports_of, keeps_imports
from codegate.source import language_of

_Files = dict[str, str | bytes]
_BANK: _Files = {
    "bank/__init__.py": "from bank.account import Account\n",
    "bank/account.py": "class Account:\n    limit = 3\n\n\ndef open_account():\n    return Account()\n",
}


def _judged(git_repo: GitRepo, base: _Files, result: _Files, origin: Origin = Origin.MODEL) -> Verdict:
    return verdict_of(Imports(), git_repo.path, git_repo.commit(base), git_repo.commit(result), origin)


def _told(git_repo: GitRepo, base: _Files, result: _Files) -> list[tuple[str, str | None, int | None]]:
    return [(f.rule, f.path, f.line) for f in _judged(git_repo, base, result).findings]


def _of(git_repo: GitRepo, base: _Files, text: str, path: str = "new.py") -> list[str]:
    """Return the rules told of one new file."""
    git_repo.git("rm", "-q", "--ignore-unmatch", path)
    before = git_repo.commit(base)
    return [
        f.rule for f in verdict_of(Imports(), git_repo.path, before, git_repo.commit({path: text})).findings
    ]


def test_an_invented_package_is_refused_with_the_nearest_real_one(git_repo: GitRepo) -> None:
    """An error from a model, a warning from a person, at its place."""
    base: _Files = {
        "pyproject.toml": '[project]\nname = "x"\ndependencies = ["requests>=2"]\n',
        "a.py": "x = 1\n",
    }
    result: _Files = {"a.py": "import os\nfrom reqeusts.sessions import Session\n"}
    verdict = _judged(git_repo, base, result)
    assert verdict.outcome is Outcome.FAILED
    assert said(verdict) == [("imports/unknown", "error", "a.py", 2)]
    assert "`reqeusts`" in verdict.findings[0].message
    assert verdict.findings[0].hint == "Did you mean `requests`?"
    assert verdict.summary == "1 new import beyond the standard library"
    person = _judged(git_repo, {"a.py": ""}, result, Origin.PERSON)
    assert (person.outcome, said(person)) == (Outcome.PASSED, [("imports/unknown", "warning", "a.py", 2)])


def test_a_distributions_name_is_no_module(git_repo: GitRepo) -> None:
    """Declared or not: the hint names the module that it brings."""
    base: _Files = {"requirements.txt": "beautifulsoup4\nPyYAML==6.0\n"}
    verdict = _judged(git_repo, base, {"a.py": "import bs4\nimport yaml\nimport beautifulsoup4\n"})
    assert [(f.line, f.hint) for f in verdict.findings] == [(3, "Did you mean `bs4`?")]


def test_the_standard_library_is_known(git_repo: GitRepo) -> None:
    """Also its packages, what newer and older Pythons have, and names that are no files."""
    text = (
        "from __future__ import annotations\nimport os.path, xml.etree.ElementTree as E\nimport tomllib\n"
        "from collections.abc import Mapping\nfrom concurrent import futures\nimport distutils.core, cgi\n"
        "import importlib.metadata\nfrom _typeshed import SupportsRead\nimport tkinter.ttk, lib2to3.pgen2\n"
        "import annotationlib\nfrom encodings import idna\n"
    )
    assert _told(git_repo, {"x": ""}, {"a.py": text}) == []


def test_a_module_that_the_standard_library_lacks_is_told(git_repo: GitRepo) -> None:
    """Below a package and below a module; with the nearest that it has."""
    verdict = _judged(
        git_repo, {"x": ""}, {"a.py": "import os.pth\nfrom email.mimetext import MIMEText\nimport sys.x\n"}
    )
    assert [(f.rule, f.line) for f in verdict.findings] == [("imports/missing", n) for n in (1, 2, 3)]
    assert "json.decoder" in _judged(git_repo, {}, {"b.py": "import json.decoders\n"}).findings[0].hint


def test_the_rest_of_the_standard_library_excuses_nothing(git_repo: GitRepo) -> None:
    """That the base has `os` is no reason to have `os.paths`; that it has this very module is one."""
    base: _Files = {"old.py": "import os\nimport json.later\n"}
    assert _told(git_repo, base, {"a.py": "import os.paths\nimport json.later\n"}) == [
        ("imports/missing", "a.py", 1)
    ]


_DECLARATIONS: dict[str, str] = {
    "pyproject.toml": "[project]\ndependencies = [\"some-dist[extra]>=1; python_version > '3'\"]\n",
    "a/pyproject.toml": "[project.optional-dependencies]\ncli = ['some.dist']\n",
    "b/pyproject.toml": "[dependency-groups]\ndev = ['other', {include-group = 'x'}, 'Some_Dist ~= 2']\n",
    "c/pyproject.toml": "[build-system]\nrequires = ['some-dist']\n",
    "d/pyproject.toml": "[tool.poetry.group.dev.dependencies]\nsome-dist = {version = '^1'}\n",
    "e/pyproject.toml": "[tool.poetry.dependencies]\npython = '^3.8'\nSome-Dist = '*'\n",
    "f/pyproject.toml": "[tool.hatch.envs.test]\nextra-dependencies = ['some-dist']\n",
    "g/pyproject.toml": "[tool.pdm.dev-dependencies]\ntest = ['some-dist']\n",
    "setup.cfg": "[options]\ninstall_requires =\n    other>=1\n    some-dist\n",
    "h/setup.cfg": "[options.extras_require]\nx = some-dist>2\n",
    "setup.py": "from setuptools import setup\nsetup(install_requires=['some-dist>=1,<2'])\n",
    "tox.ini": "[testenv]\ndeps =\n    py38: some-dist\n",
    "noxfile.py": "def tests(session):\n    session.install('some-dist')\n",
    "requirements-dev.txt": "# tools\n-r other.txt\nsome-dist==1.0 --hash=sha256:00\n",
    "requirements/test.in": "some-dist\n",
    "docs/requirements.txt": "-e git+https://example.com/x.git#egg=some-dist\n",
    "Pipfile": "[dev-packages]\nsome-dist = '*'\n",
    "uv.lock": 'version = 1\n\n[[package]]\nname = "some-dist"\nversion = "1"\n',
    "poetry.lock": '[[package]]\nname = "some-dist"\n',
    "Pipfile.lock": '{"default": {\n    "some-dist": {\n "version": "==1"}}}\n',
    "environment.yml": "dependencies:\n  - python=3.11\n  - some-dist>=1\n",
}


@pytest.mark.parametrize("path", list(_DECLARATIONS))
def test_what_the_base_declares_or_locks_may_be_imported(git_repo: GitRepo, path: str) -> None:
    """In any file and form in which projects do so; something else than it is not."""
    text = _DECLARATIONS[path]
    assert _of(git_repo, {path: text}, "from some_dist.sub import x\nimport some_dist\n") == []
    assert _of(git_repo, {}, "import some_dish\n") == ["imports/unknown"]
    assert _of(git_repo, {path: text.replace("ome", "ame")}, "import some_dist\n") == ["imports/unknown"]


def test_a_declaration_that_cannot_be_read_declares_nothing(git_repo: GitRepo) -> None:
    """The gate still answers."""
    base: _Files = {
        "a/pyproject.toml": "[project\n",
        "setup.cfg": "nonsense\n[",
        "requirements.txt": b"\xff\xfe\0",
    }
    assert _of(git_repo, base, "import some_dist\n") == ["imports/unknown"]


@pytest.mark.parametrize(
    ("declared", "statement"),
    [
        ("Pillow", "from PIL import Image"),
        ("scikit-learn", "import sklearn.metrics"),
        ("opencv-python-headless", "import cv2"),
        ("python-dateutil", "from dateutil import parser"),
        ("attrs", "import attr"),
        ("protobuf", "from google.protobuf import message"),
        ("google-cloud-storage", "from google.cloud import storage"),
        ("zope.interface", "import zope.interface"),
        ("python-dotenv", "import dotenv"),
        ("types-requests", "import requests"),
        ("jaraco.functools", "from jaraco.functools import once"),
    ],
)
def test_modules_whose_name_is_not_their_distributions(
    git_repo: GitRepo, declared: str, statement: str
) -> None:
    """Those that everyone uses, and those whose names differ by a rule."""
    assert _of(git_repo, {"requirements.txt": f"{declared}\n"}, f"{statement}\n") == []


def test_a_dependency_that_is_only_the_diffs_own_is_told(git_repo: GitRepo) -> None:
    """A diff cannot declare for itself: what it declares is noted, and the import is a new dependency."""
    result: _Files = {"requirements.txt": "some-dist\nother\n", "a.py": "import some_dist\n"}
    verdict = _judged(git_repo, {"x": ""}, result)
    assert said(verdict) == [
        ("imports/undeclared", "error", "a.py", 1), ("imports/dependency", "note", "requirements.txt", None)
    ]  # fmt: skip
    assert "other, some-dist" in verdict.findings[1].message


def test_what_is_real_but_not_declared_is_a_new_dependency(git_repo: GitRepo) -> None:
    """It is not called an invention."""
    assert _of(git_repo, {"x": ""}, "import numpy as np\nimport yaml\n") == ["imports/undeclared"] * 2


def _install(site: Path, dist: str, files: dict[str, str], top_level: str = "") -> None:
    info = site / f"{dist.replace('-', '_')}-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {dist}\nVersion: 1.0\n")
    (info / "RECORD").write_text("".join(f"{name},,\n" for name in files))
    if top_level:
        (info / "top_level.txt").write_text(top_level)
    for name, text in files.items():
        (site / name).parent.mkdir(parents=True, exist_ok=True)
        (site / name).write_text(text)


def test_the_projects_own_environment_tells_which_module_is_whose(git_repo: GitRepo) -> None:
    """By what is installed there, read and never run; declared is who brings the module."""
    site = git_repo.path / ".venv/lib/python3.11/site-packages"
    site.mkdir(parents=True)
    (git_repo.path / ".venv/pyvenv.cfg").write_text("")
    _install(site, "odd-name", {"quaint/__init__.py": "raise SystemExit\n"})
    _install(site, "older-name", {"single.py": ""}, "single\n")
    _install(site, "spaced", {"space/inner/__init__.py": ""})
    _install(site, "not-declared", {"undeclared_one/__init__.py": ""})
    base: _Files = {".gitignore": ".venv\n", "requirements.txt": "odd-name\nolder-name\nspaced\n"}
    text = "import quaint.sub\nimport single\nfrom space.inner import x\n"
    assert _of(git_repo, base, text) == []
    assert _of(git_repo, {}, "import space.other\n") == ["imports/unknown"]
    before = git_repo.commit({})
    verdict = verdict_of(
        Imports(), git_repo.path, before, git_repo.commit({"b.py": "import undeclared_one\n"})
    )
    assert said(verdict) == [("imports/undeclared", "error", "b.py", 1)]
    assert "`not-declared`, which is installed" in verdict.findings[0].message


def test_what_the_base_imports_already_is_its_custom(git_repo: GitRepo) -> None:
    """Anywhere in its Python files, declared or not; what only a text mentions is not."""
    base: _Files = {
        "tools/x.py": "def f():\n    import sloppy.sub, second\n    from third import y\n",
        "notes.txt": "import fourth\n",
        "z.py": "# import fifth\nsixth = 'import'\n",
    }
    assert _of(git_repo, base, "import sloppy\nimport second\nfrom third.deep import z\n") == []
    assert _of(git_repo, {}, "import fourth\nimport fifth\nimport sixth\n") == ["imports/unknown"] * 3


@pytest.mark.parametrize("root", ["", "src/", "packages/one/src/", "sub/"])
def test_the_projects_own_modules_are_known(git_repo: GitRepo, root: str) -> None:
    """In flat and `src/` layouts and in a repository of many projects; new ones of the change too."""
    base: _Files = {f"{root}{path}": text for path, text in _BANK.items()}
    base[f"{root}space/deep/mod.py"] = "def f(): ...\n"
    text = (
        "import bank\nimport bank.account as a\nfrom bank import account, Account\n"
        "from bank.account import Account\n"
        "from space.deep import mod\nimport space.deep.mod\nfrom bank.fresh import here\n"
        "from bank import __doc__\n"
    )
    result: _Files = {"tests/test_it.py": text, f"{root}bank/fresh.py": "here = 1\n"}
    assert _told(git_repo, base, result) == []


@pytest.mark.parametrize(
    ("statement", "rule", "hint"),
    [
        ("from bank.acount import Account", "missing", "`account`"),
        ("import bank.ledger", "missing", ""),
        ("from bank import ledgers", "name", ""),
        ("from bank.account import open_acount", "name", "`open_account`"),
        ("from bank.account.deep import x", "missing", ""),
    ],
)
def test_what_the_projects_own_modules_lack_is_told(
    git_repo: GitRepo, statement: str, rule: str, hint: str
) -> None:
    """A module that has no file, and a name that its module never mentions; with the nearest."""
    named = '[project]\nname = "bank"\n[project.optional-dependencies]\nall = ["bank[cli]"]\n'
    setup = "from setuptools import setup\nsetup(name='bank')\n"
    for root in ("", "src/"):
        base: _Files = {f"{root}{path}": text for path, text in _BANK.items()}
        base |= {"pyproject.toml": named, "setup.py": setup}
        found = _judged(git_repo, base, {"a.py": f"{statement}\n"}).findings
        assert [(f.rule, f.severity.value) for f in found] == [(f"imports/{rule}", "error")]
        assert hint in found[0].hint
        git_repo.git("rm", "-qrf", ".")


def test_a_module_that_the_change_takes_away_is_told(git_repo: GitRepo) -> None:
    """Judged is the result, not the checkout."""
    base = git_repo.commit(_BANK)
    git_repo.git("rm", "-q", "bank/account.py")
    result = git_repo.commit({"bank/__init__.py": "from bank.account import Account, open_account\n"})
    found = verdict_of(Imports(), git_repo.path, base, result).findings
    assert [
        f.rule for f in found
    ] == []  # the base imports it already: that it is gone is for the tests to tell
    result = git_repo.commit({"b.py": "from bank.account_new import Account\n"})
    assert [f.rule for f in verdict_of(Imports(), git_repo.path, base, result).findings] == [
        "imports/missing"
    ]


def test_relative_imports_are_resolved(git_repo: GitRepo) -> None:
    """Upwards too, as modules and as names; out of the project they lead nowhere."""
    base = _BANK | {"bank/sub/__init__.py": "", "bank/sub/one.py": "x = 1\n"}
    good = "from . import one\nfrom .one import x\nfrom .. import account\nfrom ..account import Account\n"
    assert _of(git_repo, base, good, "bank/sub/two.py") == []
    bad = "from . import three\nfrom .three import x\nfrom ..one import x\nfrom ...bank.nope import y\n"
    bad += "from .... import z\n"
    assert _of(git_repo, {}, bad, "bank/sub/two.py") == ["imports/name", *["imports/missing"] * 4]


def test_modules_that_no_file_shows_are_let_be(git_repo: GitRepo) -> None:
    """Built from another language, made by a template, generated in the checkout, or given at run time."""
    base: _Files = {
        ".gitignore": "_version.py\n",
        "pkg/__init__.py": "",
        "pkg/_speedups.c": "",
        "pkg/api.proto": "",
        "pkg/lazy/__init__.py": "def __getattr__(name): ...\n",
        "pkg/vendored.py": "import sys\nsys.modules['pkg.vendored.moves'] = 1\n",
        "pkg/star.py": "from os.path import *\n",
    }
    (git_repo.path / "pkg").mkdir()
    (git_repo.path / "pkg/_version.py").write_text("version = '1'\n")
    text = (
        "from pkg._speedups import f\nfrom pkg.api_pb2 import Message\nfrom pkg._version import version\n"
        "from pkg.lazy import anything\nfrom pkg.vendored.moves import x\nfrom pkg.star import join\n"
    )
    assert _of(git_repo, base, text) == []


def test_files_that_are_run_as_scripts_see_their_siblings(git_repo: GitRepo) -> None:
    """Also in a folder that is a package."""
    base: _Files = {"tools/__init__.py": "", "tools/shared.py": "x = 1\n", "scripts/common.py": "y = 1\n"}
    assert _of(git_repo, base, "from shared import x\nfrom common import y\n", "tools/run.py") == []


def test_a_folder_called_like_a_dependency_hides_nothing(git_repo: GitRepo) -> None:
    """Tests are often grouped by what they test."""
    base: _Files = {"requirements.txt": "django\n", "tests/integrations/django/test_x.py": ""}
    assert _of(git_repo, base, "from django.db import models\n", "tests/integrations/new.py") == []


def test_where_the_code_goes_on_without_it_an_import_is_a_warning(git_repo: GitRepo) -> None:
    """In a `try` that catches the ImportError, in its fallback, and under `suppress`; in no other `try`."""
    text = (
        "try:\n    import aaa_one\nexcept ImportError:\n    import bbb_two\n"
        "with contextlib.suppress(ModuleNotFoundError):\n    import ccc_three\n"
        "try:\n    import ddd_four\nexcept:\n    pass\n"
        "try:\n    import eee_five\nexcept ValueError:\n    pass\n"
        "if TYPE_CHECKING:\n    import fff_six\n"
        "def f():\n    class C:\n        if x: import ggg_seven\n"
        "import aaa_one\n"
    )
    found = said(_judged(git_repo, {"x": ""}, {"a.py": text}))
    assert [(severity, line) for _, severity, _, line in found] == [
        ("error", 12), ("error", 16), ("error", 19), ("error", 20),
        ("warning", 4), ("warning", 6), ("warning", 8),
    ]  # fmt: skip


def test_a_call_that_imports_by_a_name_is_an_import(git_repo: GitRepo) -> None:
    """Wherever it stands, if the name is in a string; what is made of other text, or called so, is let be."""
    text = (
        'A = __import__("aaa_one.x").x\n'
        "def f(b=importlib.import_module('bbb_two')): return [import_module(name = 'ccc_three')]\n"
        'x = (builtins\n  .__import__ (  # why\n"ddd_four", globals()))\n'
        'pytest.importorskip("eee_five")\n'
        "try:\n    import_module('fff_six')\nexcept ImportError:\n    pass\n"
        'with pytest.raises(ImportError):\n    import_module("ggg_seven")\n'
        'importlib.import_module("json")\n'
        'import_module(name), import_module(f"x{y}"), import_module(".x", "y"), import_module("x" "y")\n'
        'loader.import_module("hhh_eight"), import_module(), print("import_module(\'iii_nine\')")\n'
    )
    found = said(_judged(git_repo, {"x": ""}, {"a.py": text}))
    assert [(severity, line) for _, severity, _, line in found] == [
        ("error", 1), ("error", 2), ("error", 2), ("error", 5), ("warning", 6), ("warning", 8),
        ("warning", 12),
    ]  # fmt: skip


def test_an_import_is_read_in_the_encoding_that_its_file_declares(git_repo: GitRepo) -> None:
    """Also where that could be written in more than one way."""
    base: _Files = {"a.py": b"# coding: utf-7\nx = 1\n"}
    result: _Files = {"a.py": b"# coding: utf-7\nx = 1\n+AGkAbQBwAG8AcgB0- made_up\n"}
    assert _told(git_repo, base, result) == [("imports/unknown", "a.py", 3)]


def test_only_new_imports_are_judged(git_repo: GitRepo) -> None:
    """What a file imports already may move, and a name more of it is looked at alone."""
    base: _Files = {**_BANK, "a.py": "import made_up\nfrom bank import gone\n\nx = 1\n"}
    assert _told(git_repo, base, {"a.py": "x = 2\nimport made_up\nfrom bank import gone, Account\n"}) == []
    assert _told(git_repo, {}, {"a.py": "import made_up\nfrom bank import gone, lost\n"}) == [
        ("imports/name", "a.py", 2)
    ]


def test_tests_may_import_pytest_and_setup_its_tools(git_repo: GitRepo) -> None:
    """Nobody declares them everywhere; elsewhere they are dependencies as any other."""
    base: _Files = {"x": ""}
    assert _of(git_repo, base, "import pytest, setuptools, nox\n") == ["imports/undeclared"] * 2 + [
        "imports/unknown"
    ]
    git_repo.git("rm", "-q", "new.py")
    assert _of(git_repo, base, "import setuptools\n", "setup.py") == []
    assert _of(git_repo, base, "import nox\n", "noxfile.py") == []
    for path in ("tests/x.py", "conftest.py", "test_a.py", "a/b_test.py"):
        assert _of(git_repo, base, "import pytest\n", path) == []


def test_scripts_and_stubs_are_python_and_other_files_are_not(git_repo: GitRepo) -> None:
    """By their first line or name; links, documents and deletions import nothing."""
    base = git_repo.commit({"old.py": "import made_up\n"})
    (git_repo.path / "old.py").unlink()
    (git_repo.path / "link.py").symlink_to("tool")
    text = "#!/usr/bin/env python3\nimport made_up_too\n"
    result = git_repo.commit(
        {"tool": text, "a.pyi": "import made_up_three\n", "README.md": text, "b.js": text}
    )
    found = verdict_of(Imports(), git_repo.path, base, result).findings
    assert [(f.rule, f.path) for f in found] == [("imports/unknown", "a.pyi"), ("imports/unknown", "tool")]


def test_nothing_of_python_is_passed_at_once(git_repo: GitRepo) -> None:
    """And so is a change that imports nothing new."""
    for result in ({"a.txt": "x\n"}, {"a.py": "x = 1\n"}):
        verdict = _judged(git_repo, {"x": ""}, dict(result))
        assert (verdict.outcome, verdict.summary) == (
            Outcome.PASSED,
            "no new imports beyond the standard library",
        )


def test_broken_and_hostile_texts_are_answered(git_repo: GitRepo) -> None:
    """In time, and with what imports can be seen in them."""
    result: _Files = {
        "a.py": "def f(:\nimport made_up\n",
        "b.py": "(" * 500_000 + "\nimport x\n",
        "c.py": b"\xff\xfeimport y\0\n",
        "d.py": "import " + "a." * 100_000 + "b\n",
        "e.py": "import é, 变量\nimport a.b.\nfrom . import\nfrom ...... import x\n",
        "big.py": "import made_up\n" * 200_000,
        "many.py": "".join(f"import made_up_{n}\n" for n in range(50_000)),
        "own.py": "".join(f"from bank.account import name_{n}\n" for n in range(20_000)),
    }
    started = time.monotonic()
    found = _told(git_repo, _BANK, result)
    assert time.monotonic() - started < 60
    assert ("imports/unknown", "a.py", 2) in found
    assert {("imports/size", "big.py", None), ("imports/more", None, None)} < set(found)


def test_its_cost_does_not_grow_with_what_it_is_not_asked(git_repo: GitRepo) -> None:
    """Only standard imports: nothing of the base is listed or read, though it be unreadable."""
    base = git_repo.commit({f"d{n}/m.py": "x = 1\n" for n in range(50)})
    result = git_repo.commit({"a.py": "import os, sys\n"})
    for blob in git_repo.git("ls-tree", "-r", "--object-only", base).split():
        git_repo.git("prune-packed")
        (git_repo.path / f".git/objects/{blob[:2]}/{blob[2:]}").unlink(missing_ok=True)
    assert verdict_of(Imports(), git_repo.path, base, result).findings == ()


_NAME = st.from_regex(r"[a-z_]{1,8}", fullmatch=True)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_NAME, _NAME, st.sampled_from(["plain", "from", "relative", "as"])), max_size=8))
def test_every_import_of_a_text_is_read(parts: list[tuple[str, str, str]]) -> None:
    """With its line, whatever its form."""
    import keyword

    parts = [p for p in parts if not keyword.iskeyword(p[0]) and not keyword.iskeyword(p[1])]
    forms = {
        "plain": "import x{0}.x{1}", "from": "from x{0} import (\n  x{1},\n)",
        "relative": "from ..x{0} import x{1}", "as": "import x{0} as x{1}",
    }  # fmt: skip
    expected = {"plain": "x{0}.x{1}", "from": "x{0}", "relative": "..x{0}", "as": "x{0}"}
    text = "x = 1\n" + "\n".join(forms[kind].format(one, two) for one, two, kind in parts) + "\n"
    python = language_of("a.py")
    assert python is not None
    found = imports_of(python, "a.py", text.encode())
    assert [i.module for i in found] == [expected[kind].format(one, two) for one, two, kind in parts]
    lines = text.split("\n")
    assert all(lines[i.line - 1].startswith(("import", "from")) for i in found)


_PARTS = (
    "import a\n", "import b.c as d; x = 1\n", "from e import (f,\n  g)\n", "from n import (o)\n",
    "from e import (f,  # import\n  h)\n", "from i import j, \\\n  k\n", "if x:\n  import l\n",
    '"""\n', "'''\n", "# import (\n", "x = 1\n", 's = "import m"\n', "f(\n", ")\n", "from e \\\n",
    "  import p\n", '__import__("q")\n', "x = import_module('r')\n", "x = import_module\n", '("s")\n',
)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(*[st.lists(st.sampled_from(_PARTS), max_size=size) for size in (5, 3, 3, 3)])
def test_what_is_taken_for_unchanged_imports_nothing_new(
    head: list[str], old: list[str], new: list[str], tail: list[str]
) -> None:
    """Whatever text around an import changes: what makes it one, or adds a name to it, is noticed."""
    before, after = ("".join([*head, *middle, *tail]) for middle in (old, new))
    for text in (before, after):
        try:
            compile(text, "a.py", "exec")
        except SyntaxError:
            reject()
    python = language_of("a.py")
    assert python is not None
    had, has = (
        {(i.module, i.names, i.line) for i in imports_of(python, "a.py", text.encode())}
        for text in (before, after)
    )
    if keeps_imports("a.py", before.encode(), after.encode()):
        assert has <= had


def test_an_edit_below_the_imports_leaves_them_unread() -> None:
    """The common case is settled without a parse, and what only looks so is not."""
    head = b'"""Say import."""\nimport os\nfrom x import (  # all\n    y,\n)\n'
    assert keeps_imports("a.py", head + b"a = 1\n", head + b"a = 2\n")
    assert not keeps_imports("a.py", head, head + b"import z\n")
    call = b'x = import_module("z")\n'
    assert keeps_imports("a.py", head + call, head + call + b"a = 2\n")
    assert not keeps_imports("a.py", head + call, head + call.replace(b"z", b"y"))
    assert not keeps_imports("a.py", b'"""\n' + head, head)
    assert not keeps_imports("a.py", head, head.replace(b"y,", b"y, z,"))


def test_a_wall_of_the_word_import_is_answered_soon() -> None:
    started = time.monotonic()
    words = (b"import " * 200_000, b"import a\n" * 150_000, b"import (" * 150_000)
    for wall in (*words, b'import_module("' * 100_000):
        keeps_imports("a.py", wall, wall + b"x")
    assert time.monotonic() - started < 10


def test_a_real_package_under_a_shared_name_is_not_called_invented(git_repo: GitRepo) -> None:
    """`google` is many packages: which one it is that is not declared is said."""
    verdict = _judged(git_repo, {"a.py": ""}, {"a.py": "from google.protobuf import descriptor\n"})
    assert [f.rule for f in verdict.findings] == ["imports/undeclared"]
    assert "(`protobuf`)" in verdict.findings[0].message
