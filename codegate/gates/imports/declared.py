"""Which distributions a project declares, read from the files in which they do and never by running one."""

from __future__ import annotations

import configparser
import posixpath
import re
import tomllib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from codegate.gates.imports.known import canonical
from codegate.globs import Globs

_DECLARING: Final = Globs(
    (
        "pyproject.toml", "setup.cfg", "setup.py", "tox.ini", "noxfile.py", "Pipfile", "hatch.toml",
        "pixi.toml", "environment*.y*ml", "meta.yaml", "*requirements*.txt", "*requirements*.in",
        "constraints*.txt", "requirements/*.txt", "requirements/*.in",
    )
)  # fmt: skip
_LOCKS: Final = Globs(("uv.lock", "poetry.lock", "pdm.lock", "pixi.lock", "pylock*.toml", "Pipfile.lock"))
_LIKELY: Final = (
    ".txt", ".in", ".toml", ".cfg", ".ini", ".yml", ".yaml", ".lock", "setup.py", "noxfile.py", "Pipfile",
)  # fmt: skip
USUAL: Final = (
    "pyproject.toml", "setup.cfg", "requirements.txt", "requirements-dev.txt", "requirements/dev.txt",
)  # fmt: skip
_MOST_FILES: Final = 100
_MAX_BYTES: Final = 20_000_000

# PEP 508, as far as the name and what may follow it; then as it stands in a file of lines, as a quoted word,
# in an address, and in a lock file: `name = "x"`, `- name: x` or `"x": {`.
_NAME: Final = r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)[ \t]*(?:\[[^\]\n]*\][ \t]*)?"
_REQUIREMENT: Final = re.compile(rf"\s*{_NAME}(?:$|[<>=!~;@,(#\s])")
_LINE: Final = re.compile(rf"(?m)^[ \t]*(?:-e[ \t]+|-[ \t]+)?{_NAME}(?=$|[<>=!~;@,(# \t\r])")
_QUOTED: Final = re.compile(rf"""["']{_NAME}(?:[<>=!~;@(][^"'\n]*)?["']""")
_EGG: Final = re.compile(rf"#egg={_NAME}")
_LOCKED: Final = re.compile(
    r"""(?m)^\s*(?:-\s+)?(?:name\s*[=:]\s*["']?|["'])([A-Za-z0-9._-]+)["']?\s*(?::\s*\{)?\s*$"""
)
_PIPFILE: Final = re.compile(r"packages$")
_KEY: Final = re.compile(r"(?:^|-|_)(dependencies|requires|requires-extra|dependency-groups)$")

Reader = Callable[[str], bytes | None]


def dependency_files(paths: Iterable[str]) -> list[str]:
    """Return the files that declare or lock dependencies, those nearest to the top first, not too many."""
    likely = (path for path in paths if path.endswith(_LIKELY))  # the patterns take their time
    found = [path for path in likely if path in _DECLARING or path in _LOCKS]
    return sorted(found, key=lambda path: (path.count("/"), path))[:_MOST_FILES]


def is_declaring(path: str) -> bool:
    """Say whether a file declares dependencies and nothing else can be taken for one: a lock, or code."""
    return path in _DECLARING and not path.endswith(".py")


def declared(paths: Iterable[str], read: Reader) -> set[str]:
    """Return the canonical names that those files declare or lock.

    A file that cannot be read declares nothing. It errs to more: of a `setup.py` any quoted word counts.
    """
    found: set[str] = set()
    for path in paths:
        data = read(path)
        if data is not None and len(data) <= _MAX_BYTES:
            found.update(canonical(name) for name in _names(path, data.decode("utf-8", "replace")))
    return found


def _names(path: str, text: str) -> Iterator[str]:
    name = posixpath.basename(path)
    if path in _LOCKS:
        return (found[1] for found in _LOCKED.finditer(text))
    if name.endswith(".toml") or name == "Pipfile":
        return _of_toml(text, _PIPFILE if name == "Pipfile" else _KEY)
    if name.endswith(".py"):
        return (found[1] for found in _QUOTED.finditer(text))
    if name.endswith((".cfg", ".ini")):
        return _of_ini(text)
    return (found[1] for pattern in (_LINE, _EGG) for found in pattern.finditer(text))


def _of_toml(text: str, key: re.Pattern[str]) -> Iterator[str]:
    try:
        document = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError):
        return iter(())
    return _below(document, key, False)


def _below(node: Any, listing: re.Pattern[str], counts: bool) -> Iterator[str]:
    """Yield what stands under a key that lists dependencies: requirements, or names with their versions."""
    if isinstance(node, dict):
        for key, value in node.items():
            is_list = isinstance(value, list) and all(isinstance(entry, str) for entry in value)
            if counts and not is_list and not listing.search(key):
                yield key
            yield from _below(value, listing, counts or listing.search(key) is not None)
    elif isinstance(node, list):
        for entry in node:
            yield from _below(entry, listing, counts)
    elif counts and isinstance(node, str) and (found := _REQUIREMENT.match(node)):
        yield found[1]


def _of_ini(text: str) -> Iterator[str]:
    parser = configparser.RawConfigParser(strict=False, allow_no_value=True)
    try:
        parser.read_string(text)
    except configparser.Error:
        return
    for section in parser.sections():
        for key, value in parser.items(section):
            if section.endswith("extras_require") or key.endswith(("requires", "require", "deps")):
                for line in (value or "").split("\n"):
                    if found := _REQUIREMENT.match(line.partition(": ")[2] or line):
                        yield found[1]
