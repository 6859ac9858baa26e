"""`--format` and `--output`: a report goes where a person said, whole or not at all, never into git's own."""

from __future__ import annotations

import json
import os
import stat
import threading
from pathlib import Path

import pytest
from conftest import GitRepo
from driver import codegate

from codegate.cli.output import Format

_BAD = b"this is no diff\n"


def _check(repo: GitRepo, *options: str | Path) -> tuple[int, str, str]:
    """Refuse a patch that cannot be staged: there is no candidate, and the report says so in any form."""
    done = codegate(repo.path, "check", "-", "--gate", "scope", *map(str, options), stdin=_BAD)
    return done.returncode, done.stdout, done.stderr


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    git_repo.commit({"a.py": "x = 1\n"})
    return git_repo


@pytest.mark.parametrize("form", Format)
def test_every_form_can_be_had(repo: GitRepo, tmp_path: Path, form: Format) -> None:
    """On standard output and in a file the same: the report, and nothing else; the exit code stays."""
    file = tmp_path / "report"
    code, shown, _ = _check(repo, "--format", form)
    assert code == 1
    assert "scope/" in shown
    assert _check(repo, "--format", form, "--output", file)[:2] == (1, "")
    assert file.read_text() == shown
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_file_is_replaced_and_keeps_its_mode(repo: GitRepo, tmp_path: Path) -> None:
    """A new one gets the mode that any new file gets; a link stays a link to what was replaced."""
    new, old, link = tmp_path / "new", tmp_path / "old", tmp_path / "link"
    old.write_text("before\n")
    old.chmod(0o640)
    link.symlink_to(old)
    again = tmp_path / "again"
    again.touch()
    for file in (new, link):
        assert _check(repo, "--format", "json", "--output", file)[0] == 1
        assert json.loads(file.read_text())["verdict"] == "refused"
    assert link.is_symlink()
    assert stat.S_IMODE(old.stat().st_mode) == 0o640
    assert stat.S_IMODE(new.stat().st_mode) == stat.S_IMODE(again.stat().st_mode)


def test_whoever_has_the_old_file_open_reads_it_to_its_end(repo: GitRepo, tmp_path: Path) -> None:
    """A reader sees the old text or the new one, never a mixture."""
    file = tmp_path / "report"
    file.write_text("the old text\n")
    with file.open() as reader:
        _check(repo, "--output", file)
        assert reader.read() == "the old text\n"


def test_a_pipe_and_a_device_are_written_to(repo: GitRepo, tmp_path: Path) -> None:
    """They are not replaced by a file."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read: list[str] = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    assert _check(repo, "--output", pipe)[0] == 1
    reader.join(timeout=30)
    assert read[0].startswith("refused")
    assert stat.S_ISFIFO(pipe.stat().st_mode)
    assert _check(repo, "--output", "/dev/stdout")[1] == read[0]
    assert _check(repo, "--output", "/dev/null")[:2] == (1, "")
    assert stat.S_ISCHR(os.stat("/dev/null").st_mode)


@pytest.mark.parametrize(
    ("file", "why"),
    [
        ("missing/report", "there is no directory"),
        (".", "it is a directory"),
        (".git/report", "git's own"),
        (".git/hooks/pre-commit", "git's own"),
        ("sub/.git", "git's own"),
        (".GIT/config", "there is no directory"),
        ("link/config", "git's own"),
        ("file-link", "git's own"),
        ("bare/config", "git's own"),
        ("sub/../.git/config", "git's own"),
    ],
)
def test_what_cannot_be_written_is_said_before_anything_is_judged(repo: GitRepo, file: str, why: str) -> None:
    """Wrong usage, and every file is what it was: git's directory by any name, a bare one too."""
    repo.git("init", "-q", "--bare", "bare")
    (repo.path / "sub").mkdir()
    (repo.path / "link").symlink_to(".git")
    (repo.path / "file-link").symlink_to(".git/config")
    before = {path: path.read_bytes() for path in repo.path.rglob("*") if path.is_file()}
    code, out, err = _check(repo, "--output", file)
    assert (code, out) == (2, "")
    assert why in err
    assert {path: path.read_bytes() for path in repo.path.rglob("*") if path.is_file()} == before


def test_a_directory_that_takes_no_file_is_wrong_usage(repo: GitRepo) -> None:
    """Also for root, who may write anywhere else."""
    code, out, err = _check(repo, "--output", "/proc/report")
    assert (code, out) == (2, "")
    assert err.startswith("codegate: cannot write /proc/report: ")


def test_a_form_that_there_is_not_is_wrong_usage(repo: GitRepo) -> None:
    """With what there is; of a diff to check as of what is pending."""
    for command in (("check", "--staged"), ("show", "any")):
        done = codegate(repo.path, *command, "--format", "yaml")
        assert (done.returncode, done.stdout) == (2, "")
        assert all(form in done.stderr for form in Format)
