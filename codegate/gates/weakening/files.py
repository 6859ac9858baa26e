"""Which files of a project hold tests."""

from __future__ import annotations

import re
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from codegate.workspace import Workspace

# pytest's own two patterns, and unittest's, which also covers Django's `tests.py`.
DEFAULT: Final = ("test_*.py", "*_test.py", "test*.py")
_CONFIGURATIONS: Final = (
    "pytest.toml",
    ".pytest.toml",
    "pytest.ini",
    ".pytest.ini",
    "pyproject.toml",
    "tox.ini",
    "setup.cfg",
)
_CONFIGURED: Final = re.compile(
    rb"^[ \t]*python_files[ \t]*=[ \t]*([^\n]*(?:\n[ \t]+[^\n]+)*|\[[^]]*\])", re.MULTILINE
)
_PATTERN: Final = re.compile(r"[\w*?./\[\]-]+")
_FOLDERS: Final = frozenset(["tests", "test", "testing"])


def test_file_patterns(workspace: Workspace) -> tuple[str, ...]:
    """Return the names by which tests' files are collected: pytest's, unittest's, and the base's own."""
    found = list(DEFAULT)
    for data in workspace.base_blobs(_CONFIGURATIONS).values():
        for configured in _CONFIGURED.findall(data):
            found += [p for p in _PATTERN.findall(configured.decode("utf-8", "replace")) if "py" in p]
    return tuple(dict.fromkeys(found))


def is_test_file(path: str, patterns: tuple[str, ...]) -> bool:
    """Say whether a Python file is collected, or stands where what tests lean on does."""
    whole = PurePosixPath(path)
    if whole.suffix != ".py":
        return False
    collected = any(fnmatch(whole.name, pattern.rpartition("/")[2]) for pattern in patterns)
    return collected or whole.name == "conftest.py" or not _FOLDERS.isdisjoint(whole.parts[:-1])
