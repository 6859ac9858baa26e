"""Where a report goes: standard output, or a file that is either the old one or the whole new one."""

from __future__ import annotations

import os
import secrets
import stat
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from codegate.errors import UsageError

if TYPE_CHECKING:
    from codegate.report import Report


class Format(StrEnum):
    """The forms of a report, as `codegate.report.forms` knows them; it is imported when one is made."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    RDJSON = "rdjson"
    RDJSONL = "rdjsonl"
    JUNIT = "junit"
    GITHUB = "github"
    GITLAB = "gitlab"
    MARKDOWN = "markdown"
    HTML = "html"


class Output:
    """Standard output, or the file that a person named, found fit before any work is done.

    Raises UsageError for a name that cannot be written, and for one in a git directory: what lies there tells
    git what to run.
    """

    def __init__(self, file: Path | None) -> None:
        self._file = file
        if file is not None:
            _check(file)

    def write(self, report: Report, form: Format) -> None:
        """Write the report. Nobody ever reads half of a file; a pipe or a device is written to as it is."""
        from codegate.report.forms import FORMS

        text = FORMS[form](report)
        if self._file is None:
            print(text, end="")
            return
        try:
            _write(self._file, text)
        except OSError as error:
            raise UsageError(f"cannot write {self._file}: {error.strerror}") from error


def _check(file: Path) -> None:
    if file.is_dir():
        raise UsageError(f"cannot write {file}: it is a directory", "name a file in it")
    if not file.parent.is_dir():
        raise UsageError(f"cannot write {file}: there is no directory {file.parent}", "make it first")
    whole = file.resolve()
    if any(_is_git(place) for place in (whole, *whole.parents)):
        raise UsageError(f"cannot write {file}: that is git's own", "name a file outside of .git")


def _is_git(place: Path) -> bool:
    """Say whether this is a git directory by its name, or by what makes one (gitrepository-layout(5))."""
    marks = ("HEAD", "objects", "refs")
    return place.name.casefold() == ".git" or all(os.path.lexists(place / mark) for mark in marks)


def _write(file: Path, text: str) -> None:
    if file.exists() and not file.is_file():
        file.write_text(text, encoding="utf-8")
        return
    file = file.resolve()  # a link stays, and what it leads to is replaced
    draft = file.with_name(f".codegate-{secrets.token_hex(8)}")
    try:
        with draft.open("x", encoding="utf-8", newline="") as new:
            if file.exists():
                os.fchmod(new.fileno(), stat.S_IMODE(file.stat().st_mode))
            new.write(text)
        draft.replace(file)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
