"""What codegate could not do, said so that a person can mend it.

A gate's "no" is a value (`codegate.core.Verdict`); an exception here means that codegate could not do
its work. One boundary, in `codegate.cli`, turns it into a message, a hint and an exit code.
"""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from enum import IntEnum


class Exit(IntEnum):
    """The process exit codes that scripts rely on."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    UNABLE = 3
    BUG = 4
    INTERRUPTED = 130


class CodegateError(Exception):
    """codegate could not do what was asked; carries what to do about it.

    `message` says what is wrong and where, `hint` how to mend it. Both may quote untrusted text: they are
    escaped when shown, never before.
    """

    exit_code: Exit = Exit.UNABLE

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(CodegateError):
    """The command line or the request is wrong."""

    exit_code = Exit.USAGE


class ConfigError(CodegateError):
    """A configuration is wrong, in the base commit or in the user's own directory."""

    exit_code = Exit.USAGE


class GrammarError(CodegateError):
    """A grammar, or what should become one, is wrong.

    `line` (from 1) is where in the grammar, if that is known; `problem` says what is wrong without where, for
    whoever knows in which file the grammar itself stands.
    """

    exit_code = Exit.USAGE

    def __init__(self, problem: str, line: int | None = None, hint: str = "") -> None:
        super().__init__(f"line {line} of the grammar: {problem}" if line else problem, hint)
        self.problem = problem
        self.line = line


class RepositoryError(CodegateError):
    """The repository is not one that codegate can work on."""


class ModelError(CodegateError):
    """The model could not be loaded or asked, or its answer could not be had."""


class SandboxError(CodegateError):
    """No sandbox can be had on this machine, or it failed to start."""


class ConflictError(CodegateError):
    """What was judged is no longer what is in the checkout; nothing was written."""

    exit_code = Exit.REFUSED


class PatchRefused(CodegateError):
    """A patch could not be parsed or staged: a "no", before there is anything to judge.

    `rule` names the finding (of the gate `scope`) that a report shows for it.
    """

    exit_code = Exit.REFUSED

    def __init__(self, rule: str, message: str, hint: str = "", path: str | None = None) -> None:
        super().__init__(message, hint)
        self.rule = rule
        self.path = path


def did_you_mean(name: str, known: Sequence[str]) -> str:
    """Return a hint that offers the nearest of the known names, or all of them."""
    near = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    return f"did you mean `{near[0]}`?" if near else f"there are: {', '.join(known) or 'none'}"
