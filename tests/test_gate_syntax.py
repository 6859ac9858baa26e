"""The syntax gate, on real commits."""

from __future__ import annotations

import json

import pytest
from conftest import GitRepo
from judging import said, verdict_of

from codegate.core import Origin, Outcome
from codegate.gates.syntax import MAX_FILE, Syntax


def _judged(
    repo: GitRepo,
    before: dict[str, str | bytes],
    after: dict[str, str | bytes],
    origin: Origin = Origin.MODEL,
):
    base = repo.commit(before)
    return verdict_of(Syntax(), repo.path, base, repo.commit(after), origin)


def test_a_change_that_parses_passes_and_says_how_much_was_parsed(git_repo: GitRepo) -> None:
    """A sound change of two files in known languages passes without a finding."""
    verdict = _judged(git_repo, {"a.py": "x = 1\n"}, {"a.py": "x = 2\n", "b.json": "{}\n"})
    assert (verdict.outcome, verdict.summary, verdict.findings) == (Outcome.PASSED, "2 files parse", ())


@pytest.mark.parametrize(
    ("path", "text", "line"),
    [
        ("a.py", "def f(:\n    pass\n", 1),
        ("a.js", "function f( { return 1 }\n", 1),
        ("a.ts", "interface A { x: }\n", 1),
        ("a.tsx", "const a = <div>;\n", None),
        ("a.go", "package a\n\nfunc f( {}\n", 3),
        ("a.rs", "fn f( {}\n", 1),
        ("a.sh", "if true; then\n  echo\n", None),
        ("a.json", '{"a": 1\n', None),
        ("a.toml", "a = \n", 1),
        ("a.yaml", "a: [1\n", None),
        ("script", "#!/usr/bin/env python3\nx = (\n", None),
    ],
)
def test_a_broken_file_fails_in_every_language(
    git_repo: GitRepo, path: str, text: str, line: int | None
) -> None:
    """A new file that does not parse is an error in that file, at the line where it is seen."""
    verdict = _judged(git_repo, {"readme": ""}, {path: text})
    assert verdict.outcome is Outcome.FAILED
    assert {f.path for f in verdict.findings} == {path}
    assert line is None or line in [f.line for f in verdict.findings]


@pytest.mark.parametrize(
    "text",
    [
        'print "x"\n', "return 1\n", "def f():\nreturn 1\n", "break\n", "if x:\n\ty = 1\n        z = 1\n",
        "x = 1\n    y = 2\n", "def f(a, a): pass\n", "x = b'é'\n", "# coding: nonsense\nx = 1\n",
    ],
)  # fmt: skip
def test_what_only_python_refuses_fails_too(git_repo: GitRepo, text: str) -> None:
    """tree-sitter's superset of Python does not pass: Python's own compiler is asked."""
    verdict = _judged(git_repo, {"a.py": "x = 1\n"}, {"a.py": text})
    assert (verdict.outcome, verdict.summary) == (Outcome.FAILED, "0 of 1 files parse")


def test_nothing_in_the_code_is_run(git_repo: GitRepo) -> None:
    """Compiling a file has no effect."""
    mark = git_repo.path.parent / "mark"
    text = f"open({str(mark)!r}, 'w')\n"
    assert _judged(git_repo, {"a.py": ""}, {"a.py": text}).outcome is Outcome.PASSED
    assert not mark.exists()


def test_warnings_of_the_compiler_are_no_errors(git_repo: GitRepo) -> None:
    """An invalid escape or `is` with a literal is for the linter to say."""
    assert _judged(git_repo, {"a.py": ""}, {"a.py": "x = '\\d' is 1\n"}).outcome is Outcome.PASSED


def test_what_was_broken_may_stay_broken_but_not_get_worse(git_repo: GitRepo) -> None:
    """An error of the base does not count against the change; a new one beside it does."""
    broken = "def f():\n    return 1\n\nx = = 2\n"
    base = git_repo.commit({"a.py": broken, "b.js": "let a = ;\n"})
    same = git_repo.commit(
        {"a.py": broken.replace("return 1", "return 3"), "b.js": "let a = ;\nlet b = 1;\n"}
    )
    assert verdict_of(Syntax(), git_repo.path, base, same).outcome is Outcome.PASSED
    worse = git_repo.commit(
        {"a.py": broken.replace("return 1", "return (1"), "b.js": "let a = ;\nlet = = 1;\n"}
    )
    verdict = verdict_of(Syntax(), git_repo.path, base, worse)
    assert {f.path for f in verdict.findings} == {"a.py", "b.js"}


def test_an_unknown_language_is_said_to_be_not_judged(git_repo: GitRepo) -> None:
    """A file that no grammar is for passes with a note, not in silence."""
    verdict = _judged(git_repo, {"a.xyz": ""}, {"a.xyz": "("})
    assert verdict.outcome is Outcome.PASSED
    assert said(verdict) == [("syntax/not-judged", "note", "a.xyz", None)]


def test_a_file_too_large_to_judge_is_an_error_for_a_model_and_a_warning_for_a_person(
    git_repo: GitRepo,
) -> None:
    """What could not be judged is not passed in silence."""
    large = json.dumps(["x" * MAX_FILE])
    base = git_repo.commit({"a.json": "[]"})
    result = git_repo.commit({"a.json": large})
    assert verdict_of(Syntax(), git_repo.path, base, result).outcome is Outcome.FAILED
    by_hand = verdict_of(Syntax(), git_repo.path, base, result, Origin.PERSON)
    assert (by_hand.outcome, said(by_hand)) == (
        Outcome.PASSED, [("syntax/too-large", "warning", "a.json", None)],
    )  # fmt: skip


def test_text_at_which_the_compiler_dies_is_an_error_there_and_nowhere_else(git_repo: GitRepo) -> None:
    """Nesting beyond what the compiler bears is told as an error of its file; files after it are judged."""
    deep = "x = " + "(" * 5000 + ")" * 5000 + "\n"
    after = "x = " + "-" * 200_000 + "1\n"
    verdict = _judged(git_repo, {"a.py": ""}, {"a.py": deep, "b.py": after, "c.py": "x = 1\n"})
    assert verdict.outcome is Outcome.FAILED
    assert "c.py" not in {f.path for f in verdict.findings}
    assert "a.py" in {f.path for f in verdict.findings}


def test_deletions_links_and_submodules_have_no_syntax(git_repo: GitRepo) -> None:
    """Only regular files that remain are parsed."""
    base = git_repo.commit({"a.py": "x = (\n", "b.py": "x = 1\n"})
    (git_repo.path / "a.py").unlink()
    (git_repo.path / "b.py").unlink()
    (git_repo.path / "b.py").symlink_to("not python (")
    verdict = verdict_of(Syntax(), git_repo.path, base, git_repo.commit())
    assert (verdict.outcome, verdict.summary) == (Outcome.PASSED, "0 files parse")


def test_a_declared_encoding_is_obeyed(git_repo: GitRepo) -> None:
    """A Latin-1 Python file that says so is sound; one that does not is an error."""
    text = "# coding: latin-1\nx = 'é'\n".encode("latin-1")
    assert _judged(git_repo, {"a.py": b""}, {"a.py": text}).outcome is Outcome.PASSED
    assert _judged(git_repo, {"b.py": b""}, {"b.py": "x = 'é'\n".encode("latin-1")}).outcome is Outcome.FAILED
