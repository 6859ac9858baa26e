"""What is asked of the user's index and work tree: answered as git would, and nothing is moved."""

from __future__ import annotations

import contextlib
import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from conftest import GitRepo
from staging import DIFF, FILES, base_of, everything, head, paths, settle, tree_of

from codegate.core import Patch
from codegate.errors import PatchRefused, RepositoryError
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


# The user's index


def test_the_index_tree_is_what_would_be_committed(repo: GitRepo, stage: Stage) -> None:
    """Staged changes are in it, unstaged and untracked ones are not."""
    assert stage.index_tree() == tree_of(repo)
    repo.write("a.py", "staged\n")
    repo.git("add", "a.py")
    repo.write("a.py", "unstaged\n")
    repo.write("loose.py", "untracked\n")
    repo.write("later.py", "promised\n")
    repo.git("add", "-N", "later.py")
    tree = stage.index_tree()
    assert tree == repo.git("write-tree").strip()
    assert stage.read(tree, "a.py") == b"staged\n"
    assert stage.read(tree, "later.py") is None


def test_an_unmerged_index_is_an_error_with_a_way_out(repo: GitRepo, stage: Stage) -> None:
    """In the middle of a merge there is no tree to judge."""
    repo.git("checkout", "-q", "-b", "other")
    repo.commit({"a.py": "other\n"})
    repo.git("checkout", "-q", "main")
    repo.commit({"a.py": "main\n"})
    repo.git("merge", "other", check=False)
    with pytest.raises(RepositoryError, match=r"a\.py") as caught:
        stage.index_tree()
    assert "merge" in caught.value.hint


def test_a_commit_without_a_checkout_has_an_empty_index(repo: GitRepo, tmp_path: Path) -> None:
    """`clone --no-checkout` leaves no index: everything counts as deleted there, as git itself says."""
    repo.git("clone", "-q", "--no-checkout", ".", str(tmp_path / "clone"))
    with Stage(Repository.discover(tmp_path / "clone")) as stage:
        assert stage.between(head(repo), tree_of(repo), stage.index_tree()).changes[0].is_deletion


HOOK = """\
import os, subprocess, sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from codegate.repo import Repository, Stage
with Stage(Repository.discover(Path({top!r}))) as stage:
    ours = stage.index_tree()
theirs = subprocess.check_output(["git", "write-tree"], text=True).strip()
Path({out!r}).write_text(f"{{ours}} {{theirs}} {{os.environ.get('GIT_INDEX_FILE')}}")
"""


@pytest.mark.parametrize("place", ["main", "linked"])
@pytest.mark.parametrize("how", [["-a"], ["a.py"], []])
def test_a_hook_sees_the_commit_being_made(repo: GitRepo, tmp_path: Path, place: str, how: list[str]) -> None:
    """In `git commit -a`, `git commit PATH` and plain ones the index is the one git gave the hook."""
    top = repo.path
    if place == "linked":
        top = tmp_path / "linked"
        repo.git("worktree", "add", "-q", str(top))
    (tmp_path / "hook.py").write_text(HOOK.format(top=str(top), out=str(tmp_path / "out")))
    hook = repo.write(".git/hooks/pre-commit", f"#!/bin/sh\nexec '{sys.executable}' '{tmp_path}/hook.py'\n")
    hook.chmod(0o755)
    work = GitRepo(top)
    work.write("a.py", "changed\n")
    work.write("crlf.txt", "changed too\n")
    work.write("src/b.py", "staged\n")
    work.git("add", "src/b.py")
    work.git("commit", "-q", "-m", "hooked", *how, PYTHONPATH=os.pathsep.join(sys.path))
    ours, theirs, index = (tmp_path / "out").read_text().split(" ", 2)
    assert ours == theirs == tree_of(work), index


def test_an_index_of_another_repository_is_not_ours(repo: GitRepo, tmp_path: Path) -> None:
    """A hook of one repository that looks at another one sees the other one's index."""
    other = GitRepo(tmp_path / "other")
    other.path.mkdir()
    other.git("init", "-q")
    other.commit({"x": "1\n"})
    (tmp_path / "hook.py").write_text(HOOK.format(top=str(repo.path), out=str(tmp_path / "out")))
    env = os.environ | {"GIT_INDEX_FILE": str(other.path / ".git/index")}
    subprocess.run([sys.executable, tmp_path / "hook.py"], cwd=other.path, env=env, check=True)
    assert (tmp_path / "out").read_text().split()[0] == tree_of(repo)


@pytest.mark.parametrize("shape", ["index v4", "split index", "untracked cache", "sparse index"])
def test_an_index_of_every_shape_is_read(repo: GitRepo, shape: str) -> None:
    """Version 4, split in two, with an untracked cache, or sparse: its tree is the same."""
    if shape == "index v4":
        repo.git("update-index", "--index-version", "4")
    elif shape == "split index":
        repo.git("update-index", "--split-index")
        repo.write("a.py", "after the split\n")
        repo.git("add", "a.py")
    elif shape == "untracked cache":
        repo.git("update-index", "--force-untracked-cache")
    else:
        repo.git("sparse-checkout", "init", "--cone", "--sparse-index")
    before = everything(repo.path)
    with Stage(Repository.discover(repo.path)) as stage:
        tree = stage.index_tree()
        assert (stage.worktree_tree(), stage.drift(tree)) == (tree, {})
    assert everything(repo.path) == before
    assert tree == repo.git("write-tree").strip()


def test_sha256_repositories_are_staged(tmp_path: Path) -> None:
    """Longer ids make no difference."""
    repo = GitRepo(tmp_path / "project")
    repo.path.mkdir()
    repo.git("init", "-q", "--object-format=sha256")
    repo.commit(FILES)
    repo.write("crlf.txt", b"dirty\r\n")
    with Stage(Repository.discover(repo.path)) as stage:
        base = stage.snapshot(head(repo), ["crlf.txt"])
        candidate = stage.stage(base, Patch(diff=DIFF))
        assert len(candidate.tree) == 64
        assert stage.read(candidate.tree, "crlf.txt") == b"dirty\r\n"
        assert stage.drift(candidate.tree).keys() == {"a.py"}
        assert (
            stage.stage(base, Patch(files={"a.py": stage.read(candidate.tree, "a.py") or b""})) == candidate
        )
        assert stage.worktree_tree() == base.tree


# The user's work tree


def test_the_worktree_tree_is_what_git_add_all_would_commit(repo: GitRepo, stage: Stage) -> None:
    """Edited, new, deleted, executable, linked, replaced, ignored: the same tree as git's own."""
    repo.write(".gitignore", "*.log\n")
    repo.write(".git/info/exclude", "private\n")
    repo.write("noise.log", "ignored\n")
    repo.write("private", "ignored too\n")
    repo.write("a.py", "edited\n")
    repo.write("new dir/new\nfile.py", "new\n")
    (repo.path / "blob.bin").chmod(0o755)
    (repo.path / "link").symlink_to("a.py")
    (repo.path / "src/b.py").unlink()
    (repo.path / "src").rmdir()
    repo.write("src", "a file now\n")
    (repo.path / "crlf.txt").unlink()
    repo.write("crlf.txt/inner", "a directory now\n")
    os.mkfifo(repo.path / "pipe")
    tree = stage.worktree_tree()
    assert stage.read(tree, "noise.log") is None
    repo.git("add", "-A")
    assert tree == repo.git("write-tree").strip()


@pytest.mark.parametrize("where", ["repository", "user"])
def test_line_endings_are_translated_as_git_does(repo: GitRepo, home: Path, where: str) -> None:
    """`core.autocrlf` and `text` attributes hold, wherever they are configured."""
    config = repo.path / ".git/config" if where == "repository" else home / ".gitconfig"
    with config.open("a") as stream:
        stream.write("[core]\nautocrlf = true\n")
    repo.write("a.py", b"one\r\ntwo\r\n")
    repo.write("new.py", b"one\r\n")
    repo.write(".gitattributes", "*.raw -text\n")
    repo.write("x.raw", b"one\r\n")
    with Stage(Repository.discover(repo.path)) as stage:
        tree = stage.worktree_tree()
        assert stage.read(tree, "a.py") == b"one\ntwo\n"
        assert stage.read(tree, "x.raw") == b"one\r\n"
    repo.git("add", "-A")
    assert tree == repo.git("write-tree").strip()


def test_a_users_own_filter_runs_and_a_repositorys_does_not(repo: GitRepo, home: Path) -> None:
    """Git LFS, say, is configured by the user; what a repository plants counts as no filter at all."""
    monitor = home / "monitor"
    monitor.write_text(f"#!/bin/sh\ntouch '{home}/ran'\n")
    monitor.chmod(0o755)
    (home / ".gitconfig").write_text(f'[filter "mine"]\nclean = tr a-z A-Z\n[core]\nfsmonitor = {monitor}\n')
    repo.git("config", "filter.theirs.clean", "tr a-z z")
    repo.write(".gitattributes", "*.m filter=mine\n*.t filter=theirs\n")
    repo.write("x.m", "mine\n")
    repo.write("x.t", "theirs\n")
    with Stage(Repository.discover(repo.path)) as stage:
        tree = stage.worktree_tree()
        assert stage.read(tree, "x.m") == b"MINE\n"
        assert stage.read(tree, "x.t") == b"theirs\n"
    assert not (home / "ran").exists()


def test_submodules_and_embedded_repositories_are_links_to_commits(
    repo: GitRepo, stage: Stage, tmp_path: Path
) -> None:
    """As with `git add -A`: a submodule's new commit, an embedded repository's head; nothing there is run."""
    inner = GitRepo(repo.path / "embedded")
    inner.path.mkdir()
    inner.git("init", "-q")
    inner.commit({"x": "1\n"})
    repo.git("add", "embedded")
    repo.git("commit", "-qm", "embedded")
    inner.commit({"x": "2\n"})
    inner.write("x", "3\n")
    other = GitRepo(repo.path / "another")
    other.path.mkdir()
    other.git("init", "-q")
    other.commit({"y": "1\n"})
    program = tmp_path / "program"
    program.write_text(f"#!/bin/sh\ntouch '{tmp_path}/ran'\n")
    program.chmod(0o755)
    inner.git("config", "core.fsmonitor", str(program))
    inner.git("config", "filter.evil.clean", str(program))
    inner.write(".git/info/attributes", "* filter=evil\n")
    tree = stage.worktree_tree()
    stage.drift(tree_of(repo))
    stage.fingerprint()
    assert not (tmp_path / "ran").exists()
    candidate = stage.between(head(repo), tree_of(repo), tree)
    assert {c.path: (c.new_mode, c.new_blob) for c in candidate.changes} == {
        "embedded": ("160000", head(inner)), "another": ("160000", head(other))
    }  # fmt: skip


def test_an_embedded_repository_without_a_commit_is_an_error(repo: GitRepo, stage: Stage) -> None:
    """git itself cannot add it either; the message names it."""
    (repo.path / "embedded").mkdir()
    GitRepo(repo.path / "embedded").git("init", "-q")
    with pytest.raises(RepositoryError, match="embedded") as caught:
        stage.worktree_tree()
    assert caught.value.hint


def test_a_huge_new_file_is_named_and_not_copied(repo: GitRepo, stage: Stage) -> None:
    """A file over 64 MB that is not ignored does not fill the temporary directory."""
    with (repo.path / "core.dump").open("wb") as stream:
        stream.truncate((64 << 20) + 1)
    with pytest.raises(RepositoryError, match=r"core\.dump") as caught:
        stage.worktree_tree()
    assert ".gitignore" in caught.value.hint


def test_a_temporary_directory_in_the_checkout_is_no_part_of_it(
    repo: GitRepo, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With TMPDIR in the work tree, what is staged does not stage itself."""
    (repo.path / "tmp").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(repo.path / "tmp"))
    with Stage(Repository.discover(repo.path)) as stage:
        assert stage.worktree_tree() == tree_of(repo)


def test_a_sparse_checkout_lacks_nothing(repo: GitRepo) -> None:
    """Files that a sparse checkout leaves out count neither as deleted nor as drifted."""
    repo.git("sparse-checkout", "set", "--no-cone", "/a.py")
    assert not (repo.path / "src/b.py").exists()
    with Stage(Repository.discover(repo.path)) as stage:
        assert stage.worktree_tree() == stage.index_tree() == tree_of(repo)
        assert stage.drift(tree_of(repo)) == {}
        candidate = stage.stage(base_of(repo), Patch(files={"src/b.py": b"x\n"}))
        assert stage.drift(candidate.tree).keys() == {"src/b.py"}


# Drift and fingerprint


def test_drift_is_what_must_be_laid_over_the_checkout(repo: GitRepo, stage: Stage) -> None:
    """Whatever is staged or edited, the drift turns the tracked part of the checkout into the tree."""
    repo.write("a.py", "edited\n")
    repo.write("staged.py", "only staged\n")
    repo.git("add", "staged.py")
    repo.write("loose.py", "untracked\n")
    repo.write("crlf.txt", b"edited")
    base = stage.snapshot(head(repo), ["a.py"])
    candidate = stage.stage(base, Patch(files={"src/b.py": b"new\n", "brand/new.py": b"x\n"}))
    drift = stage.drift(candidate.tree)
    assert drift.keys() == {"staged.py", "crlf.txt", "src/b.py", "brand/new.py"}
    assert drift["staged.py"] is None
    assert lay(repo, stage, candidate.tree) == candidate.tree


def lay(repo: GitRepo, stage: Stage, tree: str) -> str:
    """Lay the drift over the checkout, and return the tree that it has then, untracked files aside."""
    for path, entry in stage.drift(tree).items():
        place = repo.path / path
        place.unlink(missing_ok=True)
        if entry is not None:
            place.parent.mkdir(parents=True, exist_ok=True)
            place.write_bytes(stage.read(tree, path) or b"")
            place.chmod(0o755 if entry.mode == "100755" else 0o644)
    (repo.path / "loose.py").unlink(missing_ok=True)
    with Stage(Repository.discover(repo.path)) as after:
        return after.worktree_tree()


def test_drift_leaves_submodules_alone(repo: GitRepo, stage: Stage) -> None:
    """No file can be laid over a submodule, in the tree or not, at that commit or another.

    Nor does git look for changes in it, where its own configuration names programs.
    """
    without = tree_of(repo)
    inner = GitRepo(repo.path / "sub")
    inner.path.mkdir()
    inner.git("init", "-q")
    inner.commit({"x": "1\n"})
    repo.git("add", "sub")
    repo.git("commit", "-qm", "sub")
    assert stage.drift(without) == stage.drift(tree_of(repo)) == {}
    inner.write(".git/info/attributes", "* filter=evil\n")
    inner.git("config", "filter.evil.clean", f"touch '{repo.path}/.git/ran'; cat")
    inner.write("x", "3\n")
    assert stage.drift(tree_of(repo)) == {}
    assert not (repo.path / ".git/ran").exists()
    inner.git("config", "--unset", "filter.evil.clean")
    inner.commit({"x": "2\n"})
    assert stage.drift(tree_of(repo)) == {}


def test_many_may_ask_at_once(repo: GitRepo, stage: Stage) -> None:
    """Gates run side by side: each gets the answer that it would get alone."""
    repo.write("a.py", "edited\n")
    tree, drift, print_ = stage.index_tree(), stage.drift(tree_of(repo)), stage.fingerprint()
    with ThreadPoolExecutor(8) as pool:
        asked = [
            (pool.submit(stage.index_tree), pool.submit(stage.drift, tree), pool.submit(stage.fingerprint),
             pool.submit(stage.stage, base_of(repo), Patch(diff=DIFF)))
            for _ in range(8)
        ]  # fmt: skip
        for index, drifted, printed, candidate in asked:
            assert (index.result(), drifted.result(), printed.result()) == (tree, drift, print_)
            assert paths(candidate.result()) == ["a.py"]


def test_before_the_first_commit_there_is_a_fingerprint(git_repo: GitRepo) -> None:
    """A first commit can be checked too."""
    git_repo.write("a.py", "1\n")
    git_repo.git("add", "a.py")
    with Stage(Repository.discover(git_repo.path)) as stage:
        before = stage.fingerprint()
        git_repo.write("a.py", "2\n")
        assert stage.fingerprint() != before


def test_a_clean_checkout_has_not_drifted(repo: GitRepo, stage: Stage) -> None:
    """Not by untracked files, not by a touch that changes no byte, not by staging what is there."""
    repo.write("loose.py", "untracked\n")
    repo.write("a.py", FILES["a.py"])
    before = stage.fingerprint()
    assert stage.drift(tree_of(repo)) == {}
    repo.write("crlf.txt", "new\n")
    edited = stage.fingerprint()
    assert edited != before
    repo.git("add", "-A")
    repo.git("reset", "-q", "loose.py")
    assert stage.fingerprint() == edited


def test_an_edit_in_the_same_instant_is_seen(git_repo: GitRepo) -> None:
    """A file of the same size and time as at `git add` is not trusted if the index is as young."""
    git_repo.commit({"a.py": "old\n"})
    for number in range(5):
        git_repo.write("a.py", f"{number:03}\n")
        git_repo.git("add", "a.py")
        found = (git_repo.path / "a.py").stat()
        git_repo.write("a.py", "new\n")
        os.utime(git_repo.path / "a.py", ns=(found.st_atime_ns, found.st_mtime_ns))
        os.utime(git_repo.path / ".git/index", ns=(found.st_atime_ns, found.st_mtime_ns))
        with Stage(Repository.discover(git_repo.path)) as stage:
            tree = stage.index_tree()
            assert stage.read(tree, "a.py") == f"{number:03}\n".encode()
            assert stage.drift(tree).keys() == {"a.py"}


EDITS = ["edit", "delete", "chmod", "link", "replace by a directory", "stage a new file"]


@pytest.mark.parametrize("edit", EDITS)
def test_every_edit_of_a_tracked_file_changes_the_fingerprint(repo: GitRepo, stage: Stage, edit: str) -> None:
    """Same as before without an edit, another one after it, and the first one again when it is taken back."""
    before = stage.fingerprint()
    assert stage.fingerprint() == before
    path = repo.path / "a.py"
    if edit == "edit":
        repo.write("a.py", "one\ntwo\nthree\nfour\nfivE\n")
    elif edit == "chmod":
        path.chmod(0o755)
    elif edit == "stage a new file":
        repo.write("z.py", "new\n")
        repo.git("add", "z.py")
    else:
        path.unlink()
        if edit == "link":
            path.symlink_to("crlf.txt")
        elif edit == "replace by a directory":
            repo.write("a.py/inner", "x\n")
    assert stage.fingerprint() != before
    repo.git("stash", "-q")
    repo.git("clean", "-fdq")
    assert stage.fingerprint() == before


def test_a_commit_during_a_run_changes_no_fingerprint(repo: GitRepo, stage: Stage) -> None:
    """Committing what was there edits no file."""
    repo.write("a.py", "edited\n")
    before = stage.fingerprint()
    repo.commit()
    assert stage.fingerprint() == before


# Nothing of the user's moves


def test_the_users_files_are_byte_identical_after_everything(repo: GitRepo) -> None:
    """Neither `.git` nor the index nor the dirty files differ in a byte, mode or time, whatever is done."""
    repo.git("config", "core.untrackedCache", "true")
    repo.git("config", "core.splitIndex", "true")
    repo.git("config", "gc.auto", "1")
    repo.write("staged.py", "staged\n")
    repo.git("add", "staged.py")
    repo.write("a.py", "one\ntwo\nthree\nfour\nfive\nsix\n")
    repo.write("loose.py", "untracked\n")
    os.utime(repo.path / "crlf.txt", (5, 5))
    before = everything(repo.path)
    with Stage(Repository.discover(repo.path)) as stage:
        base = stage.snapshot(head(repo), ["a.py", "loose.py"])
        candidate = stage.stage(base, Patch(diff=DIFF))
        stage.stage(base, Patch(files={"x/y.py": b"x\n"}))
        for bad in (b"nonsense", DIFF.replace(b"two", b"zwei")):
            with pytest.raises(PatchRefused):
                stage.stage(base, Patch(diff=bad))
        stage.between(base.commit, base.tree, stage.index_tree())
        stage.between(base.commit, base.tree, stage.worktree_tree())
        stage.drift(candidate.tree)
        stage.fingerprint()
        stage.blobs([c.new_blob for c in candidate.changes if c.new_blob])
    assert everything(repo.path) == before


def test_a_stage_is_private_and_leaves_nothing(
    repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its folder is for this user alone, and gone when it ends, also by an error."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with contextlib.suppress(ZeroDivisionError), Stage(Repository.discover(repo.path)) as stage:
        stage.stage(base_of(repo), Patch(diff=DIFF))
        (folder,) = tmp_path.glob("codegate-*")
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
        raise ZeroDivisionError
    assert not list(tmp_path.glob("codegate-*"))


def test_a_read_only_repository_is_enough(repo: GitRepo) -> None:
    """Nothing but reading is asked of the user's git directory."""
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    folders = [Path(folder) for folder, _, _ in os.walk(repo.path)]
    for folder in folders:
        folder.chmod(0o500)
    try:
        with Stage(Repository.discover(repo.path)) as stage:
            assert stage.stage(stage.snapshot(head(repo)), Patch(diff=DIFF)).changes
            assert stage.worktree_tree() == stage.index_tree()
    finally:
        for folder in folders:
            folder.chmod(0o700)


def test_a_repository_at_an_odd_path_is_staged(tmp_path: Path) -> None:
    """Quotes, colons, backslashes and newlines in the path of the repository do not matter."""
    repo = GitRepo(tmp_path / 'od"d:\\\n é #;')
    repo.path.mkdir()
    repo.git("init", "-q")
    repo.commit(FILES)
    with Stage(Repository.discover(repo.path)) as stage:
        assert paths(stage.stage(base_of(repo), Patch(diff=DIFF))) == ["a.py"]
        assert stage.worktree_tree() == stage.index_tree() == tree_of(repo)


def test_objects_behind_alternates_are_found(repo: GitRepo, tmp_path: Path) -> None:
    """A clone that borrows its objects, even by a relative path, is staged like any other."""
    repo.git("clone", "-q", "--shared", ".", str(tmp_path / "borrower"))
    borrower = GitRepo(tmp_path / "borrower")
    (borrower.path / ".git/objects/info/alternates").write_text("../../../project/.git/objects\n")
    with Stage(Repository.discover(borrower.path)) as stage:
        assert paths(stage.stage(base_of(borrower), Patch(diff=DIFF))) == ["a.py"]
