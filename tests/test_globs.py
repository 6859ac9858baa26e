"""Patterns mean what git means by them."""

from __future__ import annotations

import string

import pytest
from conftest import GitRepo
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegate.globs import Globs, complaint


@pytest.mark.parametrize(
    ("pattern", "path", "matches"),
    [
        ("conftest.py", "conftest.py", True),
        ("conftest.py", "a/b/conftest.py", True),
        ("conftest.py", "a/conftest.pyc", False),
        ("/conftest.py", "a/conftest.py", False),
        ("/conftest.py", "conftest.py", True),
        ("docs/", "docs/a/b.md", True),
        ("docs", "a/docs/b.md", True),
        ("src/*.py", "src/a.py", True),
        ("src/*.py", "src/a/b.py", False),
        ("src/**/*.py", "src/b.py", True),
        ("src/**/*.py", "src/a/c/b.py", True),
        ("**/x", "x", True),
        ("a/**", "a/b/c", True),
        ("a/**", "a", False),
        ("?.py", "a.py", True),
        ("?.py", "ab.py", False),
        ("[ab].py", "b.py", True),
        ("[!ab].py", "b.py", False),
        ("[!ab].py", "c.py", True),
        ("a[.py", "a[.py", True),
        ("\\*.py", "*.py", True),
        ("\\*.py", "a.py", False),
        ("a.py", "axpy", False),
        ("*", "anything/at/all", True),
        ("a\nb", "a\nb", True),
    ],
)
def test_a_pattern_covers_what_it_says(pattern: str, path: str, matches: bool) -> None:
    """Each form of pattern covers, and does not cover, these paths."""
    assert (path in Globs([pattern])) is matches


def test_the_pattern_that_covers_is_named() -> None:
    """A person is told which pattern of several it was."""
    assert Globs(["a/*", "b/*"]).matching("b/c") == "b/*"
    assert Globs(["a/*"]).matching("c") is None


def test_folded_patterns_ignore_case() -> None:
    """On a file system that ignores case the two are one file."""
    assert "PyProject.TOML" in Globs(["pyproject.toml"], fold=True)
    assert "PyProject.TOML" not in Globs(["pyproject.toml"])


@pytest.mark.parametrize("pattern", ["", "/", "!a", "../a", "a/./b", "a\\"])
def test_patterns_without_a_meaning_are_told(pattern: str) -> None:
    """What could only be a mistake is one."""
    assert complaint(pattern) is not None


_NAME = st.text(alphabet="ab.*?", min_size=1, max_size=4).filter(lambda s: s.strip(".") != "")
_PATTERN = st.lists(st.one_of(_NAME, st.just("**")), min_size=1, max_size=3).map("/".join)
_PLAIN = st.text(alphabet="ab.", min_size=1, max_size=3).filter(lambda s: s.strip(".") != "")
_PATH = st.lists(_PLAIN, min_size=1, max_size=4).map("/".join)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(pattern=_PATTERN, paths=st.lists(_PATH, min_size=5, max_size=12, unique=True))
def test_git_agrees_about_every_pattern(git_repo: GitRepo, pattern: str, paths: list[str]) -> None:
    """`git check-ignore` says of each path what Globs says, for patterns that gitignore can express."""
    git_repo.write(".gitignore", pattern + "\n")
    said = git_repo.git("check-ignore", "--no-index", *paths, check=False).splitlines()
    assert [p for p in paths if p in Globs([pattern])] == [p for p in paths if p in said]


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet=string.printable, min_size=1, max_size=8), st.text(min_size=1, max_size=12))
def test_no_pattern_that_is_accepted_can_crash(pattern: str, path: str) -> None:
    """Whatever `complaint` lets through compiles and matches."""
    if complaint(pattern) is None:
        assert isinstance(path in Globs([pattern]), bool)
