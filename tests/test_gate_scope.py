"""The gate `scope` sees every way in which a change reaches beyond what was asked, and lets the rest pass."""

from __future__ import annotations

import itertools
import unicodedata
from dataclasses import replace
from typing import Final

import pytest
from conftest import GitRepo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from judging import opened, rules_for, said, verdict_of

from codegate.core import Origin, Outcome
from codegate.gates.scope import Scope
from codegate.gates.scope.agreement import disagreements
from codegate.gates.scope.names import folded, is_git_directory
from codegate.visible import is_hidden
from codegate.workspace import Workspace

_BASE: dict[str, str | bytes] = {
    "a.py": "import os\n\n\ndef f():\n    return 1\n\n\ndef g():\n    return 2\n",
    "crlf.txt": b"one\r\ntwo\r\n",
    "latin.txt": b"caf\xe9\n",
    "docs/x.md": "text\n",
}

_Found = tuple[str, str]


def _judged(
    git_repo: GitRepo,
    base: dict[str, str | bytes],
    result: dict[str, str | bytes],
    origin: Origin = Origin.MODEL,
    targets: tuple[str, ...] | None = None,
) -> list[tuple[str, str, str | None, int | None]]:
    before = git_repo.commit(base)
    after = git_repo.commit(result)
    verdict = verdict_of(Scope(), git_repo.path, before, after, origin, targets)
    errors = any(f.severity == "error" for f in verdict.findings)
    assert verdict.outcome is (Outcome.FAILED if errors else Outcome.PASSED)
    assert all(f.message and f.hint for f in verdict.findings)
    return said(verdict)


def _both(
    git_repo: GitRepo, base: dict[str, str | bytes], result: dict[str, str | bytes]
) -> tuple[list[_Found], list[_Found]]:
    """Return rule and severity of what is said of a change, from a model and from a person."""
    before, after = git_repo.commit(base), git_repo.commit(result)
    return _rules(git_repo, before, after, Origin.MODEL), _rules(git_repo, before, after, Origin.PERSON)


def _rules(git_repo: GitRepo, base: str, result: str, origin: Origin) -> list[_Found]:
    return [(f[0], f[1]) for f in said(verdict_of(Scope(), git_repo.path, base, result, origin))]


def _tree(git_repo: GitRepo, base: str, entries: dict[str, str], mode: str = "100644") -> str:
    """Commit a tree that no git command would make from a checkout: entries are put in as they are named."""
    top: dict[str, str] = {}
    for path, text in entries.items():
        git_repo.write("blob", text)
        name = git_repo.git("hash-object", "-w", "blob").strip()
        kind = mode, "blob"
        for part in reversed(path.split("/")[1:]):
            git_repo.write("tree", f"{kind[0]} {kind[1]} {name}\t{part}\0".encode("utf-8", "surrogateescape"))
            name = _sh(git_repo, "git mktree -z < tree")
            kind = "040000", "tree"
        top[path.split("/")[0]] = f"{kind[0]} {kind[1]} {name}"
    known = git_repo.git("ls-tree", "-z", base).split("\0")[:-1]
    lines = [*known, *(f"{what}\t{name}" for name, what in top.items())]
    git_repo.write("tree", "".join(f"{line}\0" for line in lines).encode("utf-8", "surrogateescape"))
    tree = _sh(git_repo, "git mktree -z < tree")
    for name in ("tree", "blob"):
        (git_repo.path / name).unlink()
    return git_repo.git("commit-tree", tree, "-p", base, "-m", "odd").strip()


def _sh(git_repo: GitRepo, command: str) -> str:
    return git_repo.git("-c", f"alias.run=!{command}", "run").strip()


def test_an_ordinary_change_passes(git_repo: GitRepo) -> None:
    """Text changed, added and moved within ordinary files is nothing to talk about."""
    result: dict[str, str | bytes] = {
        "a.py": "import sys\n\n\ndef g():\n\treturn 'Grüße, 日本 ⚠️ 👩‍👩‍👧'\n",
        "crlf.txt": b"one\r\nthree\r\n",
        "latin.txt": b"th\xe9\n",
        "src/new/deep.py": "x = 1\n",
        "empty.py": "",
        "no newline.txt": "a",
    }
    assert _both(git_repo, _BASE, result) == ([], [])


def test_a_request_bounds_the_files(git_repo: GitRepo) -> None:
    """What the request did not name is refused, whoever asked; the base cannot allow it."""
    base = _BASE | {"codegate.toml": "[scope]\nallow = ['**']\n"}
    result = _BASE | {"a.py": "x = 1\n", "docs/x.md": "other\n", "new.py": "y\n"}
    assert _judged(git_repo, base, result, targets=("a.py",)) == [
        ("scope/outside", "error", "docs/x.md", None),
        ("scope/outside", "error", "new.py", None),
    ]


def test_a_request_for_nothing_allows_nothing(git_repo: GitRepo) -> None:
    """No targets are not the same as no bound."""
    assert _judged(git_repo, _BASE, {"a.py": "x\n"}, targets=()) == [("scope/outside", "error", "a.py", None)]


_SYMBOLS = """\
\"\"\"A module.\"\"\"

import os
from typing import (
    Any,
)

LIMIT = 3  # three


class Account:
    \"\"\"One.\"\"\"

    kind = "plain"

    def __init__(self, owner):
        self.owner = owner

    @property
    def name(self):
        return self.owner

    def close(self): pass


def other():
    # a comment
    return os.sep
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("        self.owner = owner\n", "        self.owner = owner\n        self.open = True\n"),
        (
            "    def close(self): pass\n",
            '    def close(self): pass\n\n    def __repr__(self):\n        return "x"\n',
        ),
        ("import os\n", "import os\nimport sys\n"),
        ("    Any,\n", "    Any,\n    Protocol,\n"),
        ("import os\n", ""),
        ("LIMIT = 3  # three\n\n\nclass", "LIMIT = 3  # three\n\n\n\n\nclass"),
        ("class Account:", "@final\nclass Account:"),
        ("pass\n\n\ndef", "pass\n\n    x = 1\n\n\n\ndef"),
    ],
)
def test_a_symbols_node_and_the_imports_may_change(git_repo: GitRepo, old: str, new: str) -> None:
    """Blank lines beside them too: a symbol that ends otherwise needs other ones."""
    assert old in _SYMBOLS
    result: dict[str, str | bytes] = {"m.py": _SYMBOLS.replace(old, new)}
    assert _judged(git_repo, {"m.py": _SYMBOLS}, result, targets=("m.py::Account",)) == []


@pytest.mark.parametrize(
    ("old", "new", "line"),
    [
        ("LIMIT = 3", "LIMIT = 4", 8),
        ("# three", "# four", 8),
        ("    # a comment\n", "", 27),
        ("return os.sep", "return  os.sep", 28),
        ("\ndef other", "\ndef another", 26),
        ("A module.", "The module.", 1),
        ("import os\n", "import os; os.system('x')\n", 3),
        ("\n\ndef other", "\n\nos.system('x')\n\n\ndef other", 26),
        ("return os.sep\n", "return os.sep\n\n\ndef third(): pass\n", 31),
        ("    # a comment\n", "    # a comment\n\n", 29),
        ("return os.sep\n", "return os.sep", 28),
        ("return os.sep\n", "return os.sep\n\n", 30),
        ("class Account:", "class Conto:", 11),
        ("def close(self): pass", "def close(self): pass; 1\n\nx = 1", 25),
    ],
)
def test_anything_else_in_the_file_is_refused(git_repo: GitRepo, old: str, new: str, line: int) -> None:
    """Comments and formatting elsewhere count as change; the finding stands where it begins."""
    assert old in _SYMBOLS
    result: dict[str, str | bytes] = {"m.py": _SYMBOLS.replace(old, new)}
    found = _judged(git_repo, {"m.py": _SYMBOLS}, result, targets=("m.py::Account",))
    assert [f for f in found if f[0] != "scope/final-newline"] == [("scope/node", "error", "m.py", line)]


_GUARDED = """\
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from a import A
try:
    import fast
except ImportError:
    fast = None
else:
    import more


def f():
    return 1


def g():
    if True:
        import late
    return late
"""


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    from a import A\n", "    from a import A, B\n    from b import C\n"),
        ("    from a import A\n", "\n    import b\n\n    from a import A\n"),
        ("    import fast\n", "    import fast\n    import faster\n"),
        ("    import more\n", "    import most\n"),
        ("return 1", "return 2"),
    ],
)
def test_imports_under_a_condition_of_the_top_level_may_change(git_repo: GitRepo, old: str, new: str) -> None:
    """They are as good as those beside it, for a name that a hint needs or a package that may be missing."""
    assert old in _GUARDED
    result: dict[str, str | bytes] = {"m.py": _GUARDED.replace(old, new)}
    assert _judged(git_repo, {"m.py": _GUARDED}, result, targets=("m.py::f",)) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    from a import A\n", "    from a import A\n    A = print()\n"),
        ("    from a import A\n", "    from a import A; print()\n"),
        ("    from a import A\n", "    from a import A  # noqa\n"),
        ("    from a import A\n", "    from a import A\nelse:\n    import b\n"),
        ("if TYPE_CHECKING:", "if not TYPE_CHECKING:"),
        ("except ImportError:", "except Exception:"),
        ("    fast = None\n", "    import slow as fast\n"),
        ("    import fast\n", "    if print():\n        import fast\n"),
        ("        import late\n", "        import later\n"),
        ("    return late\n", "    import sys\n    return late\n"),
        ("\n\ndef f", "\nclass C:\n    import sys\n\n\ndef f"),
    ],
)
def test_nothing_else_comes_in_with_them(git_repo: GitRepo, old: str, new: str) -> None:
    """No statement, no comment, no condition, and no import of a function's or a class's own."""
    assert old in _GUARDED
    result: dict[str, str | bytes] = {"m.py": _GUARDED.replace(old, new)}
    found = _judged(git_repo, {"m.py": _GUARDED}, result, targets=("m.py::f",))
    assert [f[:3] for f in found] == [("scope/node", "error", "m.py")]


def test_a_nested_symbol_bounds_the_change_to_itself(git_repo: GitRepo) -> None:
    """A method may change, decorators included; its neighbour may not."""
    base: dict[str, str | bytes] = {"m.py": _SYMBOLS}
    method: dict[str, str | bytes] = {
        "m.py": _SYMBOLS.replace("    @property\n    def name", "    @cached\n    @property\n    def name")
    }
    assert _judged(git_repo, base, method, targets=("m.py::Account.name",)) == []
    neighbour: dict[str, str | bytes] = {"m.py": _SYMBOLS.replace("self.owner = owner", "self.owner = 1")}
    assert _judged(git_repo, base, neighbour, targets=("m.py::Account.name",)) == [
        ("scope/node", "error", "m.py", 17)
    ]
    two = ("m.py::Account.name", "m.py::Account.__init__")
    assert _judged(git_repo, base, neighbour, targets=two) == []


def test_a_whole_file_target_outweighs_a_symbol_of_it(git_repo: GitRepo) -> None:
    """Who names the file and a symbol of it means the file."""
    result: dict[str, str | bytes] = {"m.py": "x = 1\n"}
    assert _judged(git_repo, {"m.py": _SYMBOLS}, result, targets=("m.py::Account", "m.py")) == []


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_nodes_are_found_in_any_text(git_repo: GitRepo, newline: str, mark: str) -> None:
    """Line endings and a byte order mark are the file's own, and stay."""
    text = mark + _SYMBOLS.replace("\n", newline)
    base: dict[str, str | bytes] = {"m.py": text.encode()}
    good: dict[str, str | bytes] = {"m.py": text.replace("= owner", "= 'é'").encode()}
    assert _judged(git_repo, base, good, targets=("m.py::Account",)) == []
    bad: dict[str, str | bytes] = {"m.py": text.replace("= 3", "= 4").encode()}
    assert _judged(git_repo, base, bad, targets=("m.py::Account",)) == [("scope/node", "error", "m.py", 8)]


def test_other_languages_have_nodes_too(git_repo: GitRepo) -> None:
    """A function in JavaScript is bounded like one in Python; what has no grammar cannot be."""
    script = "import a from 'a';\n\nfunction f() {\n  return 1;\n}\n\nfunction g() {\n  return 2;\n}\n"
    base: dict[str, str | bytes] = {"m.js": script, "m.zz": "f\n"}
    good: dict[str, str | bytes] = {"m.js": script.replace("return 1", "return 3")}
    assert _judged(git_repo, base, good, targets=("m.js::f",)) == []
    bad: dict[str, str | bytes] = {"m.js": script.replace("return 2", "return 3"), "m.zz": "g\n"}
    assert _judged(git_repo, base, bad, targets=("m.js::f", "m.zz::f")) == [
        ("scope/node", "error", "m.js", 8),
        ("scope/node", "error", "m.zz", None),
    ]


_STEERING = (
    "pyproject.toml", "setup.cfg", "setup.py", "ruff.toml", "sub/.ruff.toml", "pytest.ini", "tox.ini",
    "noxfile.py", "conftest.py", "tests/conftest.py", "sitecustomize.py", "usercustomize.py", "x.pth",
    ".coveragerc", "mypy.ini", "Makefile", ".pre-commit-config.yaml", ".pre-commit-hooks.yaml",
    ".github/workflows/ci.yml", ".gitlab-ci.yml", ".ci/run", "codegate.toml", "uv.lock", "poetry.lock",
    "package-lock.json", "requirements.txt", "requirements-dev.txt", ".gitattributes", ".gitmodules",
    ".venv/bin/python", "venv/bin/x", "pytest.py", "pytest/x.py", "src/_pytest/x.py", "pluggy/x.py",
    "lib/py.py", "iniconfig.py", "xdist/plugin.py", "codegate_report.py", "PyTest.PY", "_pytest.pyi",
    ".gitignore", "PyProject.toml", "CONFTEST.PY", "conftest.py.", "gitmod~1", "deep/makefile",
    "x.dist-info/entry_points.txt", "x.egg-info/PKG-INFO", "hatch.toml", "pixi.toml", "pdm.toml",
    "uv.toml", "prek.toml", "lefthook.yml", "web/.husky/pre-push", ".moon/x.yml", "nx.json",
    "turbo.json", "deno.json", "bun.lock", "biome.json", ".oxlintrc.json", ".swiftlint.yml", "gradlew",
    "app/build.gradle.kts", "gradle/libs.versions.toml", ".mvn/jvm.config", "pom.xml", "Rakefile",
    "Gemfile", "composer.json", ".php-cs-fixer.dist.php", ".rubocop.yml", ".rubocop_todo.yml",
    "x/.clang-tidy", ".editorconfig", "AGENTS.md", ".claude/settings.json", ".cursorrules",
    ".cursor/rules/x.mdc", ".mcp.json", "GEMINI.md", "renovate.json5", "SECURITY.md", "docs/CODEOWNERS",
    "App.csproj", "MODULE.bazel", ".tool-versions", "mise.toml", "a/.cargo/config.toml",
    "packages/a/.vscode/tasks.json", "bitbucket-pipelines.yml", ".gitleaks.toml", "phpunit.xml",
    "codecov.yml", "native/CMakeLists.txt", "other/CLAUDE.md",
)  # fmt: skip


# What only resembles them, or is a folder of code somewhere.
_ORDINARY: Final = (
    "conf.py", "tests.toml", "lock", "build/x.py", "workspace/x.py", "one/configure/x.py", "tasks.py",
    "agents.py", "security.py", "claude.py", "package.py", "rules/x.py", "config/x.py", "github.py",
    "requirement.txt", "venv.py",
)  # fmt: skip


def test_what_steers_a_gate_is_protected(git_repo: GitRepo) -> None:
    """An error from a model, a warning from a person, in any spelling that a file system takes for it."""
    base = git_repo.commit({"a.py": "x\n"})
    result = _tree(git_repo, base, dict.fromkeys((*_STEERING, *_ORDINARY), "x\n"))
    for origin, severity in ((Origin.MODEL, "error"), (Origin.PERSON, "warning")):
        found = said(verdict_of(Scope(), git_repo.path, base, result, origin))
        protected = {(path, weight) for rule, weight, path, _ in found if rule == "scope/protected"}
        assert protected == {(path, severity) for path in _STEERING}


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("pytest_plugins = ['evil']", True),
        ("    pytest_plugins: list = ['evil']", True),
        ("globals()['pytest_plugins'] = 'evil'", True),
        ("# about plugins", False),
    ],
)
def test_a_new_plugin_of_pytests_is_told(git_repo: GitRepo, line: str, found: bool) -> None:
    """A test module can have pytest load code that then decides outcomes; what was there is custom."""
    base: dict[str, str | bytes] = {"test_old.py": "pytest_plugins = ['ours']\n"}
    result: dict[str, str | bytes] = {"test_old.py": f"pytest_plugins = ['ours']\n\n{line}\n"}
    told = [("scope/plugins", "error", "test_old.py", 3)] if found else []
    assert _judged(git_repo, base, result) == told
    weights = (
        [] if not found else [("scope/plugins", "error")],
        [] if not found else [("scope/plugins", "warning")],
    )
    assert _both(git_repo, base, result) == weights


def test_the_base_says_what_is_protected(git_repo: GitRepo) -> None:
    """`allow` lifts a protection that is there by default, `protect` adds one that outweighs it."""
    rules = "[scope]\nallow = ['setup.cfg', 'docs/']\nprotect = ['docs/api/']\n"
    base = _BASE | {"codegate.toml": rules}
    result: dict[str, str | bytes] = {"setup.cfg": "x\n", "docs/conftest.py": "x\n", "docs/api/x.md": "x\n"}
    assert _both(git_repo, base, result) == (
        [("scope/protected", "error")], [("scope/protected", "warning")],
    )  # fmt: skip


def test_a_diff_cannot_bring_its_own_rules(git_repo: GitRepo) -> None:
    """The result's configuration allows everything; the base's decides."""
    result: dict[str, str | bytes] = {"codegate.toml": "[scope]\nallow = ['**']\n", "conftest.py": "x\n"}
    found = _judged(git_repo, _BASE, result)
    assert found == [
        ("scope/protected", "error", "codegate.toml", None),
        ("scope/protected", "error", "conftest.py", None),
    ]


def test_kinds_of_change_that_no_one_reads(git_repo: GitRepo) -> None:
    """Deletion, link, mode and binary are errors from a model, warnings from a person, unless allowed."""
    base = git_repo.commit(_BASE | {"gone.txt": "x\n", "run.sh": "x\n", "docs/gone.md": "x\n"})
    (git_repo.path / "gone.txt").unlink()
    (git_repo.path / "docs/gone.md").unlink()
    (git_repo.path / "run.sh").chmod(0o755)
    (git_repo.path / "link").symlink_to("../../etc/passwd")
    git_repo.write("logo.png", b"\x89PNG\0")
    git_repo.write("new.sh", "x\n").chmod(0o755)
    (git_repo.path / "a.py").unlink()
    (git_repo.path / "a.py").symlink_to("docs/x.md")
    result = git_repo.commit()
    kinds = {
        ("scope/symlink", "a.py"), ("scope/deletion", "docs/gone.md"), ("scope/deletion", "gone.txt"),
        ("scope/symlink", "link"), ("scope/binary", "logo.png"),
        ("scope/mode", "new.sh"), ("scope/mode", "run.sh"),
    }  # fmt: skip
    for origin, severity in ((Origin.MODEL, "error"), (Origin.PERSON, "warning")):
        verdict = verdict_of(Scope(), git_repo.path, base, result, origin)
        assert {(f.rule, f.path) for f in verdict.findings} == kinds
        assert {f.severity for f in verdict.findings} == {severity}
        assert not any(f.hint.startswith("Change it by hand") for f in verdict.findings)  # it was
        assert ["outside the repository" in f.message for f in verdict.findings if f.path == "link"] == [True]
    git_repo.git("checkout", "-q", base)
    allowing = git_repo.commit({"codegate.toml": "[scope]\nallow = ['*']\n"})
    with opened(git_repo.path, base, result) as workspace:
        assert Scope().judge(workspace, rules_for(git_repo.path, allowing)).findings == ()


@pytest.mark.parametrize(
    "path",
    [
        "model.pkl", "data/cache.PICKLE", "src/__pycache__/a.cpython-311.pyc",
        "a.cpython-311-x86_64-linux-gnu.so", "lib/liba.so.1.2", "a.pyd",
    ],
)  # fmt: skip
def test_what_is_run_when_loaded_is_binary_without_a_nul_byte(git_repo: GitRepo, path: str) -> None:
    """A pickle of protocol 0 is plain text, and runs what it names."""
    model, person = _both(git_repo, _BASE, _BASE | {path: "cos\nsystem\n(S'id'\ntR."})
    assert (model, person) == ([("scope/binary", "error")], [("scope/binary", "warning")])


def test_a_name_that_only_resembles_compiled_code_is_text(git_repo: GitRepo) -> None:
    """An ending counts, whole and last."""
    names = ("pickle.py", "test.so.md", "classes", "docs/a.pkl.txt")
    assert _judged(git_repo, _BASE, _BASE | dict.fromkeys(names, "x = 1\n")) == []


def test_a_submodule_is_told(git_repo: GitRepo) -> None:
    """Its content is in no diff."""
    base = git_repo.commit(_BASE)
    git_repo.git("update-index", "--add", "--cacheinfo", f"160000,{base},vendor/lib")
    git_repo.git("commit", "-q", "-m", "sub")
    found = said(verdict_of(Scope(), git_repo.path, base, "HEAD"))
    assert found == [("scope/submodule", "error", "vendor/lib", None)]


_GIT = (
    ".git/config", ".GIT/config", ".Git/hooks/x", "git~1/config", "GIT~1", ".git./config", ".git /config",
    ".git::$INDEX_ALLOCATION/config", ".git:x", ".g\u200cit/config", "\ufeff.git/x", ".gi\u200dt",
    "sub/.git/x", ".g\u2060it", "a\\.git\\config", "\uff0e\uff47\uff49\uff54/x",
)  # fmt: skip


def test_no_one_may_write_git(git_repo: GitRepo) -> None:
    """Every spelling that some file system folds together with `.git` is an error from both."""
    base = git_repo.commit(_BASE)
    result = _tree(git_repo, base, dict.fromkeys(_GIT, "x\n"))
    for origin in Origin:
        found = said(verdict_of(Scope(), git_repo.path, base, result, origin))
        assert {(f[1], f[2]) for f in found if f[0] == "scope/git-directory"} == {("error", p) for p in _GIT}


def test_no_one_may_leave_the_repository(git_repo: GitRepo) -> None:
    """Also by a tree that git itself would not check out."""
    paths = ("../x", "a/../../x", "./x", "b/./c", "c\\..\\x")
    base = git_repo.commit(_BASE)
    result = _tree(git_repo, base, dict.fromkeys(paths, "x\n"))
    for origin in Origin:
        found = said(verdict_of(Scope(), git_repo.path, base, result, origin))
        assert {(f[1], f[2]) for f in found if f[0] == "scope/outside-repository"} == {
            ("error", path) for path in paths
        }


_INSERTED = st.text(alphabet="\u200b\u200c\u200d\u200e\u202a\u206f\ufeff\u00ad\u2060", max_size=2)


@settings(max_examples=100, deadline=None)
@given(
    st.tuples(*[_INSERTED] * 5),
    st.lists(st.booleans(), min_size=4, max_size=4),
    st.text(alphabet=". ", max_size=3),
)
def test_no_spelling_of_git_gets_past(between: tuple[str, ...], upper: list[bool], end: str) -> None:
    """Case, characters without ink and dots at the end make no difference."""
    letters = [c.upper() if up else c for c, up in zip(".git", upper, strict=True)]
    name = "".join(gap + letter for gap, letter in zip(between, [*letters, ""], strict=True)) + end
    assert is_git_directory(name)


@pytest.mark.parametrize("name", [".github", ".gitignore", "git", "digit", ".git-blame-ignore-revs", "git~"])
def test_names_that_only_look_like_git_pass(name: str) -> None:
    """They are other files everywhere."""
    assert not is_git_directory(name)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=12))
def test_folding_is_stable(name: str) -> None:
    """What is folded folds to itself, in any composition and in any case of ASCII."""
    once = folded(name)
    assert folded(once) == once
    assert folded(unicodedata.normalize("NFD", name)) == folded(unicodedata.normalize("NFC", name))
    assert folded(name.upper() if name.isascii() else name) == once


@pytest.mark.parametrize(
    ("path", "rule", "person"),
    [
        ("a\x1bb.py", "scope/hidden-name", "error"),
        ("a\nb.py", "scope/hidden-name", "error"),
        ("a\u202egnp.py", "scope/hidden-name", "error"),
        ("a\u200bb.py", "scope/hidden-name", "error"),
        ("by\udcffte.py", "scope/name", "warning"),
        ("a\\b.py", "scope/name", "warning"),
        ("CONFTE~1.PY", "scope/name", "warning"),
        ("C:/Windows/x.py", "scope/name", "warning"),
        ("x/" + "a" * 256, "scope/name", "error"),
    ],
)
def test_names_that_deceive_are_told(git_repo: GitRepo, path: str, rule: str, person: str) -> None:
    """What hides is an error from both, what means something else elsewhere a warning from a person."""
    base = git_repo.commit(_BASE)
    result = _tree(git_repo, base, {path: "x\n"})
    assert said(verdict_of(Scope(), git_repo.path, base, result)) == [(rule, "error", path, None)]
    assert said(verdict_of(Scope(), git_repo.path, base, result, Origin.PERSON)) == [
        (rule, person, path, None)
    ]


def test_names_that_some_file_systems_fold_collide(git_repo: GitRepo) -> None:
    """With a file, with a folder on the way, with another new one; a change of case alone is none."""
    base = git_repo.commit(_BASE | {"Caf\u00e9.md": "x\n", "Up.py": "x\n"})
    one = _tree(git_repo, base, {"A.py": "x\n", "DOCS/y.md": "x\n", "cafe\u0301.md": "x\n"})
    assert said(verdict_of(Scope(), git_repo.path, base, one, Origin.PERSON)) == [
        ("scope/collision", "error", "A.py", None),
        ("scope/collision", "error", "DOCS", None),
        ("scope/collision", "error", "cafe\u0301.md", None),
    ]
    two = _tree(git_repo, base, {"new.py": "x\n", "NEW.py": "x\n"})
    assert [f[0] for f in said(verdict_of(Scope(), git_repo.path, base, two))] == ["scope/collision"] * 2
    git_repo.git("mv", "Up.py", "up.py")
    renamed = git_repo.commit()
    assert said(verdict_of(Scope(), git_repo.path, base, renamed, Origin.PERSON)) == [
        ("scope/deletion", "warning", "Up.py", None)
    ]


def test_a_folder_may_change_its_case(git_repo: GitRepo) -> None:
    """What it was called before is gone with its last file; with one left, the two collide."""
    base = git_repo.commit({"Docs/a.md": "a\n", "Docs/b.md": "b\n"})
    git_repo.git("rm", "-q", "Docs/a.md")
    git_repo.write("docs/a.md", "a\n")
    half = git_repo.commit()
    git_repo.git("rm", "-q", "Docs/b.md")
    git_repo.write("docs/b.md", "b\n")
    whole = git_repo.commit()
    found = verdict_of(Scope(), git_repo.path, base, half, Origin.PERSON).findings
    assert [f.path for f in found if f.rule == "scope/collision"] == ["docs"]
    found = verdict_of(Scope(), git_repo.path, base, whole, Origin.PERSON).findings
    assert [f.path for f in found if f.rule == "scope/collision"] == []


def test_collisions_are_found_in_many_folders(git_repo: GitRepo) -> None:
    """However many are touched."""
    base = git_repo.commit({f"d{n}/a.py": "x\n" for n in range(20)})
    new: dict[str, str | bytes] = {f"d{n}/A.py": "y\n" for n in range(20)}
    result = git_repo.commit(new | {"d3/b.py": "z\n"})
    found = verdict_of(Scope(), git_repo.path, base, result, Origin.PERSON).findings
    assert sorted(f.path or "" for f in found) == sorted(f"d{n}/A.py" for n in range(20))


@pytest.mark.parametrize(
    ("character", "person"),
    [
        ("\u202e", "error"),
        ("\u2066", "error"),
        ("\u200b", "error"),
        ("\u200d", "error"),
        ("\ufeff", "error"),
        ("\u00ad", "error"),
        ("\u3164", "error"),
        ("\ufe0f", "error"),
        ("\U000e0041", "error"),
        ("\x1b", "error"),
        ("\x08", "error"),
        ("\x0c", "error"),
        ("\r", "error"),
        ("\x7f", "error"),
        ("\x85", "error"),
        ("\u2028", "error"),
        ("\u00a0", "warning"),
        ("\u3000", "warning"),
        ("\ue000", "warning"),
    ],
)
def test_hidden_characters_are_told_with_their_line(git_repo: GitRepo, character: str, person: str) -> None:
    """What has no ink or reorders text is an error from both; what has a look, a warning from a person."""
    before = git_repo.commit(_BASE)
    after = git_repo.commit({"a.py": f"import os\n\n\ndef f():\n    return 'x{character}y'\n"})
    for origin, severity in ((Origin.MODEL, "error"), (Origin.PERSON, person)):
        [finding] = verdict_of(Scope(), git_repo.path, before, after, origin).findings
        assert (finding.rule, finding.severity, finding.line) == ("scope/hidden-character", severity, 5)
        assert finding.column == 14
        assert not any(is_hidden(c) for c in finding.message)


def test_hidden_characters_that_stay_are_not_told(git_repo: GitRepo) -> None:
    """Lines of the base are its own, moved or not; so is its custom of a space, and of form feeds."""
    odd = "a\u200bb\n"
    base: dict[str, str | bytes] = {"x.txt": f"one\n{odd}\u00a0\n\x0c\ntwo\n"}
    result: dict[str, str | bytes] = {"x.txt": f"new\ntwo\n\u00a0\u00a0x\n\x0cy\n{odd}"}
    assert _both(git_repo, base, result) == ([], [])
    twice: dict[str, str | bytes] = {"x.txt": f"{odd}{odd}"}
    assert _both(git_repo, base, twice)[1] == [("scope/hidden-character", "error")]


@pytest.mark.parametrize(
    "text",
    ["⚠️ mind", "1️⃣", "👩‍💻", "🏳️‍🌈", "می\u200cخواهم", "क्\u200dष", "tab\there", "ends\r"],
)
def test_joiners_and_emoji_pass_where_they_are_seen(git_repo: GitRepo, text: str) -> None:
    """What Unicode gives an effect there is no hiding."""
    assert _both(git_repo, _BASE, {"new.md": f"{text}\n"}) == ([], [])


@pytest.mark.parametrize(
    ("before", "after", "rule"),
    [
        (b"a\nb\n", b"a\r\nb\n", "scope/line-endings"),
        (b"a\r\nb\r\n", b"a\nb\n", "scope/line-endings"),
        (b"a\nb\n", b"a\nc", "scope/final-newline"),
        (b"a\n", b"\xef\xbb\xbfa\n", "scope/encoding"),
        (b"\xef\xbb\xbfa\n", b"a\n", "scope/encoding"),
        (b"a\n", b"\xe9\n", "scope/encoding"),
    ],
)
def test_form_is_kept(git_repo: GitRepo, before: bytes, after: bytes, rule: str) -> None:
    """Line endings, the final newline and the encoding are the file's own."""
    model, person = _both(git_repo, {"x.txt": before}, {"x.txt": after})
    assert model == [(rule, "error")]
    assert person == [(rule, "warning")]


def test_mixed_line_endings_may_stay_mixed(git_repo: GitRepo) -> None:
    """A file that has both may get more of either, and lose all of one."""
    assert _both(git_repo, {"x.txt": b"a\r\nb\n"}, {"x.txt": b"a\nb\nc\n"}) == ([], [])


@pytest.mark.parametrize("encoding", ["utf-7", "rot13", "unicode_escape", "raw_unicode_escape", "punycode"])
def test_an_encoding_that_hides_code_is_an_error_from_both(git_repo: GitRepo, encoding: str) -> None:
    """What Python runs would not be what a person read."""
    result: dict[str, str | bytes] = {"x.py": f"#!/usr/bin/python\n# -*- coding: {encoding} -*-\nx = 1\n"}
    model, person = _both(git_repo, _BASE, result)
    assert model == person == [("scope/hidden-encoding", "error")]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "latin-1", "cp1252", "ascii", "iso-8859-15", "euc-jp", "no-such"]
)
def test_encodings_that_are_read_as_written_pass(git_repo: GitRepo, encoding: str) -> None:
    """Plain text in them is what it looks like; an unknown one is for the gate `syntax`."""
    assert _both(git_repo, _BASE, {"x.py": f"# coding={encoding}\nx = 1\n"}) == ([], [])


def test_limits_are_the_bases(git_repo: GitRepo) -> None:
    """Files, lines, and bytes for those lines."""
    base: dict[str, str | bytes] = {"codegate.toml": "[scope]\nmax_files = 2\nmax_lines = 4\n", "a": "1\n2\n"}
    assert _both(git_repo, base, {"b": "1\n2\n", "a": "3\n"})[0] == [("scope/size", "error")]
    assert _both(git_repo, base, {"c": "x\n", "d": "x\n", "e": "x\n"}) == (
        [("scope/size", "error")], [("scope/size", "warning")],
    )  # fmt: skip
    assert _both(git_repo, base, {"long": "x" * 2000 + "\n"})[0] == [("scope/size", "error")]
    assert _both(git_repo, base, {"f": "1\n2\n", "a": "2\n"}) == ([], [])


_LINE = st.text(alphabet=st.sampled_from("ab-+@ \\\t\r\x0b\x0c\x1c\x85\u2028é"), max_size=8)
_TEXT = st.one_of(st.none(), st.lists(_LINE, max_size=5).map("\n".join))
_PATHS = ("plain.py", "a b.py", "é.py", 'q".py', "tab\t.py", "b/a/dev/null", "by\udcffte")


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.dictionaries(st.sampled_from(_PATHS), st.tuples(_TEXT, _TEXT), min_size=1))
def test_two_readers_agree_on_every_diff(
    git_repo: GitRepo, contents: dict[str, tuple[str | None, str | None]]
) -> None:
    """unidiff's parse of git's own diff says what git's list says, whatever the names and lines are."""
    commits = []
    for side in (0, 1):
        git_repo.git("rm", "-rqf", "--ignore-unmatch", ".")
        for path, texts in contents.items():
            text = texts[side]
            if text is not None:
                git_repo.write(path, text)
        commits.append(git_repo.commit())
    with opened(git_repo.path, *commits) as workspace:
        assert list(disagreements(workspace, rules_for(git_repo.path, commits[0]))) == []


@pytest.mark.parametrize(
    "path", ["docs/Part b/x.md", "a/x b/x a/x b/x", "docs/ b/ b/x", "caf\u00e9 b/x.md", "b/ b/b"]
)
def test_a_name_may_look_like_two(git_repo: GitRepo, path: str) -> None:
    """Where one name ends and the next begins is git's to say, for new files, changes and deletions."""
    commits = [git_repo.commit({"other": "x\n"}), git_repo.commit({path: "a\n-- a/x b/y\n"})]
    commits.append(git_repo.commit({path: "b\n"}))
    (git_repo.path / path).unlink()
    commits.append(git_repo.commit())
    for base, result in itertools.pairwise(commits):
        found = {rule for rule, *_ in said(verdict_of(Scope(), git_repo.path, base, result, Origin.PERSON))}
        assert "scope/disagreement" not in found


def test_a_diff_that_shows_something_else_is_an_error(git_repo: GitRepo) -> None:
    """A path too many, a path too few, other counts, and what no one can parse."""
    base, result = git_repo.commit(_BASE), git_repo.commit({"a.py": "x\n", "docs/x.md": "y\n"})
    with opened(git_repo.path, base, result) as workspace:
        candidate, rules = workspace.candidate, rules_for(git_repo.path, base, Origin.PERSON)
        first = candidate.diff.index(b"diff --git a/docs")
        for diff, paths in (
            (candidate.diff[:first], ["docs/x.md"]),
            (candidate.diff.replace(b"docs/x.md", b"docs/z.md"), ["docs/x.md", "docs/z.md"]),
            (candidate.diff.replace(b"-text\n+y\n", b"-text\n"), [None]),
            (candidate.diff.replace(b"+1 @@\n-text\n+y\n", b"+1,2 @@\n-text\n+y\n+z\n"), ["docs/x.md"]),
        ):
            other = Workspace(workspace._repository, workspace._stage, replace(candidate, diff=diff))
            found = list(disagreements(other, rules))
            assert [f.path for f in found] == paths
            assert {(f.rule, f.severity) for f in found} == {("scope/disagreement", "error")}


@pytest.mark.slow
def test_a_large_diff_is_judged_in_seconds(git_repo: GitRepo) -> None:
    """20 MB in one line and 1,000 files are answered, and the answer stays readable."""
    files: dict[str, str | bytes] = {f"d/{n}.py": f"x = {n}\n" for n in range(1000)}
    base = git_repo.commit(_BASE)
    result = git_repo.commit(files | {"line.txt": "é" * 10_000_000 + "\n", "hidden.txt": "\u200b\n" * 20_000})
    verdict = verdict_of(Scope(), git_repo.path, base, result)
    assert verdict.outcome is Outcome.FAILED
    assert len(verdict.findings) < 600
    assert verdict.seconds < 20
