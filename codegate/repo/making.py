"""A new repository, for examples and demonstrations only."""

from __future__ import annotations

from pathlib import Path

from codegate import process
from codegate.errors import RepositoryError

_IDENTITY = (
    "-c",
    "user.name=codegate",
    "-c",
    "user.email=codegate@example.invalid",
    "-c",
    "commit.gpgSign=false",
)


def make_repository(folder: Path, message: str) -> None:
    """Make a repository of a folder that is ours, with all of it in one commit."""
    for arguments in (
        ["init", "-q"],
        ["add", "-A"],
        [*_IDENTITY, "commit", "-q", "--no-verify", "-m", message],
    ):
        done = process.run(["git", *arguments], cwd=folder, timeout=60)
        if done.returncode:
            raise RepositoryError(
                f"git {arguments[0]} failed in {folder}: {done.stderr.decode(errors='replace')}"
            )


def git_version() -> str:
    """Return what git says of itself, for example `2.39.5`."""
    said = process.run(["git", "version"], timeout=20).stdout.decode(errors="replace")
    return said.removeprefix("git version").strip()
