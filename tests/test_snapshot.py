"""The base: a commit with the user's uncommitted text, read raw."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import GitRepo
from staging import DIFF, FILES, base_of, head, paths, refusal, settle, tree_of

from codegate.core import Patch
from codegate.errors import RepositoryError, UsageError
from codegate.repo import Repository, Stage


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    """A repository with one commit of `FILES`, whose stat cache is not in doubt."""
    git_repo.commit(FILES)
    settle(git_repo)
    return git_repo


@pytest.fixture
def stage(repo: GitRepo) -> Iterator[Stage]:
    with Stage(Repository.discover(repo.path)) as stage:
        yield stage


def test_a_clean_checkout_gives_the_commits_own_tree(repo: GitRepo, stage: Stage) -> None:
    """Without uncommitted text there is no other base than the commit."""
    base = stage.snapshot(head(repo), ["a.py", "src/b.py", "none.py", "new/none.py"])
    assert base == base_of(repo)
    assert stage.snapshot(head(repo)) == base


def test_a_base_has_the_uncommitted_text_of_just_these_files(repo: GitRepo, stage: Stage) -> None:
    """Edited, new, deleted and executable files are as in the checkout; others are as committed."""
    repo.write("a.py", b"edited\r\nby hand")
    repo.write("crlf.txt", "not asked about\n")
    repo.write("fresh/new.py", "untracked\n")
    (repo.path / "src/b.py").unlink()
    (repo.path / "blob.bin").chmod(0o755)
    base = stage.snapshot(head(repo), ["a.py", "fresh/new.py", "src/b.py", "blob.bin"])
    candidate = stage.between(base.commit, tree_of(repo), base.tree)
    assert stage.read(base.tree, "a.py") == b"edited\r\nby hand"
    assert stage.read(base.tree, "fresh/new.py") == b"untracked\n"
    assert stage.read(base.tree, "src/b.py") is None
    assert stage.read(base.tree, "crlf.txt") == b"one\r\ntwo\r\n"
    assert {c.path: c.new_mode for c in candidate.changes} == {
        "a.py": "100644", "blob.bin": "100755", "fresh/new.py": "100644", "src/b.py": "000000"
    }  # fmt: skip


def test_a_patch_fits_the_uncommitted_text(repo: GitRepo, stage: Stage) -> None:
    """A diff against what the user sees applies to the snapshot, and not to the commit."""
    repo.write("a.py", "one\ntwo\nthree!\nfour\nfive\n")
    base = stage.snapshot(head(repo), ["a.py"])
    diff = DIFF.replace(b"-three", b"-three!")
    assert paths(stage.stage(base, Patch(diff=diff))) == ["a.py"]
    assert refusal(stage, repo, Patch(diff=diff)).rule == "scope/unapplied"


def test_no_filter_runs_in_snapshot_and_stage(repo: GitRepo, stage: Stage, tmp_path: Path) -> None:
    """Clean, smudge and process filters, line-ending rules and ident of a hostile repository do nothing."""
    trace, program = tmp_path / "ran", tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{trace}'\ncat\n")
    program.chmod(0o755)
    for key in (
        "filter.evil.clean",
        "filter.evil.smudge",
        "filter.evil.process",
        "core.fsmonitor",
        "diff.evil.textconv",
    ):
        repo.git("config", key, str(program))
    repo.write(".gitattributes", "* filter=evil diff=evil text eol=crlf ident\n")
    repo.write(".git/info/attributes", "* filter=evil\n")
    repo.write("a.py", b"$Id$\r\nx\n")
    with Stage(Repository.discover(repo.path)) as fresh:
        base = fresh.snapshot(head(repo), ["a.py", ".gitattributes"])
        assert fresh.read(base.tree, "a.py") == b"$Id$\r\nx\n"
        candidate = fresh.stage(base, Patch(files={"a.py": b"$Id$\r\ny\n"}))
        fresh.stage(base, Patch(diff=candidate.diff))
        fresh.index_tree()
        fresh.worktree_tree()
        fresh.drift(candidate.tree)
        fresh.fingerprint()
    assert not trace.exists()


@pytest.mark.parametrize(
    "what",
    [
        "symlink",
        "directory",
        "tracked directory",
        "fifo",
        "submodule",
        "in a submodule",
        "behind a link",
        "..",
    ],
)
def test_what_is_no_file_is_no_part_of_a_base(repo: GitRepo, stage: Stage, what: str) -> None:
    """Links, directories, pipes and submodules are refused by name, without opening or waiting for them."""
    path = {
        "tracked directory": "src",
        "in a submodule": "x/y",
        "behind a link": "x/b.py",
        "..": "../project/a.py",
    }.get(what, "x")
    if what == "symlink":
        (repo.path / "x").symlink_to("/etc/passwd")
    elif what == "directory":
        (repo.path / "x").mkdir()
    elif what == "fifo":
        os.mkfifo(repo.path / "x")
    elif what == "behind a link":
        (repo.path / "x").symlink_to("src")
    elif what in ("submodule", "in a submodule"):
        repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},x")
        repo.git("commit", "-qm", "sub")
    with pytest.raises(UsageError) as caught:
        stage.snapshot(head(repo), [path])
    assert caught.value.hint


def test_a_tracked_link_is_refused_as_well(repo: GitRepo, stage: Stage) -> None:
    """Also where the commit has the same link."""
    (repo.path / "x").symlink_to("a.py")
    repo.commit()
    with pytest.raises(UsageError, match="symlink"):
        stage.snapshot(head(repo), ["x"])


def test_a_file_over_the_bound_is_refused(repo: GitRepo, stage: Stage) -> None:
    """A file over 64 MB is named, not read."""
    with (repo.path / "a.py").open("wb") as stream:
        stream.truncate((64 << 20) + 1)
    with pytest.raises(UsageError, match="64 MB"):
        stage.snapshot(head(repo), ["a.py"])


def test_a_file_that_may_not_be_read_is_an_error(repo: GitRepo, stage: Stage) -> None:
    """An unreadable file is not taken for a deleted one."""
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (repo.path / "a.py").chmod(0)
    with pytest.raises(RepositoryError, match=r"a\.py"):
        stage.snapshot(head(repo), ["a.py"])


@pytest.mark.parametrize("word", ["false", "No", "off", "0"])
def test_modes_are_the_bases_where_the_file_system_has_none(repo: GitRepo, word: str) -> None:
    """With `core.fileMode = false` the exec bit of the checkout says nothing."""
    repo.git("config", "core.fileMode", word)
    (repo.path / "a.py").chmod(0o755)
    with Stage(Repository.discover(repo.path)) as stage:
        assert stage.snapshot(head(repo), ["a.py"]) == base_of(repo)
        assert stage.drift(tree_of(repo)) == {}


def test_a_commit_that_is_not_there_is_an_error(repo: GitRepo, stage: Stage) -> None:
    """A base that cannot be read is not taken for an empty one."""
    with pytest.raises(RepositoryError, match="lacks"):
        stage.snapshot("1" * 40)
