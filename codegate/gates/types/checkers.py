"""The type checkers of Python: which of them a base configures, and how each is asked."""

from __future__ import annotations

import configparser
import posixpath
import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from codegate.errors import CodegateError
from codegate.gates.lint.reports import READERS, Remark

if TYPE_CHECKING:
    from codegate.gates.lint.jail import Jail

    Reader = Callable[[str], bytes | None]

# What any of them reads, at the top of the checkout: all of it is the base's.
CONFIGURATIONS: Final = (
    "pyproject.toml", "setup.cfg", "mypy.ini", ".mypy.ini", "pyrightconfig.json", "ty.toml",
)  # fmt: skip
_MYPY_SAYS: Final = re.compile(r"(?P<level>error|warning|note): (?P<message>.*?)(?:\s+\[(?P<code>[\w-]+)\])?")


@dataclass(frozen=True, slots=True)
class Checker:
    """One type checker; `programs` are its names, the first that is found is asked.

    `python` is the option that names the project's Python. A status above `worst` means that it did not
    finish.
    """

    name: str
    programs: tuple[str, ...]
    arguments: tuple[str, ...]
    python: str
    format: str
    worst: int = 1

    def command(self, jail: Jail) -> list[str]:
        """Return the command that checks the checkout. Raises CodegateError where it is not installed."""
        found = next((place for name in self.programs if (place := jail.find(name))), None)
        if found is None:
            raise CodegateError(
                f"the base configures {self.name}, which is not installed",
                f"Install it in the project's environment ({jail.interpreter.program}), or beside codegate.",
            )
        python = (self.python, str(jail.interpreter.program)) if self.python else ()
        return [str(found), *self.arguments, *python]

    def errors(self, data: bytes, root: Path) -> Iterator[Remark]:
        """Yield the errors in what it printed."""
        for remark in READERS[self.format](data, root):
            told = _of_mypy(remark) if self.name == MYPY.name else remark
            if told.level in ("error", ""):
                yield told


MYPY: Final = Checker(
    "mypy", ("mypy",),
    ("--no-pretty", "--show-column-numbers", "--hide-error-end", "--show-error-codes", "--hide-error-context",
     "--no-error-summary", "--no-color-output", "--cache-dir=/dev/null"),
    "--python-executable", "lines",
)  # fmt: skip
PYRIGHT: Final = Checker("pyright", ("basedpyright", "pyright"), ("--outputjson",), "--pythonpath", "pyright")
TY: Final = Checker("ty", ("ty",), ("check", "--output-format", "sarif"), "--python", "sarif")


def configured(read: Reader) -> list[Checker]:
    """Return the checkers that a tree configures, `read` being its files."""
    tools = _tools(read)
    mypy = _mypy(read)
    aimed = mypy is not None and any(mypy.get(key) for key in ("files", "packages", "modules"))
    plain = mypy_for(read)
    found = {
        plain if aimed else replace(plain, arguments=(*plain.arguments, ".")): mypy is not None,
        PYRIGHT: read("pyrightconfig.json") is not None or bool({"pyright", "basedpyright"} & set(tools)),
        TY: read("ty.toml") is not None or "ty" in tools,
    }
    return [checker for checker, holds in found.items() if holds]


def mypy_for(read: Reader) -> Checker:
    """Return mypy as a tree's configuration lets it run without a cache: its workers share one."""
    workers = ("--num-workers=0",) if (_mypy(read) or {}).get("num_workers") else ()
    return replace(MYPY, arguments=(*MYPY.arguments, *workers))


def plugins(read: Reader) -> Iterator[str]:
    """Yield where the code of the mypy plug-ins that a tree names may lie in it."""
    named = (_mypy(read) or {}).get("plugins", [])
    texts = [str(text) for text in (named if isinstance(named, list) else [named])]
    for text in ",".join(texts).replace("\n", ",").split(","):
        name = text.strip().partition(":")[0]
        if name.endswith(".py"):
            yield posixpath.normpath(name)
        elif name:
            path = name.replace(".", "/")
            yield from (f"{top}{path}{end}" for top in ("", "src/") for end in (".py", "/__init__.py"))


def _mypy(read: Reader) -> Mapping[str, Any] | None:
    """Return mypy's own configuration: the first of the files that it would read."""
    for name in ("mypy.ini", ".mypy.ini"):
        if (data := read(name)) is not None:
            return _section(data) or {}
    table = _tools(read).get("mypy")
    return table if isinstance(table, dict) else _section(read("setup.cfg") or b"")


def _tools(read: Reader) -> dict[str, Any]:
    try:
        tools = tomllib.loads((read("pyproject.toml") or b"").decode()).get("tool")
    except (ValueError, RecursionError):
        return {}
    return tools if isinstance(tools, dict) else {}


def _section(data: bytes) -> Mapping[str, str] | None:
    parser = configparser.RawConfigParser(strict=False)
    try:
        parser.read_string(data.decode())
    except (ValueError, configparser.Error):
        return None
    return parser["mypy"] if parser.has_section("mypy") else None


def _of_mypy(remark: Remark) -> Remark:
    """Take what mypy says of a line apart: `error: what  [code]`."""
    found = _MYPY_SAYS.fullmatch(remark.message)
    if found is None:
        return remark
    return Remark(
        remark.path, remark.line, remark.column, found["code"] or "", found["message"], found["level"]
    )
