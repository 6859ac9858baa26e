"""Diffs that must be refused: one a file, with the rule that refuses it and what git alone does with it."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

FOLDER: Final = Path(__file__).parent
DIFFS: Final = FOLDER / "diffs"
# Stands inside a made-up credential, so that no scanner takes its file for a leak; taken out when it is read.
JOINT: Final = "⁀".encode()

Git = Literal["applies", "refuses", "worktree", "index"]

# What no editor keeps, or no checkout: line ends, encodings, links, a submodule, names.
_ODD: Final[dict[str, bytes]] = {
    "docs/windows.txt": b"one\r\ntwo\r\nthree\r\n",
    "docs/latin.txt": "café\ncrème\n".encode("latin-1"),
    "docs/end.txt": b"no newline at the end",
    "docs/café.md": "# Café\n".encode(),
    "docs/logo.png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)),
}
_LINKS: Final = {"docs/latest.md": "guide.md", "manual": "docs"}
_SUBMODULE: Final = "vendor/lib"
_COMMIT: Final = "1" * 40
_ENVIRONMENT: Final = {
    "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C",
    "GIT_AUTHOR_NAME": "A Developer", "GIT_AUTHOR_EMAIL": "dev@example.com",
    "GIT_COMMITTER_NAME": "A Developer", "GIT_COMMITTER_EMAIL": "dev@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z", "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A diff against the base, with what its header says.

    `git` is what git alone does with it: `applies`, `refuses`, or applies only to the `worktree`
    (`git apply`) or only to the `index` (`git apply --cached`). `open` says why it is not refused yet.
    """

    name: str
    rule: str
    git: Git
    why: str
    open: str
    diff: bytes

    @property
    def family(self) -> str:
        return self.name.partition("/")[0]

    @property
    def body(self) -> bytes:
        """The diff without the header."""
        return self.diff.partition(b"\n\n")[2]


def cases(folder: Path = DIFFS) -> Iterator[Case]:
    """Yield every case in the order of their names. The header is prose to git, and stays in the diff."""
    for path in sorted(folder.glob("*/*.diff")):
        data = path.read_bytes().replace(JOINT, b"")
        lines = data.partition(b"\n\n")[0].decode().splitlines()
        header = dict(line.split(": ", 1) for line in lines)
        name = path.relative_to(folder).with_suffix("").as_posix()
        yield Case(name, header["rule"], header["git"], header["why"], header.get("open", ""), data)  # type: ignore[arg-type]


def git(
    folder: Path, *args: str, stdin: bytes = b"", check: bool = True, **more: str
) -> subprocess.CompletedProcess[bytes]:
    """Run git as it is out of the box: no configuration but the repository's own."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("GIT_")}
    return subprocess.run(
        ["git", *args],
        cwd=folder,
        input=stdin,
        env=kept | _ENVIRONMENT | more,
        capture_output=True,
        check=check,
    )


def make_base(folder: Path) -> str:
    """Make the repository that all cases are against, clean and with one commit, and return its id."""
    shutil.copytree(FOLDER / "base", folder, ignore=shutil.ignore_patterns(".*_cache", "__pycache__"))
    git(folder, "init", "-q", "-b", "main", "--template=")
    git(folder, "config", "core.autocrlf", "false")
    for name, data in _ODD.items():
        (folder / name).write_bytes(data)
    for name, target in _LINKS.items():
        (folder / name).symlink_to(target)
    (folder / "scripts" / "release.sh").chmod(0o755)
    git(folder, "add", "--all", "--force")
    (folder / _SUBMODULE).mkdir(parents=True)
    git(folder, "update-index", "--add", "--cacheinfo", f"160000,{_COMMIT},{_SUBMODULE}")
    git(folder, "commit", "-q", "-m", "base")
    git(folder, "repack", "-a", "-d", "-q")  # few files: the whole of it is copied for each case
    return git(folder, "rev-parse", "HEAD").stdout.decode().strip()


def alone(base: Path, diff: bytes, scratch: Path) -> Git:
    """Return what git alone does with a diff, tried on a copy of the base beside a foreign file."""
    copy = scratch / "project"
    shutil.copytree(base, copy, symlinks=True)
    (scratch / "outside.txt").write_text("token of another project\n")
    try:
        index = git(copy, "apply", "--cached", "-", stdin=diff, check=False).returncode == 0
        worktree = git(copy, "apply", "-", stdin=diff, check=False).returncode == 0
    finally:
        shutil.rmtree(copy)
    if index and worktree:
        return "applies"
    return "index" if index else "worktree" if worktree else "refuses"


def written(base: Path, diff: bytes, scratch: Path) -> str | None:
    """Return the tree that git alone makes of the base, nothing of which it writes to; None if it refuses."""
    index, objects = scratch / "index", scratch / "objects"
    (scratch / "index.lock").unlink(missing_ok=True)  # what a git that broke down leaves
    shutil.copy(base / ".git" / "index", index)
    objects.mkdir(exist_ok=True)
    private = {
        "GIT_INDEX_FILE": str(index),
        "GIT_OBJECT_DIRECTORY": str(objects),
        "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(base / ".git" / "objects"),
    }
    if git(base, "apply", "--cached", "-", stdin=diff, check=False, **private).returncode:
        return None
    return git(base, "write-tree", **private).stdout.decode().strip()
