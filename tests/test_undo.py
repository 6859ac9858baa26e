"""Undo gives back every byte that an application replaced, or says why it cannot."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from approvals import Files, approve, candidate, look, reader
from conftest import GitRepo
from test_apply import crash, memory

from codegate.apply import apply, undo
from codegate.core import Receipt
from codegate.errors import ConflictError, UsageError
from codegate.repo import Repository
from codegate.store import Store, StoreError

NEW = b"print('new')\r\n\xff no newline"
FILES: Files = {
    "src/app.py": (NEW, "100644"),
    "src/a/b/new.py": (b"", "100755"),
    "old.py": None,
    "run.sh": (b"#!/bin/sh\n", "100755"),
}

__all__ = ["memory"]  # a fixture


@pytest.fixture
def project(git_repo: GitRepo) -> GitRepo:
    """A committed package, one file of which nobody else may read."""
    git_repo.commit({"src/app.py": "print('old')\n", "run.sh": "#!/bin/sh\n", "old.py": "gone\n"})
    (git_repo.path / "old.py").chmod(0o600)
    (git_repo.path / "run.sh").chmod(0o640)
    return git_repo


def write(top: Path, files: Files, dirty: Files | None = None) -> Receipt:
    repository = Repository.discover(top)
    with Store(repository.state()) as store:
        return apply(approve(candidate(top, files, dirty)), repository, reader(top), store=store)


def take_back(top: Path, start: str | None = None) -> Receipt:
    repository = Repository.discover(top)
    with Store(repository.state()) as store:
        return undo(repository, store, start)


def test_everything_is_as_it_was(project: GitRepo) -> None:
    """Bytes, permissions, deleted files, and no directory more; the receipt says when."""
    before = look(project.path)
    receipt = write(project.path, FILES)
    index = (project.path / ".git/index").read_bytes()
    undone = take_back(project.path)
    assert look(project.path) == before
    assert (project.path / ".git/index").read_bytes() == index
    assert undone.id == receipt.id
    assert undone.undone_at is not None
    with Store(project.path / ".git/codegate") as store:
        assert store.receipts() == [undone]


def test_uncommitted_text_comes_back(project: GitRepo) -> None:
    """What git never saw is in the store, byte for byte."""
    mine = b"\xef\xbb\xbfmine, never committed\r\n" + bytes(range(256))
    project.write("src/app.py", mine)
    write(project.path, FILES, dirty={"src/app.py": (mine, "100644")})
    take_back(project.path)
    assert (project.path / "src/app.py").read_bytes() == mine


def test_one_after_the_other_from_the_last(project: GitRepo) -> None:
    """Without an id the last one goes, then the one before it, then there is nothing more."""
    start = look(project.path)
    first = write(project.path, {"src/app.py": (b"1\n", "100644")})
    between = look(project.path)
    second = write(project.path, {"src/app.py": (b"2\n", "100644")}, dirty={"src/app.py": (b"1\n", "100644")})
    assert take_back(project.path).id == second.id
    assert look(project.path) == between
    assert take_back(project.path).id == first.id
    assert look(project.path) == start
    with pytest.raises(UsageError, match="nothing to undo"):
        take_back(project.path)


def test_by_the_beginning_of_an_id(project: GitRepo) -> None:
    """Any one can be taken back whose files nothing has touched since; twice it cannot."""
    first = write(project.path, {"src/app.py": (NEW, "100644")})
    write(project.path, {"run.sh": (NEW, "100644")})
    assert take_back(project.path, first.id[:-2]).id == first.id
    assert (project.path / "src/app.py").read_bytes() == b"print('old')\n"
    assert (project.path / "run.sh").read_bytes() == NEW
    with pytest.raises(UsageError, match="undone already"):
        take_back(project.path, first.id)
    for start in ("", "nothing", "2%"):
        with pytest.raises(UsageError, match="nothing applied has the id"):
            take_back(project.path, start)
    with pytest.raises(UsageError, match="give more letters"):
        take_back(project.path, "2")


def test_what_has_changed_since_is_named_and_nothing_written(project: GitRepo) -> None:
    """An edit, a deletion, a mode, a file where one was deleted: all named at once."""
    write(project.path, FILES)
    project.write("src/app.py", NEW + b"more")
    project.write("old.py", "again\n")
    (project.path / "run.sh").chmod(0o644)
    (project.path / "src/a/b/new.py").unlink()
    before = look(project.path)
    with pytest.raises(ConflictError) as caught:
        take_back(project.path)
    for told in (
        "src/app.py was changed", "old.py exists already", "run.sh has mode 100644 instead of 100755",
        "src/a/b/new.py is no longer there",
    ):  # fmt: skip
        assert told in caught.value.message
    assert look(project.path) == before
    with Store(project.path / ".git/codegate") as store:
        assert store.receipts()[0].undone_at is None


def test_a_directory_in_which_something_else_is_stays(project: GitRepo) -> None:
    """Undo removes what the application made, and nothing that came after."""
    write(project.path, FILES)
    project.write("src/a/mine.py", "mine\n")
    take_back(project.path)
    assert sorted(look(project.path)) == ["old.py", "run.sh", "src", "src/a", "src/a/mine.py", "src/app.py"]


def test_a_new_commit_does_not_stand_in_the_way(project: GitRepo) -> None:
    """Undo asks for the bytes, not for the commit: what was applied was likely committed."""
    before = look(project.path)
    write(project.path, FILES)
    project.commit(message="with the applied change")
    take_back(project.path)
    assert look(project.path) == before


def test_each_work_tree_has_its_own(project: GitRepo, tmp_path: Path) -> None:
    """The last one of this work tree is taken back; one of another is refused, unless that is gone."""
    linked = tmp_path / "linked"
    project.git("worktree", "add", "-q", str(linked))
    here = write(project.path, {"src/app.py": (NEW, "100644")})
    there = write(linked, {"src/app.py": (NEW, "100644")})
    with pytest.raises(UsageError, match="another work tree") as caught:
        take_back(project.path, there.id)
    assert str(linked) in caught.value.message
    assert take_back(project.path).id == here.id
    with pytest.raises(UsageError, match="nothing to undo"):
        take_back(project.path)
    assert (linked / "src/app.py").read_bytes() == NEW
    assert take_back(linked).id == there.id


def edit(top: Path, statement: str, *values: object) -> None:
    """Change the store behind codegate's back."""
    with sqlite3.connect(top / ".git/codegate/state.sqlite") as database:
        database.execute(statement, values)
    database.close()


def test_contents_that_were_tampered_with_are_refused(project: GitRepo) -> None:
    """Bytes that are not those of the receipt are never written, even with a digest that fits them."""
    write(project.path, {"src/app.py": (NEW, "100644")})
    before = look(project.path)
    with sqlite3.connect(project.path / ".git/codegate/state.sqlite") as database:
        (body,) = database.execute("SELECT body FROM undo").fetchone()
    database.close()
    evil = body.replace("cHJpbnQoJ29sZCcpCg==", "ZXZpbCgpCg==")
    assert evil != body
    edit(project.path, "UPDATE undo SET body = ?", evil)
    with pytest.raises(StoreError, match="is not what codegate wrote"):
        take_back(project.path)
    from codegate.store.database import sha256_of

    edit(project.path, "UPDATE undo SET sha256 = ?", sha256_of(evil))
    with pytest.raises(StoreError, match="are not those of its receipt"):
        take_back(project.path)
    for path in ("../x.py", ".git/config", "src/other.py"):
        forged = body.replace('"path":"src/app.py"', f'"path":"{path}"')
        edit(project.path, "UPDATE undo SET body = ?, sha256 = ?", forged, sha256_of(forged))
        with pytest.raises(StoreError, match="are not those of its receipt"):
            take_back(project.path)
    assert look(project.path) == before


def test_contents_that_are_no_longer_kept(project: GitRepo) -> None:
    """The receipt outlives them; the error says what else can be done."""
    write(project.path, {"src/app.py": (NEW, "100644")})
    edit(project.path, "DELETE FROM undo")
    with pytest.raises(StoreError, match="no longer kept") as caught:
        take_back(project.path)
    assert "git" in caught.value.hint
    assert (project.path / "src/app.py").read_bytes() == NEW


def test_permissions_of_a_deleted_file_come_back_whatever_the_umask(project: GitRepo) -> None:
    """What nobody else could read is not readable for a moment."""
    write(project.path, {"old.py": None})
    before = os.umask(0)
    try:
        take_back(project.path)
    finally:
        os.umask(before)
    assert look(project.path)["old.py"] == ("-", b"gone\n", 0o600)


def test_killed_at_every_step_it_is_all_or_nothing(memory: Path) -> None:
    """A kill whenever the disk has changed; the next run leaves before or after, and says which."""
    crash(memory, "undo", "changes")
