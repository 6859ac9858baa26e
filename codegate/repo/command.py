"""The one way to run git: steered by nothing but its arguments."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

from codegate import process
from codegate.errors import CodegateError, RepositoryError

_SECONDS: Final = 600.0
_MAX_OUTPUT: Final = 256 << 20
_MAX_REASON: Final = 2000
MISSING: Final = "`git fsck` checks a repository; `git fetch --refetch` completes a partial clone."

_ENVIRONMENT: Final = {
    "LC_ALL": "C",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_LITERAL_PATHSPECS": "1",
    # A planted refs/replace/* would put another tree, and other rules, in the place of the base's.
    "GIT_NO_REPLACE_OBJECTS": "1",
    # A partial clone would fetch what is missing, by a program that its configuration names. The second is
    # for a git that does not know the first yet (it came with 2.44 and 2.39.4).
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
}
_SEALED: Final = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1", "GIT_ATTR_NOSYSTEM": "1"}
# What git would start by itself, wherever a configuration asks for it; and what it should not keep to itself.
_OPTIONS: Final = (
    "-c", "core.fsmonitor=false", "-c", "core.hooksPath=/dev/null", "-c", "core.warnAmbiguousRefs=true",
)  # fmt: skip


def git(
    directory: Path,
    *arguments: str,
    stdin: bytes = b"",
    work_tree: Path | None = None,
    index: Path | None = None,
    user_config: bool = False,
    expected: Collection[int] = (0,),
) -> process.Finished:
    """Run git on the git directory `directory` and return what it said; start no other program for it.

    No `GIT_*` variable, hook, file monitor, replacement or lazy fetch has a say, and no configuration but
    `directory`'s own; `user_config` lets the user's and the machine's in. Without `work_tree` git sees none.
    Raises RepositoryError with git's own reason when it ends with a code that is not `expected`, runs for
    ten minutes, or says more than 256 MB.
    """
    given = {"GIT_DIR": str(directory), "PWD": str(work_tree or directory), **_ENVIRONMENT}
    if not user_config:
        given |= _SEALED
    if work_tree is not None:
        given["GIT_WORK_TREE"] = str(work_tree)
    if index is not None:
        given["GIT_INDEX_FILE"] = str(index)
    try:
        done = process.run(
            ["git", *_OPTIONS, *arguments], cwd=work_tree or directory, env=process.environment(given),
            stdin=stdin, timeout=_SECONDS, max_output=_MAX_OUTPUT,
        )  # fmt: skip
    except CodegateError as error:
        raise RepositoryError(error.message, "codegate needs git 2.38 or later on the PATH.") from error
    if done.timed_out:
        raise RepositoryError(f"git {arguments[0]} did not end within {_SECONDS:.0f} seconds")
    if done.truncated:
        raise RepositoryError(
            f"git {arguments[0]} gave more than {_MAX_OUTPUT >> 20} MB", "Leave files as large as that out."
        )
    if done.returncode not in expected:
        raise RepositoryError(f"git {arguments[0]} failed: {reason(done)}", MISSING)
    return done


def reason(done: process.Finished) -> str:
    """Return what git gave as its reason, as one bounded text without its prefixes."""
    lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
    said = "; ".join(line.removeprefix("error: ").removeprefix("fatal: ") for line in lines)
    return said[:_MAX_REASON] or f"exit code {done.returncode}"
