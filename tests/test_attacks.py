"""What was tried against the command line and must not work again."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import GitRepo
from driver import CODEGATE, codegate
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.text import Text
from test_suggest import ACCOUNT, BY_UNITTEST, REPR, TESTS

from codegate.cli.drawing import _GUTTER, _broken, draw_diff

QUICK = ("--gate", "scope", "--gate", "syntax", "--gate", "lint")
NEW = "--- /dev/null\n+++ b/{}\n@@ -0,0 +1 @@\n+x = 1\n"


@given(st.text(alphabet="ab 世é+-", max_size=200), st.integers(20, 60))
@settings(deadline=None)
def test_a_long_row_goes_on_behind_a_gutter_and_loses_nothing(line: str, width: int) -> None:
    """No row is wider than the screen, none but the first starts at its margin, and no space is swallowed."""
    first, *rest = [part.plain for part in _broken(Text(line), width)]
    assert all(cell_len(row) <= width for row in (first, *rest))
    assert all(row.startswith(_GUTTER) for row in rest)
    assert first + "".join(row.removeprefix(_GUTTER) for row in rest) == line


def test_a_tab_is_not_taken_for_spaces() -> None:
    """Two diffs that differ in a tab look different."""
    (tab,), (spaces,) = ([*draw_diff(b"+" + text)] for text in (b"\tx", b"   x"))
    assert tab.plain != spaces.plain


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    git_repo.commit({"bank.py": ACCOUNT})
    return git_repo


@pytest.mark.parametrize(
    "path", ["../x.py", "/etc/passwd", ".git/hooks/x", "link/x.py", "link", "pipe", "bank.py/x"]
)
def test_a_diff_for_an_odd_path_is_refused_with_a_report(repo: GitRepo, path: str) -> None:
    """Whatever a diff names, the answer is a report with a finding of `scope`, and exit code 1."""
    (repo.path / "link").symlink_to("/tmp")
    os.mkfifo(repo.path / "pipe")
    done = codegate(repo.path, "check", "-", *QUICK, "--format", "json", stdin=NEW.format(path).encode())
    assert done.returncode == 1, done.stderr
    assert '"rule": "scope/' in done.stdout


@pytest.mark.parametrize(
    ("args", "status"),
    [
        (["show", b"\xff"], 2),
        (["undo", b"\xff"], 2),
        (["suggest", "x", "a" * 5000 + ".py", "--model", "scripted:x"], 2),
        (["-C", "\x1b]0;owned\x07", "pending"], 2),
    ],
)
def test_odd_words_are_wrong_usage(repo: GitRepo, args: list[str | bytes], status: int) -> None:
    """No argument is a bug of ours, and none reaches the terminal raw."""
    done = subprocess.run([CODEGATE, *args], cwd=repo.path, capture_output=True, check=False)
    assert done.returncode == status, done.stderr
    assert b"\x1b" not in done.stderr


def test_a_folder_that_is_gone(tmp_path: Path) -> None:
    """Started where nothing is any more: could not do the work."""
    script = 'mkdir gone && cd gone && rmdir ../gone && exec "$0" pending'
    done = subprocess.run(["sh", "-c", script, CODEGATE], cwd=tmp_path, capture_output=True, check=False)
    assert done.returncode == 3, done.stderr


@pytest.mark.parametrize(
    ("shell", "status"),
    [
        ('"$0" check --staged --gate scope >/dev/full', 3),
        ('"$0" check --staged --gate scope >&-', 0),
        ('"$0" check --staged --gate scope <&- 2>&-', 0),
        ('"$0" check - --gate scope <&-', 1),
        ('{ "$0" check --staged --gate scope; echo $? >&3; } 3>status | true; exit $(cat status)', 0),
    ],
)
def test_streams_that_are_full_or_closed(repo: GitRepo, shell: str, status: int) -> None:
    """A reader that leaves does not turn a yes into a no; a disk that is full is said."""
    done = subprocess.run(["bash", "-c", shell, CODEGATE], cwd=repo.path, capture_output=True, check=False)
    assert done.returncode == status, done.stderr
    assert b"bug" not in done.stderr


def test_a_message_cannot_write_a_line_of_ours(repo: GitRepo) -> None:
    """A name with a newline does not print a second line that looks like codegate's."""
    done = codegate(repo.path, "suggest", "x", "a\ncodegate: applied.py::f", "--model", "scripted:x")
    assert done.returncode == 2
    assert [line for line in done.stderr.splitlines() if line.startswith("codegate: ")][1:] == []


def test_check_works_where_nothing_can_be_remembered(repo: GitRepo) -> None:
    """The memory of baselines is for speed only: without a place for it the verdict is the same."""
    repo.commit({"test_bank.py": TESTS, "codegate.toml": BY_UNITTEST})
    (repo.path / ".git" / "codegate").write_text("not ours")
    repo.write("bank.py", ACCOUNT + REPR)
    done = codegate(repo.path, "check", "--worktree", "--gate", "scope", "--gate", "syntax")
    assert done.returncode == 0, done.stdout + done.stderr
    done = codegate(repo.path, "check", "--worktree", "--gate", "tests")
    assert "there is no place" not in done.stderr
    assert "tests" in done.stdout


def test_the_first_worktree_can_be_checked_before_any_commit(git_repo: GitRepo) -> None:
    """As with --staged, the base is then empty."""
    git_repo.write("a.py", "x = 1\n")
    assert codegate(git_repo.path, "check", "--worktree", *QUICK).returncode == 0
