"""What the tests of staging share: a repository's files, a diff of them, and what git itself says."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from conftest import GitRepo

from codegate.core import Base, Candidate, Patch
from codegate.errors import PatchRefused
from codegate.repo import Stage

FILES: dict[str, str | bytes] = {
    "a.py": "one\ntwo\nthree\nfour\nfive\n",
    "src/b.py": "import os\n\n\ndef f():\n    return 1\n",
    "crlf.txt": b"one\r\ntwo\r\n",
    "blob.bin": b"\0\1\2",
}
DIFF = b"""\
diff --git a/a.py b/a.py
--- a/a.py
+++ b/a.py
@@ -1,5 +1,5 @@
 one
 two
-three
+THREE
 four
 five
"""


def everything(top: Path) -> dict[str, tuple[int, int, bytes]]:
    """Mode, time and bytes of every file below `top`, `.git` included.

    Not the times of objects: git makes one new when it would write the same object again, so that no
    `git gc` takes it away meanwhile.
    """
    found = {}
    for folder, folders, names in os.walk(top):
        for path in (Path(folder, name) for name in (*folders, *names)):
            data = b""
            if path.is_symlink():
                data = os.readlink(path).encode()
            elif path.is_file():
                data = hashlib.sha256(path.read_bytes()).digest()
            untimed = path.is_dir() or ".git/objects/" in str(path)
            found[str(path)] = (path.lstat().st_mode, 0 if untimed else path.lstat().st_mtime_ns, data)
    return found


def settle(repo: GitRepo) -> None:
    """Make all files older than the index, as they are in a repository that nobody has just touched."""
    for name in repo.git("ls-files", "-z").split("\0")[:-1]:
        if (repo.path / name).exists():
            os.utime(repo.path / name, (1, 1), follow_symlinks=False)
    repo.git("update-index", "-q", "--refresh")


def head(repo: GitRepo) -> str:
    return repo.git("rev-parse", "HEAD").strip()


def tree_of(repo: GitRepo, rev: str = "HEAD") -> str:
    return repo.git("rev-parse", f"{rev}^{{tree}}").strip()


def base_of(repo: GitRepo) -> Base:
    return Base(head(repo), tree_of(repo))


def paths(candidate: Candidate) -> list[str]:
    return [change.path for change in candidate.changes]


def refusal(stage: Stage, repo: GitRepo, patch: Patch) -> PatchRefused:
    with pytest.raises(PatchRefused) as caught:
        stage.stage(base_of(repo), patch)
    return caught.value
