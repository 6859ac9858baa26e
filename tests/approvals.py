"""Candidates made by git itself, and approvals made honestly: by a screen that types what it is shown."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

from codegate.core import Approved, Base, Candidate, Change, Gated, Outcome, Verdict, judge, review

Files = Mapping[str, tuple[bytes, str] | None]
Tree = dict[str, tuple[str, bytes, int]]


class Typist:
    """A person who approves: types the code that stands on the screen."""

    code = ""

    def present(self, gated: Gated, code: str, *, whole: bool) -> None:
        self.code = code

    def ask(self, question: str) -> str:
        return self.code

    def say(self, message: str) -> None:
        raise AssertionError(message)


def approve(candidate: Candidate) -> Approved:
    """Judge a candidate by one gate that passes, and have it approved."""
    gated = judge(candidate, [Verdict("scope", Outcome.PASSED, True, "")], frozenset({"scope"}), "r" * 64)
    assert isinstance(gated, Gated)
    approved = review(gated, Typist())
    assert isinstance(approved, Approved)
    return approved


def candidate(top: Path, files: Files, dirty: Files | None = None) -> Candidate:
    """Change `files` (None deletes) on top of HEAD, or of HEAD with the `dirty` files of the checkout."""
    base = _tree(top, "HEAD", dirty or {})
    tree = _tree(top, base, files)
    raw = _git(top, "diff-tree", "-r", "--raw", "-z", "--no-renames", "--no-abbrev", base, tree)
    parts = raw.split(b"\0")[:-1]
    changes = []
    for head, path in zip(parts[::2], parts[1::2], strict=True):
        old_mode, new_mode, old, new, _ = head.decode().lstrip(":").split(" ")
        changes.append(Change(os.fsdecode(path), old_mode, new_mode, _some(old), _some(new)))
    diff = _git(top, "diff-tree", "-p", "--no-renames", "--binary", "--full-index", base, tree)
    commit = _git(top, "rev-parse", "HEAD").decode().strip()
    return Candidate(Base(commit, base), tree, diff, tuple(changes))


def reader(top: Path) -> Callable[[str], bytes]:
    """Read blobs of the repository."""
    return lambda blob: _git(top, "cat-file", "blob", blob)


def look(top: Path) -> Tree:
    """Return everything under `top` but the git directory: kind, bytes and permissions by path."""
    found: Tree = {}
    for folder, folders, files in os.walk(top):
        if Path(folder) == top and ".git" in folders:
            folders.remove(".git")
        for name in (*folders, *files):
            path = Path(folder, name)
            mode = path.lstat().st_mode
            data = b""
            if stat.S_ISREG(mode):
                data = path.read_bytes()
            elif stat.S_ISLNK(mode):
                data = os.fsencode(os.readlink(path))
            found[str(path.relative_to(top))] = (stat.filemode(mode)[0], data, stat.S_IMODE(mode))
    return found


def _some(blob: str) -> str | None:
    return blob if blob.strip("0") else None


def _tree(top: Path, base: str, files: Files) -> str:
    index = {"GIT_INDEX_FILE": str(top / ".git" / f"index-{os.getpid()}")}
    if (top / ".git").is_file():
        index = {"GIT_INDEX_FILE": str(top.parent / f"index-{os.getpid()}")}
    _git(top, "read-tree", base, env=index)
    for path, content in files.items():
        if content is None:
            _git(top, "update-index", "--force-remove", "--", path, env=index)
        else:
            blob = (
                _git(top, "hash-object", "-w", "--stdin", "--no-filters", stdin=content[0]).decode().strip()
            )
            _git(top, "update-index", "--add", "--cacheinfo", f"{content[1]},{blob},{path}", env=index)
    tree = _git(top, "write-tree", env=index).decode().strip()
    Path(index["GIT_INDEX_FILE"]).unlink()
    return tree


def _git(top: Path, *args: str, stdin: bytes = b"", env: Mapping[str, str] | None = None) -> bytes:
    done = subprocess.run(
        ["git", *args],
        cwd=top,
        env=os.environ | dict(env or {}),
        input=stdin,
        capture_output=True,
        check=True,
    )
    return done.stdout
