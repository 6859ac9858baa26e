"""What gates read of a candidate comes from git's objects, and the overlays give the checkout its looks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from conftest import GitRepo

from codegate.apart import Apart
from codegate.core import Patch
from codegate.repo import Repository, Stage
from codegate.sandbox import Limits, Overlay, open_sandbox
from codegate.workspace import Workspace


@contextmanager
def opened(
    repo: GitRepo, files: dict[str, bytes] | None = None, diff: bytes | None = None
) -> Iterator[Workspace]:
    repository = Repository.discover(repo.path)
    with Stage(repository) as stage:
        base = stage.snapshot(repository.head(), files or {})
        patch = Patch(files=files) if diff is None else Patch(diff=diff)
        yield Workspace(repository, stage, stage.stage(base, patch))


def shown(overlay: Overlay) -> dict[str, str]:
    """Return the plain files of the checkout as a program in the sandbox sees them."""
    code = "for f in $(find . -type f -not -path './.git/*' | sort); do echo \"$f=$(cat $f)\"; done"
    ended = open_sandbox("bubblewrap").run(
        ["sh", "-c", code], overlay=overlay, env={}, limits=Limits(seconds=20)
    )
    assert ended.returncode == 0, ended.stderr
    return dict(line[2:].split("=", 1) for line in ended.stdout.decode().splitlines())


def test_before_and_after_are_the_changed_files(git_repo: GitRepo) -> None:
    """A changed file has both texts, a new one the second, and what is not changed has none."""
    git_repo.commit({"a.txt": "old\n", "b.txt": "b\n"})
    with opened(git_repo, {"a.txt": b"new\r\n", "c/d.txt": b"\xff\0"}) as workspace:
        both = {
            path: (workspace.before(path), workspace.after(path))
            for path in ("a.txt", "c/d.txt", "b.txt", "no")
        }
    assert both == {
        "a.txt": (b"old\n", b"new\r\n"), "c/d.txt": (None, b"\xff\0"),
        "b.txt": (None, None), "no": (None, None),
    }  # fmt: skip


def test_a_deletion_has_a_before_only(git_repo: GitRepo) -> None:
    """What the patch deletes is gone in `after`, and from the folder's names."""
    git_repo.commit({"a.txt": "old\n", "b.txt": "b\n"})
    git_repo.git("rm", "-q", "a.txt")
    diff = git_repo.git("diff", "--cached").encode()
    git_repo.git("reset", "-q", "--hard")
    with opened(git_repo, diff=diff) as workspace:
        assert (workspace.before("a.txt"), workspace.after("a.txt")) == (b"old\n", None)
        assert workspace.names("") == {"b.txt"}
        assert shown(workspace.overlay()) == {"b.txt": "b"}
        assert shown(workspace.base_overlay()) == {"a.txt": "old", "b.txt": "b"}


def test_rules_come_from_the_base_commit(git_repo: GitRepo) -> None:
    """Neither the user's uncommitted text nor the patch's is what `base_file` and `base_paths` answer."""
    git_repo.commit({"ruff.toml": "committed", "x/ruff.toml": "nested", "y.py": ""})
    git_repo.write("ruff.toml", "uncommitted")
    with opened(git_repo, {"ruff.toml": b"patched", "z/ruff.toml": b""}) as workspace:
        assert workspace.before("ruff.toml") == b"uncommitted"
        assert workspace.base_file("ruff.toml") == b"committed"
        assert workspace.base_file("z/ruff.toml") is None
        assert sorted(workspace.base_paths(["ruff.toml"])) == ["ruff.toml", "x/ruff.toml"]
        assert sorted(workspace.base_files()) == ["ruff.toml", "x/ruff.toml", "y.py"]


def test_what_is_tracked_is_there_before_or_after(git_repo: GitRepo) -> None:
    """Files and folders of the base, of the result, and what the patch takes away; nothing beside them."""
    git_repo.commit({"src/a.py": "", "gone.py": "x\n", ".gitignore": ".venv\n"})
    git_repo.write(".venv/pyvenv.cfg", "")
    diff = b"--- a/gone.py\n+++ /dev/null\n@@ -1 +0,0 @@\n-x\n"
    diff += b"--- /dev/null\n+++ b/new/b.py\n@@ -0,0 +1 @@\n+y\n"
    with opened(git_repo, diff=diff) as workspace:
        paths = ("src", "src/a.py", "gone.py", "new", "new/b.py", ".venv", "src/b.py", "ne", "src/a.py/x")
        assert [path for path in paths if workspace.tracks(path)] == list(paths[:5])


def test_names_are_those_of_the_result(git_repo: GitRepo) -> None:
    """A folder's names hold what the patch adds, also below it; a folder that is none has none."""
    git_repo.commit({"src/a.py": "", "src/deep/b.py": ""})
    with opened(git_repo, {"src/new/c.py": b"", "src/d.py": b""}) as workspace:
        assert workspace.names("src") == {"a.py", "deep", "new", "d.py"}
        assert workspace.names("") == {"src"}
        assert workspace.names("nowhere") == frozenset()


def test_the_overlay_shows_the_result_and_not_the_users_other_edits(git_repo: GitRepo) -> None:
    """Tracked files look as in the judged tree, whatever the user did to them; untracked ones stay."""
    git_repo.commit({"a.txt": "a", "edited.txt": "committed", "removed.txt": "r", ".gitignore": "built\n"})
    git_repo.write("edited.txt", "uncommitted")
    (git_repo.path / "removed.txt").unlink()
    git_repo.write("built", "artefact")
    git_repo.write("added.txt", "added")
    git_repo.git("add", "added.txt")
    with opened(git_repo, {"a.txt": b"patched"}) as workspace:
        base, result = shown(workspace.base_overlay()), shown(workspace.overlay())
    common = {".gitignore": "built", "edited.txt": "committed", "removed.txt": "r", "built": "artefact"}
    assert base == {**common, "a.txt": "a"}
    assert result == {**common, "a.txt": "patched"}


def test_the_base_holds_the_users_text_of_the_files_concerned(git_repo: GitRepo) -> None:
    """A file that the request names is judged on top of what the user has not committed."""
    git_repo.commit({"a.txt": "committed"})
    git_repo.write("a.txt", "uncommitted")
    with opened(git_repo, {"a.txt": b"patched"}) as workspace:
        assert shown(workspace.base_overlay()) == {"a.txt": "uncommitted"}


def test_modes_and_symlinks_are_those_of_the_tree(git_repo: GitRepo, tmp_path: Path) -> None:
    """A program stays one and a symlink is a symlink, though the user has changed both."""
    script = git_repo.write("run.sh", "#!/bin/sh\necho ran\n")
    script.chmod(0o755)
    (git_repo.path / "link").symlink_to("run.sh")
    git_repo.commit({"a.txt": "a"})
    script.chmod(0o644)
    (git_repo.path / "link").unlink()
    with opened(git_repo, {"a.txt": b"b"}) as workspace:
        ended = open_sandbox("bubblewrap").run(
            ["sh", "-c", "./link; readlink link"],
            overlay=workspace.overlay(),
            env={},
            limits=Limits(seconds=20),
        )
    assert ended.stdout == b"ran\nrun.sh\n"


def test_the_fingerprint_tells_an_edit(git_repo: GitRepo) -> None:
    """It stays while nothing changes, and differs once a tracked file does."""
    git_repo.commit({"a.txt": "a", "b.txt": "b"})
    with opened(git_repo, {"a.txt": b"c"}) as workspace:
        first = workspace.fingerprint()
        assert workspace.fingerprint() == first
        git_repo.write("b.txt", "edited")
        assert workspace.fingerprint() != first


def test_in_a_linked_work_tree_too(git_repo: GitRepo, tmp_path: Path) -> None:
    """The overlay lies over the linked work tree, and git's data of the main one are not there."""
    git_repo.commit({"a.txt": "a"})
    linked = GitRepo(tmp_path / "linked")
    git_repo.git("worktree", "add", "-q", str(linked.path))
    with opened(linked, {"a.txt": b"patched"}) as workspace:
        assert workspace.root == linked.path
        assert shown(workspace.overlay()) == {"a.txt": "patched"}


def test_processes_that_ask_at_once_get_the_same_answer(git_repo: GitRepo) -> None:
    """Gates work in forks of one process: none moves an index that another reads."""
    git_repo.commit({f"{n}.txt": "old\n" for n in range(300)})
    for n in range(300):
        git_repo.write(f"{n}.txt", f"mine {n}\n")
    with opened(git_repo, {"0.txt": b"new\n"}) as workspace:
        children = [Apart(lambda: repr(workspace.overlay()).encode()) for _ in range(4)]
        own = repr(workspace.overlay()).encode()
        assert [child.result(60, 1 << 34) for child in children] == [own] * 4
