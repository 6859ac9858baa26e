"""The gate `types` tells a type error that is new, anywhere in the project, by the base's own checker."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import GitRepo
from judging import said, verdict_of

from codegate.config import load
from codegate.core import Origin, Outcome, Verdict
from codegate.errors import CodegateError
from codegate.gates import load_gates
from codegate.gates.lint.reports import READERS, Remark
from codegate.gates.types import Types
from codegate.gates.types.checkers import configured, plugins

_Files = dict[str, str | bytes]
_MYPY: _Files = {"mypy.ini": "[mypy]\nstrict = True\n"}
_LIB = "def size(text: str) -> int:\n    return len(text)\n"
_USE = "from lib import size\n\nprint(size('x') + 1)\n"


def _judged(git_repo: GitRepo, base: _Files, result: _Files, origin: Origin = Origin.MODEL) -> Verdict:
    return verdict_of(Types(), git_repo.path, git_repo.commit(base), git_repo.commit(result), origin)


def test_it_is_asked_where_the_base_lists_it() -> None:
    """It is codegate's own, and no one's who does not want it."""
    listed = load(lambda path: b"gates = ['types']\n" if path == "codegate.toml" else None)
    assert [gate.name for gate in load_gates(listed)].count("types") == 1
    assert "types" not in [gate.name for gate in load_gates(load(lambda path: None))]


def test_a_new_error_is_told_where_it_is_also_in_a_file_that_did_not_change(git_repo: GitRepo) -> None:
    """A changed signature breaks its callers; an error from a model, a warning from a person."""
    base: _Files = {**_MYPY, "lib.py": _LIB, "use.py": _USE}
    changed: _Files = {"lib.py": _LIB.replace("-> int", "-> str").replace("len(text)", "text")}
    verdict = _judged(git_repo, base, changed)
    assert verdict.outcome is Outcome.FAILED
    assert said(verdict) == [("types/operator", "error", "use.py", 3)]
    assert verdict.findings[0].column == 19
    assert verdict.findings[0].message.startswith("Unsupported operand types")
    assert verdict.summary == "1 new error of mypy"
    person = _judged(git_repo, base, changed, Origin.PERSON)
    assert said(person) == [("types/operator", "warning", "use.py", 3)]


def test_what_was_wrong_before_is_not_told(git_repo: GitRepo) -> None:
    """Also where its lines moved; one more of the same is."""
    wrong = "x: int = 'one'\n"
    base: _Files = {**_MYPY, "a.py": wrong, "b.py": _LIB}
    assert _judged(git_repo, base, {"a.py": f"import os\n\nprint(os.sep)\n{wrong}"}).findings == ()
    assert said(_judged(git_repo, {}, {"a.py": f"{wrong}yy: int = 'two'\n"})) == [
        ("types/assignment", "error", "a.py", 2)
    ]


_SILENT = "[mypy]\nignore_errors = True\n"


@pytest.mark.parametrize(
    "steering",
    [
        {"setup.cfg": _SILENT},
        *(
            pytest.param(files, marks=pytest.mark.slow)
            for files in (
                {"mypy.ini": _SILENT},
                {"pyproject.toml": "[tool.mypy]\nignore_errors = true\n"},
                {"own/plugin.py": "import os\nos._exit(0)\n"},
            )
        ),
    ],
    ids=lambda files: next(iter(files)),
)
def test_a_diff_cannot_bring_its_own_rules(git_repo: GitRepo, steering: _Files) -> None:
    """Neither a configuration that changes, nor one that would go first, nor a plug-in's code."""
    base: _Files = {
        "setup.cfg": "[mypy]\nplugins = own/plugin.py\n",
        "own/plugin.py": "from mypy.plugin import Plugin\n\n\ndef plugin(version):\n    return Plugin\n",
        "a.py": "x = 1\n",
    }
    result: _Files = {"a.py": "x: int = 'one'\n", **steering}
    assert ("types/assignment", "error", "a.py", 1) in said(_judged(git_repo, base, result))


def test_nothing_to_judge_is_said(git_repo: GitRepo) -> None:
    """Without a checker in the base it is skipped, also where the diff brings one; without Python passed."""
    verdict = _judged(git_repo, {"a.py": "x = 1\n"}, {"a.py": "x: int = ''\n", "mypy.ini": "[mypy]\n"})
    assert verdict.outcome is Outcome.SKIPPED
    assert _judged(git_repo, {}, {"x.md": "x\n"}).summary == "no Python file changed"


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"mypy.ini": "[mypy]\n", "a.py": "def f(:\n"}, "does not finish on the base"),
        (
            {"mypy.ini": "[mypy]\nplugins = no_such_plugin\n", "a.py": "x = 1\n"},
            "does not finish on the base",
        ),
        ({"ty.toml": "", "a.py": "x = 1\n"}, "is not installed"),
    ],
)
def test_a_checker_that_cannot_answer_breaks_the_gate(
    git_repo: GitRepo, files: _Files, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not taken for one without errors."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    with pytest.raises(CodegateError) as caught:
        _judged(git_repo, files, {"a.py": "x = 2\n"})
    assert says in caught.value.message
    assert caught.value.hint


def test_a_result_that_does_not_parse_is_an_error(git_repo: GitRepo) -> None:
    """The checker stops there: what it says is new all the same."""
    verdict = _judged(git_repo, {**_MYPY, "a.py": "x = 1\n"}, {"a.py": "def f(:\n"})
    assert {(f.rule, f.path) for f in verdict.findings} == {("types/syntax", "a.py")}


@pytest.mark.parametrize(
    ("name", "text", "checkers"),
    [
        ("pyproject.toml", "[tool.mypy]\nstrict = true\n", ["mypy"]),
        ("setup.cfg", "[mypy]\nfiles = a\n", ["mypy"]),
        ("setup.cfg", "[metadata]\nname = x\n", []),
        (".mypy.ini", "", ["mypy"]),
        ("pyproject.toml", "[tool.pyright]\n[tool.ty]\n", ["pyright", "ty"]),
        ("pyproject.toml", "[tool.basedpyright]\n", ["pyright"]),
        ("pyrightconfig.json", "{}", ["pyright"]),
        ("ty.toml", "", ["ty"]),
        ("pyproject.toml", "tool = 1\n", []),
        ("pyproject.toml", "[broken", []),
    ],
)
def test_the_base_chooses_the_checker(name: str, text: str, checkers: list[str]) -> None:
    """By its own configuration files, wherever each checker looks for them."""
    assert [c.name for c in configured(lambda path: text.encode() if path == name else None)] == checkers


def test_mypy_checks_what_it_is_told_to_else_all() -> None:
    """A base that names its files or packages has only these checked."""
    for text, whole in (("files = a", False), ("packages = a", False), ("strict = True", True)):
        ini = f"[mypy]\n{text}\n".encode()
        (mypy,) = configured(lambda path, ini=ini: ini if path == "mypy.ini" else None)
        assert (mypy.arguments[-1] == ".") is whole


def test_code_of_plugins_is_known_by_path_and_by_module() -> None:
    """Whatever form the base names them in."""
    text = b"[tool.mypy]\nplugins = ['own/p.py', 'pkg.q:entry']\n"
    assert set(plugins(lambda path: text if path == "pyproject.toml" else None)) == {
        "own/p.py", "pkg/q.py", "pkg/q/__init__.py", "src/pkg/q.py", "src/pkg/q/__init__.py",
    }  # fmt: skip


def test_what_pyright_says_is_read() -> None:
    """It counts from 0, and names whole paths."""
    report = b"""{"generalDiagnostics": [
        {"file": "/top/a.py", "severity": "error", "message": "no", "rule": "reportX",
        "range": {"start": {"line": 1, "character": 11}, "end": {"line": 1, "character": 12}}},
        {"file": "", "severity": "error", "message": "odd"}], "summary": {}}"""
    found = list(READERS["pyright"](report, Path("/top")))
    assert found == [Remark("a.py", 2, 12, "reportX", "no", "error"), Remark(None, 0, 0, "", "odd", "error")]


def test_the_checkout_stays_as_it_is(git_repo: GitRepo) -> None:
    """No cache is written into it, nor read: one of the checkout could have been forged."""
    (git_repo.path / ".gitignore").write_text(".mypy_cache\n")
    git_repo.write(".mypy_cache/CACHEDIR.TAG", "x")
    verdict = _judged(git_repo, {**_MYPY, "a.py": "x = 1\n"}, {"a.py": "x: int = ''\n"})
    assert verdict.outcome is Outcome.FAILED
    assert [p.name for p in (git_repo.path / ".mypy_cache").iterdir()] == ["CACHEDIR.TAG"]
