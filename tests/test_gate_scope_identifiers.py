"""The gate `scope` sees names that pass for others, and leaves the world's languages alone."""

from __future__ import annotations

import pytest
from conftest import GitRepo
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import said, verdict_of

from codegate.core import Origin
from codegate.gates.scope import Scope
from codegate.source.confusables import mixed_script, skeleton

_Found = list[tuple[str, str, str | None, int | None]]


def _judged(
    git_repo: GitRepo,
    base: dict[str, str | bytes],
    result: dict[str, str | bytes],
    origin: Origin = Origin.PERSON,
) -> _Found:
    return said(verdict_of(Scope(), git_repo.path, git_repo.commit(base), git_repo.commit(result), origin))


@pytest.mark.parametrize(
    ("path", "before", "added"),
    [
        ("a.py", "payload = 1\n", "p\u0430yload = 2\n"),
        ("a.py", "p\u0430yload = 1\n", "payload = 2\n"),
        ("a.py", "file = 1\n", "print(\ufb01le)\n"),
        ("a.py", "file = 1\n", "\uff46\uff49\uff4c\uff45 = 2\n"),
        ("a.py", "é = 1\n", "e\u0301 = 2\n"),
        ("a.py", "def scope(): pass\n", "def \u0455\u0441\u043e\u0440\u0435(): pass\n"),
        ("a.js", "let o = 1;\n", "let \u03bf = o;\n"),
        ("a.ts", "interface A { x: B }\n", "type \u0412 = 1;\n"),
        ("a.go", "package a\n\nvar a = 1\n", "var \u0430 = 2\n"),
        ("a.rs", "fn a() {}\n", "fn \u0430() {}\n"),
        ("A.java", "class A {}\n", "class \u0410 {}\n"),
        ("a.c", "int a = 1;\n", "int \u0430 = 2;\n"),
        ("a.cpp", "int a = 1;\n", "int \u0430 = 2;\n"),
        ("A.cs", "class A {}\n", "class \u0410 {}\n"),
        ("a.rb", "a = 1\n", "\u0430 = 2\n"),
        ("a.php", "<?php\n$a = 1;\n", "$\u0430 = 2;\n"),
    ],
)
def test_a_name_that_looks_like_another_is_an_error(
    git_repo: GitRepo, path: str, before: str, added: str
) -> None:
    """From both hands, in every language with names, at the line that brings it."""
    lines = before.count("\n") + 1
    for origin in Origin:
        found = _judged(git_repo, {path: before}, {path: before + added}, origin)
        assert [f for f in found if "mixed" not in f[0]] == [("scope/confusable", "error", path, lines)]


def test_the_finding_names_the_odd_character(git_repo: GitRepo) -> None:
    """What no eye can tell is told by its code point, where it stands."""
    base = git_repo.commit({"a.py": "payload = 1\n"})
    result = git_repo.commit({"a.py": "payload = 1\nx = 'é' + p\u0430yload\n"})
    [finding] = verdict_of(Scope(), git_repo.path, base, result).findings
    assert "U+0430 CYRILLIC SMALL LETTER A" in finding.message
    assert (finding.line, finding.column) == (2, 11)


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.py", "größe = 1\ngrösse = 2\nstraße = größe\ngrosse = l1 = ll = 3\n"),
        ("a.py", "Δx = λ_max = σ = θ0 = αmin = 1\nx = l = a = 1\n"),
        ("a.py", "数据 = 1\nデータ = 2\nデータ2 = 数据\n"),
        ("a.py", "длина = 1\nполучить_user = длина\ngetДанные = 2\nс = 3\n"),
        ("a.py", "données = 1\ndonnees = 2\n한글 = 3\nالعدد = 4\n"),
        ("a.py", "payload = 'p\u0430yload'  # p\u0430yload, \ufb01le\nfile = f'{payload} p\u0430yload'\n"),
        ("a.js", "const a = '\u0430', b = /\u0430/, c = `\u0430`; // \u0430\n"),
        ("a.md", "a payload and a p\u0430yload\n"),
        ("a.zig", "const a = 1; const \u0430 = 2;\n"),
    ],
)
def test_the_worlds_languages_pass(git_repo: GitRepo, path: str, text: str) -> None:
    """Umlauts, formulas, other scripts, and anything in strings and comments: not a word."""
    assert _judged(git_repo, {"readme": ""}, {path: text}, Origin.MODEL) == []


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("import r\u0435quests\n", "mixed-script"),
        ("\u0391ctual = 1\n", "mixed-script"),
        ("\uff50rint(1)\n", "mixed-script"),
    ],
)
def test_what_may_be_meant_is_by_hand(git_repo: GitRepo, text: str, rule: str) -> None:
    """An error from a model, a warning from a person."""
    [model] = _judged(git_repo, {"readme": ""}, {"a.py": text}, Origin.MODEL)
    git_repo.git("rm", "-q", "a.py")
    [person] = _judged(git_repo, {"readme": ""}, {"a.py": text})
    assert (model[:2], person[:2]) == ((f"scope/{rule}", "error"), (f"scope/{rule}", "warning"))


@pytest.mark.parametrize("text", ["ν = 1\nv = 2\n", "æ = 1\nae = 2\n"])
def test_what_readers_can_tell_is_a_warning(git_repo: GitRepo, text: str) -> None:
    """Unicode takes them for each other; who writes formulas or Danish does not."""
    found = _judged(git_repo, {"readme": ""}, {"a.py": text}, Origin.MODEL)
    assert {f[:2] for f in found} == {("scope/look-alike", "warning")}


def test_names_of_the_base_are_its_own(git_repo: GitRepo) -> None:
    """Two that looked alike before may be used on; a third may not come."""
    base: dict[str, str | bytes] = {"a.py": "a = 1\n\u0430 = 2\n"}
    assert _judged(git_repo, base, {"a.py": "a = 1\n\u0430 = 2\nprint(a, \u0430)\n"}, Origin.MODEL) == []


def test_a_text_too_large_to_parse_is_judged_by_its_words(git_repo: GitRepo) -> None:
    """Size is no way around."""
    before = "payload = 1\n" + "# nothing\n" * 250_000
    found = _judged(git_repo, {"a.py": before}, {"a.py": f"{before}p\u0430yload = 2\n"})
    assert ("scope/confusable", "error") in [f[:2] for f in found]


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=8))
def test_a_skeleton_is_its_own(text: str) -> None:
    """UTS #39: the table is closed, so that what looks alike once looks alike always."""
    once = skeleton(text)
    assert skeleton(once) == once


@pytest.mark.parametrize(("one", "other"), [("ѕсоре", "scope"), ("ⅿ", "rn"), ("Ꮓ", "Z"), ("a\u200db", "ab")])
def test_look_alikes_have_one_skeleton(one: str, other: str) -> None:
    """As Unicode's own table has it, version 17."""
    assert skeleton(one) == skeleton(other)


def test_scripts_mix_only_where_one_passes_for_latin() -> None:
    """A letter that is like none of Latin's shows the script."""
    assert mixed_script("pаyload") == "а"
    assert [mixed_script(t) for t in ("payload", "getДанные", "длина", "αmin", "データa", "größe")] == [
        None
    ] * 6
