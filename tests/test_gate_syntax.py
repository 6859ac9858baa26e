"""The syntax gate, on real commits."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

import pytest
from conftest import GitRepo
from judging import said, verdict_of

from codegate.core import Origin, Outcome, Verdict
from codegate.gates.syntax import MAX_FILE, Syntax
from codegate.source import language_of, parse
from codegate.source.grammars import LANGUAGES


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


# Small sound files in every language, with syntax that is easily taken for wrong.
_SAMPLES: Final = Path(__file__).parent / "samples"
_SOUND: Final = {path.name: path.read_text() for path in sorted(_SAMPLES.iterdir())}

# What breaks one of them: its name, a piece of it, and what is written instead.
_BROKEN: Final = (
    ("a.py", "match x:", "match x"),
    ("a.js", "get x() {", "get x( {"),
    ("a.jsx", "</A>", ""),
    ("a.ts", "enum E {", "enum E ("),
    ("a.tsx", "</A>", "</"),
    ("a.go", "\tselect {", "\tselect ("),
    ("a.rs", "match *y {", "match *y ("),
    ("A.java", "var r = open()", "var r = open("),
    ("a.c", "return NULL;\n}", "return NULL;\n"),
    ("plus.h", "= default; }", "= default;"),
    ("plain.h", "int private);", "int private;"),
    ("a.cpp", "return (xs + ...);", "return (xs + ...;"),
    ("A.cs", "get; init; }", "get; init;"),
    ("a.rb", "rescue nil\n  end", "rescue nil\n"),
    ("a.php", "case A = 'a';", "case A = ;"),
    ("a.sh", "esac", "esca"),
    ("run", "; fi", ""),
    ("a.json", "true, null", "true null"),
    ("tsconfig.json", '"b": ', '"b" '),
    ("a.yaml", "c: *x", "c: [*x"),
    ("a.toml", "title = ", "title "),
    ("a.html", "alt=''>", "alt='' <"),
    ("a.css", "{ top: 0 } }", "{ top: 0"),
    ("Dockerfile", "FROM --platform", "FRM --platform"),
    ("a.sql", "SELECT count(*) AS k,", "SELECT count( AS k,"),
)  # fmt: skip
# Whose grammar is wrong so often that an error in a new file is a warning, or decides for a model alone.
_WEAK: Final = {"a.c", "plain.h", "plus.h", "a.cpp", "a.html", "a.sql"}
_DOUBTFUL: Final = {"a.ts", "a.tsx", "a.rs", "A.cs", "a.css", "Dockerfile"}


def _broken(name: str, old: str, new: str) -> str:
    assert old in _SOUND[name]
    return _SOUND[name].replace(old, new)


def _weights(verdict: Verdict) -> set[tuple[str | None, str]]:
    return {(f.path, f.severity.value) for f in verdict.findings}


def test_every_language_has_a_sample() -> None:
    """What is known of a language is tried here."""
    tried = {language_of(name, text.encode()) for name, text in _SOUND.items()}
    assert {language.name for language in LANGUAGES} == {language.name for language in tried if language}
    assert {name for name, _, _ in _BROKEN} | {"a.md"} == set(_SOUND)


def test_sound_files_pass_in_every_language(git_repo: GitRepo) -> None:
    """New or changed, from a model, without so much as a note."""
    base = git_repo.commit({"readme": ""})
    new = git_repo.commit(dict(_SOUND))
    verdict = verdict_of(Syntax(), git_repo.path, base, new)
    assert (verdict.findings, verdict.summary) == ((), f"{len(_SOUND)} files parse")


def test_what_breaks_a_file_is_an_error_in_every_language(git_repo: GitRepo) -> None:
    """It was clean, and is no more: from a model an error always, from a person where the grammar is good."""
    base = git_repo.commit(dict(_SOUND))
    result = git_repo.commit({name: _broken(name, old, new) for name, old, new in _BROKEN})
    model = verdict_of(Syntax(), git_repo.path, base, result)
    assert _weights(model) == {(name, "error") for name, _, _ in _BROKEN}
    assert all(f.line for f in model.findings)
    person = verdict_of(Syntax(), git_repo.path, base, result, Origin.PERSON)
    expected = {(name, "warning" if name in _WEAK else "error") for name, _, _ in _BROKEN}
    assert _weights(person) == expected


def test_a_new_broken_file_weighs_what_its_grammar_is_worth(git_repo: GitRepo) -> None:
    """Grammars that take many valid files for broken warn; those that take some decide for models alone."""
    base = git_repo.commit({"readme": ""})
    result = git_repo.commit({name: _broken(name, old, new) for name, old, new in _BROKEN})
    names = {name for name, _, _ in _BROKEN}
    assert _weights(verdict_of(Syntax(), git_repo.path, base, result)) == {
        (name, "warning" if name in _WEAK else "error") for name in names
    }
    assert _weights(verdict_of(Syntax(), git_repo.path, base, result, Origin.PERSON)) == {
        (name, "warning" if name in _WEAK | _DOUBTFUL else "error") for name in names
    }


@pytest.mark.parametrize(("name", "old", "new"), _BROKEN, ids=[name for name, _, _ in _BROKEN])
def test_what_was_broken_may_stay_so_in_every_language(
    git_repo: GitRepo, name: str, old: str, new: str
) -> None:
    """The base's own error is no one's fault; with a line more it is still the same."""
    broken = _broken(name, old, new)
    base = git_repo.commit({name: broken})
    assert verdict_of(Syntax(), git_repo.path, base, git_repo.commit({name: broken + "\n"})).findings == ()


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.json", "{} {}"), ("a.json", ""), ("a.json", '{"a": "\t"}'), ("a.json", "[NaN]"),
        ("a.json", "[01]"), ("a.json", b'["\xff"]'), ("a.toml", "[a]\n[a]\n"), ("a.toml", "a = 1979-02-30\n"),
        ("a.toml", "a = 1\na = 2\n"), ("a.yaml", "a: b: c\n"), ("a.yaml", "\ta: 1\n"), ("a.yaml", "a: *b\n&"),
    ],
)  # fmt: skip
def test_what_only_a_strict_reader_refuses_fails(git_repo: GitRepo, path: str, text: str | bytes) -> None:
    """Grammars take a superset; the libraries that programs read such files with do not."""
    verdict = _judged(git_repo, {"readme": ""}, {path: text})
    assert _weights(verdict) == {(path, "error")}


def test_json_with_comments_is_by_hand(git_repo: GitRepo) -> None:
    """Some tools take it, most do not; where its name says so it is right, and where the base has it too."""
    text = '{"a": "//", /* b */ "c": [1,],}\n'
    base = git_repo.commit({"old.json": text})
    result = git_repo.commit({"old.json": text + "\n", "new.json": text, "tsconfig.x.json": text})
    assert _weights(verdict_of(Syntax(), git_repo.path, base, result)) == {("new.json", "error")}
    person = verdict_of(Syntax(), git_repo.path, base, result, Origin.PERSON)
    assert _weights(person) == {("new.json", "warning")}


@pytest.mark.parametrize(
    ("path", "text", "lines"),
    [
        ("a.json", '{"a": {"b": 1, "b": 2}, "b": 3}', [None]),
        ("tsconfig.json", '// why\n{"a": 1, "a": 2, "a": 3,}', [None, None]),
        (
            "a.yaml",
            "a:\n  b: 1\n  c: &x [b]\n  'b': *x\nb: {c, c}\n---\na: {? [q] : 1, d: d, d: 2}\n",
            [4, 5, 7],
        ),
    ],
)
def test_a_key_that_stands_twice_is_by_hand(
    git_repo: GitRepo, path: str, text: str, lines: list[int | None]
) -> None:
    """At its place where the reader tells it; what was twice before may stay so, and not hide what breaks."""
    verdict = _judged(git_repo, {"x": ""}, {path: text})
    assert said(verdict) == [("syntax/duplicate-key", "error", path, line) for line in lines]
    assert said(_judged(git_repo, {}, {path: f"{text}\n\n"})) == []
    assert {rule for rule, *_ in said(_judged(git_repo, {}, {path: f"{text}\n}}"}))} == {
        f"syntax/{'jsonc' if path == 'tsconfig.json' else path[2:]}"
    }
    person = _judged(git_repo, {path: "1\n"}, {path: text}, Origin.PERSON)
    assert {severity for _, severity, *_ in said(person)} == {"warning"}


def test_keys_that_may_stand_twice_do(git_repo: GitRepo) -> None:
    """Comments, merges, and the same key in another mapping."""
    files: dict[str, str | bytes] = {
        "a.json": '{"//": 1, "//": 2, "_comment": 1, "_comment": 2, "x": [{"k": 1}, {"k": 1}]}',
        "a.yaml": "a: &a {k: k}\nb: &b {k: 1}\nc:\n  <<: *a\n  <<: *b\nd: [k, k, {k: [k, k]}]\n---\na: 1\n",
    }
    assert said(_judged(git_repo, {"x": ""}, files)) == []


def test_a_template_is_by_hand(git_repo: GitRepo) -> None:
    """It becomes a file of its language when it is filled in; what it is before has no grammar."""
    base = git_repo.commit({"readme": ""})
    result = git_repo.commit(
        {
            "chart/a.yaml": "a:\n{{- if .b }}\n  c: [{{ .d }}\n{{- end }}\n",
            "{{cookiecutter.x}}/a.py": "import {{cookiecutter.x}}.y\n",
        }
    )
    paths = {"chart/a.yaml", "{{cookiecutter.x}}/a.py"}
    assert _weights(verdict_of(Syntax(), git_repo.path, base, result)) == {(p, "error") for p in paths}
    person = verdict_of(Syntax(), git_repo.path, base, result, Origin.PERSON)
    assert _weights(person) == {(p, "warning") for p in paths}


def test_a_shell_script_that_bash_can_read_is_right(git_repo: GitRepo) -> None:
    """Where the grammar sees an error, bash is asked, which runs nothing of it."""
    mark = git_repo.path.parent / "mark"
    text = f"x=$(ls -d *\n  2>/dev/null)\necho >{mark}\nfor a do :; done; : <<=cut\ntext (\n=cut\n"
    base = git_repo.commit({"readme": ""})
    language = language_of("a.sh")
    assert language is not None
    assert parse(language, text.encode()).root_node.has_error
    assert verdict_of(Syntax(), git_repo.path, base, git_repo.commit({"a.sh": text})).findings == ()
    assert not mark.exists()


@pytest.mark.parametrize(
    "text",
    [
        'print "x"\n', "return 1\n", "def f():\nreturn 1\n", "break\n", "if x:\n\ty = 1\n        z = 1\n",
        "x = 1\n    y = 2\n", "def f(a, a): pass\n", "x = b'é'\n", "# coding: nonsense\nx = 1\n",
        "# coding: rot13\nk = 1\n",
    ],
)  # fmt: skip
def test_what_only_python_refuses_fails_too(git_repo: GitRepo, text: str) -> None:
    """tree-sitter's superset of Python does not pass: Python's own compiler is asked.

    Lines count from 1, and a report holds no other: Python's line 0 is no place.
    """
    verdict = _judged(git_repo, {"a.py": "x = 1\n"}, {"a.py": text})
    assert (verdict.outcome, verdict.summary) == (Outcome.FAILED, "0 of 1 files parse")
    assert all(number is None or number >= 1 for f in verdict.findings for number in (f.line, f.column))


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


def test_text_that_would_take_a_reader_minutes_is_an_error_in_seconds(git_repo: GitRepo) -> None:
    """Each level of brackets costs a reader of YAML as much as all before: a thousand are enough."""
    deep = {
        "a.yaml": "[" * 200_000 + "]" * 200_000,
        "a.json": "[" * 200_000,
        "a.toml": "a = " + "[" * 200_000,
    }
    verdict = _judged(git_repo, {"readme": ""}, {**deep})
    assert _weights(verdict) == {(path, "error") for path in deep}
    assert verdict.seconds < 30


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
