"""Git directories of our own, in which no configuration, attribute, hook or ref of the user's holds."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from codegate.errors import RepositoryError
from codegate.repo.objects import Format

# Spellings of `.git` that other file systems fold together are refused here as well: a repository is shared.
_CORE: Final = {"fsync": "none", "compression": "1", "protectHFS": "true", "protectNTFS": "true"}


def make_store(store: Path, alternate: Path) -> Path:
    """Make `store` an object store that new objects go to, and that has those of `alternate` too."""
    (store / "info").mkdir(parents=True)
    (store / "info" / "alternates").write_bytes(_quoted(os.fsencode(alternate)) + b"\n")
    return store


def make_directory(directory: Path, store: Path, format_: Format, core: Mapping[str, str]) -> Path:
    """Make `directory` a git directory over the objects of `store`, with the settings `core` and no other."""
    for name in ("refs", "info"):
        (directory / name).mkdir(parents=True)
    (directory / "objects").symlink_to(store)
    (directory / "HEAD").write_text("ref: refs/heads/none\n")
    version, extension = (1, "[extensions]\n\tobjectFormat = sha256\n") if format_ == "sha256" else (0, "")
    settings = {"repositoryFormatVersion": str(version), **_CORE, **core}
    lines = "".join(f"\t{key} = {_value(value)}\n" for key, value in settings.items())
    (directory / "config").write_bytes(os.fsencode(f"[core]\n{lines}{extension}"))
    return directory


def copy_index(index: Path, git_dir: Path, directory: Path) -> None:
    """Make `directory` have the same index as the user has in `index`, or none where there is none.

    Its time comes along: git takes a file that changed as late as that for possibly changed ("racy git").
    The parts of a split index are looked up beside it.
    """
    try:
        shutil.copy2(index, directory / "index")
    except FileNotFoundError:
        (directory / "index").unlink(missing_ok=True)
    except OSError as error:
        raise RepositoryError(f"cannot read the index {index}: {error.strerror}") from error
    for shared in git_dir.glob("sharedindex.*"):
        if not (directory / shared.name).exists():
            shutil.copy2(shared, directory / shared.name)


def _quoted(path: bytes) -> bytes:
    """Quote a path for a list of alternates, where a newline ends it and a `"` starts a C string."""
    return b'"' + path.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'


def _value(text: str) -> str:
    """Quote a value for a configuration file."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t")
    return f'"{escaped}"'
