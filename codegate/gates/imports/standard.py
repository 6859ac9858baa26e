"""What the standard library has, by the names of its files: none of it is imported to be asked."""

from __future__ import annotations

import sys
import sysconfig
from functools import cache
from pathlib import Path
from typing import Final

# A project may run on another Python than codegate: what came after 3.10, and what went (PEP 594, PEP 632).
_OTHERS: Final = frozenset(
    (
        "annotationlib", "compression", "tomllib", "aifc", "asynchat", "asyncore", "audioop", "cgi",
        "cgitb", "chunk", "crypt", "distutils", "imghdr", "imp", "lib2to3", "mailcap", "msilib", "nis",
        "nntplib", "ossaudiodev", "pipes", "smtpd", "sndhdr", "spwd", "sunau", "telnetlib", "uu", "xdrlib",
    )
)  # fmt: skip
# Modules that are no files of their own, that came later, or that are not installed with every Python.
_UNSEEN: Final = frozenset(
    (
        "os.path", "sys.monitoring", "typing.io", "typing.re", "xml.etree.cElementTree", "collections.abc",
        "string.templatelib", "pathlib.types", "concurrent.interpreters", "importlib.resources.abc",
        "concurrent.futures.interpreter",
    )
)  # fmt: skip
# No module, but what type checkers know (typeshed), and the program itself.
_SPECIAL: Final = frozenset(("__future__", "__main__", "_typeshed"))
STANDARD: Final = sys.stdlib_module_names | _OTHERS | _SPECIAL


def is_standard(top: str) -> bool:
    return top in STANDARD


def has_module(dotted: str) -> bool:
    """Say whether the standard library has that module, or may have: some machines lack a part of it."""
    top, *below = dotted.split(".")
    if not is_standard(top):
        return False
    if not below or dotted in _UNSEEN or top in _SPECIAL:
        return True
    if (
        _below(top) is None
        and not (_library() / f"{top}.py").is_file()
        and top not in sys.builtin_module_names
    ):
        return True
    folder = _library() / top
    for part in below:
        if part not in (_names(folder) or ()):
            return False
        folder /= part
    return True


def submodules(top: str) -> list[str]:
    """Return the modules right below one of the standard library, by their whole names."""
    return [f"{top}.{name}" for name in sorted(_below(top) or ()) if not name.startswith("_")]


def _below(top: str) -> frozenset[str] | None:
    return _names(_library() / top)


@cache
def _names(folder: Path) -> frozenset[str] | None:
    """Return the modules in a folder; None if it is none."""
    try:
        return frozenset(path.name.partition(".")[0] for path in folder.iterdir())
    except OSError:
        return None


@cache
def _library() -> Path:
    return Path(sysconfig.get_path("stdlib"))
