"""The changed Python files as ruff sees them: at their places, under the base's configuration."""

from __future__ import annotations

import json
import os
import posixpath
import re
import tempfile
import tomllib
from collections.abc import Callable, Collection, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from codegate import process
from codegate.core import Change
from codegate.errors import CodegateError
from codegate.gates.lint.diagnostic import Diagnostic
from codegate.source.editing import Edit
from codegate.source.linter import REINSTALL, ruff_environment, ruff_program
from codegate.visible import visible

if TYPE_CHECKING:
    from codegate.workspace import Workspace

    Reader = Callable[[str], bytes | None]

_EXTENSIONS: Final = (".py", ".pyi")
NOTEBOOK: Final = ".ipynb"
_CONFIGURATIONS: Final = ("ruff.toml", ".ruff.toml", "pyproject.toml")
_PACKAGE: Final = "__init__.py"
_SECONDS: Final = 120.0
_FEW: Final = 10
_MAX_EXTENDS: Final = 10
# Mistakes, not style: what ruff chose by itself until 0.15. A project that never chose a rule is not held to
# the many that later versions choose.
_MISTAKES: Final = b'[lint]\nselect = ["E4", "E7", "E9", "F"]\n'
# A project may ask for another ruff than ours. New diagnostics only are judged, so ours will do; and what its
# own ruff knew of how to print them (gone since 0.1 and 0.5) means nothing here.
_NOT_OURS: Final = re.compile(
    rb"(?m)^([ \t]*[\w.]*(?:required-version|show-source|update-check|format(?=[ \t]*=[ \t]*[\"']))[ \t]*=)"
)
# `--ignore-noqa` does not cover what tells ruff to leave the order of imports alone.
_ACTION: Final = re.compile(rb"(?i)(#\s*(?:ruff\s*:\s*)?isort\s*):")


def is_linted(change: Change, workspace: Workspace) -> bool:
    """Say whether a change is one of an ordinary Python file, a script without a suffix, or a notebook."""
    from codegate.source import language_of

    modes = {change.old_mode, change.new_mode} - {"000000"}
    if not modes <= {"100644", "100755"} or not _is_plain(change.path):
        return False
    if change.path.endswith((*_EXTENSIONS, NOTEBOOK)):
        return True
    data = workspace.before(change.path) if change.is_deletion else workspace.after(change.path)
    language = language_of(change.path, data or b"")
    return language is not None and language.name == "python"


@dataclass(frozen=True)
class Project:
    """What of the base decides how its Python files are judged.

    `support` holds configuration and, empty, the files that make a folder a package. `sources` are the roots
    in which ruff looks for the project's own modules: the user's checkout too, of which the rest is not here.
    """

    paths: tuple[str, ...]
    support: Mapping[str, bytes]
    sources: tuple[str, ...]
    rules: str
    is_configured: bool

    @classmethod
    def read(cls, workspace: Workspace, paths: Collection[str]) -> Project:
        """Return what the base says of these paths."""
        folders = {folder for path in paths for folder in _above(path)}
        near = _standing(workspace, folders, {*_CONFIGURATIONS, _PACKAGE})
        packages = {p: b"" for p in near if posixpath.basename(p) == _PACKAGE}
        configurations = dict(_with_extended(workspace, [p for p in near if p not in packages]))
        steering = {p: table for p, data in configurations.items() if (table := _table(p, data)) is not None}
        sources = sorted({s for p, table in steering.items() for s in _sources(posixpath.dirname(p), table)})
        roots = [str(workspace.root / source) for source in sources] + sources
        cleaned = {p: _NOT_OURS.sub(rb"#\1", data) for p, data in configurations.items()}
        rules = "the base's configuration" if steering else "mistakes only: the base configures none"
        return cls(tuple(paths), {**packages, **cleaned}, tuple(roots), rules, bool(steering))

    def only(self, paths: Collection[str]) -> Project:
        """Return the same for fewer files."""
        return replace(self, paths=tuple(paths))

    def diagnose(
        self, workspace: Workspace, *, strict: bool = False, result: Reader | None = None
    ) -> tuple[list[Diagnostic], list[Diagnostic]]:
        """Return what ruff says of the linted files before and after; if `strict`, whatever silences it.

        `result` stands in for the workspace's own result. One process for each side, both at once.
        """
        changes = [c for c in workspace.candidate.changes if c.path in set(self.paths)]
        jobs = []
        for read, which in ((workspace.before, "old"), (result or workspace.after, "new")):
            jobs.append(
                {
                    c.path: (data, (c.old_mode if which == "old" else c.new_mode) == "100755")
                    for c in changes
                    if (data := read(c.path)) is not None
                }
            )
        with ThreadPoolExecutor(max_workers=len(jobs), thread_name_prefix="ruff") as pool:
            before, after = pool.map(lambda files: self._run(files, strict), jobs)
        return before, after

    def drifted(self, workspace: Workspace) -> list[str]:
        """Return the files that the base keeps as `ruff format` has them, and the result does not."""
        texts = {
            path: (old, new)
            for path in self.paths
            if (old := workspace.before(path)) is not None and (new := workspace.after(path)) is not None
        }
        laid_out = self.formatted({path: new for path, (_, new) in texts.items()}) if texts else {}
        odd = [path for path, (_, new) in texts.items() if laid_out[path] != new]
        before = self.formatted({path: texts[path][0] for path in odd}) if odd else {}
        return [path for path in odd if before[path] == texts[path][0]]

    def formatted(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        """Return these texts as `ruff format` lays them out; one that it cannot read stays as it is."""
        given = {path: (data, False) for path, data in files.items()}
        with self._laid_out(given) as (top, listing):
            options = ["--no-cache", "--quiet", "--force-exclude"]
            process.run(
                [ruff_program(), "format", *options, f"@{listing}"],
                cwd=top,
                env=ruff_environment(),
                timeout=_SECONDS,
            )
            return {path: (top / visible(path)).read_bytes() for path in files}

    def _run(self, files: dict[str, tuple[bytes, bool]], strict: bool) -> list[Diagnostic]:
        if not files:
            return []
        heard = {p: (_ACTION.sub(rb"\1;", data), x) for p, (data, x) in files.items()} if strict else files
        with self._laid_out(heard) as (top, listing):
            said = process.run(
                self._command(strict, listing), cwd=top, env=ruff_environment(), timeout=_SECONDS
            )
            return list(_read(said, top, files))

    @contextmanager
    def _laid_out(self, files: Mapping[str, tuple[bytes, bool]]) -> Iterator[tuple[Path, Path]]:
        """Yield a folder with these files and what supports them, and a file that lists them for ruff."""
        with tempfile.TemporaryDirectory(prefix="codegate-lint-", ignore_cleanup_errors=True) as folder:
            # Found last, and so that neither the user's own configuration nor one above /tmp is.
            (Path(folder) / "ruff.toml").write_bytes(_MISTAKES)
            top, listing = Path(os.path.realpath(folder)) / "tree", Path(folder) / "files"
            _write(top, self.support, files)
            listing.write_bytes(b"".join(f"./{visible(path)}\n".encode() for path in files))
            yield top, listing

    def _command(self, strict: bool, listing: Path) -> list[str]:
        sources = json.dumps([s for s in self.sources if _is_utf8(s)], ensure_ascii=False)
        options = ["--no-cache", "--no-fix", "--exit-zero", "--quiet", "--force-exclude"]
        return [
            ruff_program(), "check", *options, *(["--ignore-noqa"] if strict else []),
            "--output-format", "json", "--config", f"src = {sources}", f"@{listing}",
        ]  # fmt: skip


def _standing(workspace: Workspace, folders: set[str], names: set[str]) -> list[str]:
    """Return the base's files of these names in these folders.

    A folder is listed in time that does not grow with the repository, and many folders by one listing of all.
    """
    if len(folders) > _FEW:
        return [path for path in workspace.base_paths(names) if posixpath.dirname(path) in folders]
    changes = workspace.candidate.changes
    new = {change.path for change in changes if change.is_new}
    known = {posixpath.join(folder, name) for folder in folders for name in workspace.names(folder) & names}
    gone = {c.path for c in changes if c.is_deletion and posixpath.basename(c.path) in names}
    return [path for path in sorted(known - new | gone) if posixpath.dirname(path) in folders]


def _write(top: Path, support: Mapping[str, bytes], files: Mapping[str, tuple[bytes, bool]]) -> None:
    """Write the tree; what is judged goes over what supports it. Odd names are escaped: ruff lists UTF-8."""
    whole = {path: (data, False) for path, data in support.items()} | dict(files)
    for path, (data, executable) in whole.items():
        place = top / visible(path)
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        if executable:
            place.chmod(0o755)


def _read(said: process.Finished, top: Path, files: Mapping[str, tuple[bytes, bool]]) -> Iterator[Diagnostic]:
    """Read ruff's answer; raise CodegateError for anything that is none."""
    reason = said.stderr.decode("utf-8", "replace").replace(f"{top}{os.sep}", "").strip()
    if said.timed_out or said.truncated or said.returncode:
        what = "took too long" if said.timed_out else "said too much" if said.truncated else "failed"
        hint = "If it cannot read the base's configuration, mend that, or install the ruff it is written for."
        raise CodegateError(f"ruff {what}: {' '.join(reason.split())[:1000]}", hint)
    named = {f"{top}/{visible(path)}": path for path in files}
    lines = {path: [data.split(b"\n")] for path, (data, _) in files.items()}
    lines |= {path: [[], *cells(data)] for path, (data, _) in files.items() if path.endswith(NOTEBOOK)}
    try:
        for entry in json.loads(said.stdout):
            path = named[entry["filename"]]
            # What no longer parses the gate `syntax` tells; of notebooks it knows nothing.
            if entry["code"] not in (None, "invalid-syntax") or path.endswith(NOTEBOOK):
                yield _diagnostic(entry, path, lines[path])
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise CodegateError(f"ruff's answer cannot be read: {error!r}", REINSTALL) from error


def _diagnostic(entry: dict[str, Any], path: str, texts: list[list[bytes]]) -> Diagnostic:
    line, column = int(entry["location"]["row"]), int(entry["location"]["column"])
    cell = int(entry.get("cell") or 0)
    lines = texts[cell] if cell < len(texts) else []
    message = f"cell {cell}, line {line}: {entry['message']}" if cell else entry["message"]
    fix = (entry.get("fix") or {}).get("message")
    return Diagnostic(
        path, entry["code"] or "invalid-syntax", message, max(line, 1), max(column, 1),
        lines[line - 1] if line <= len(lines) else b"",
        ". ".join(part for part in (fix, entry.get("url")) if part), tuple(_edits(entry)), cell,
    )  # fmt: skip


def cells(notebook: bytes) -> list[list[bytes]]:
    """Return the lines of each cell of a notebook; none of what is no notebook."""
    try:
        sources = [cell["source"] for cell in json.loads(notebook)["cells"]]
        texts = [source if isinstance(source, str) else "".join(source) for source in sources]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []
    return [text.encode("utf-8", "surrogatepass").split(b"\n") for text in texts]


def _edits(entry: dict[str, Any]) -> Iterator[Edit]:
    fix = entry.get("fix") or {}
    for edit in fix.get("edits", []) if fix.get("applicability") == "safe" else []:
        start, end = edit["location"], edit["end_location"]
        yield Edit((start["row"], start["column"]), (end["row"], end["column"]), edit["content"])


def _with_extended(workspace: Workspace, paths: list[str]) -> Iterator[tuple[str, bytes]]:
    """Yield configuration files of the base, and those that they extend."""
    seen: set[str] = set()
    waiting = list(paths)
    while waiting and len(seen) < _MAX_EXTENDS + len(paths):
        path = waiting.pop()
        data = None if path in seen else workspace.base_file(path)
        seen.add(path)
        if data is None:
            continue
        yield path, data
        extended = (_table(path, data) or {}).get("extend")
        if isinstance(extended, str):
            other = posixpath.normpath(posixpath.join(posixpath.dirname(path), extended))
            if _is_plain(other):
                waiting.append(other)


def _table(path: str, data: bytes) -> dict[str, Any] | None:
    """Return what a file configures of ruff; None for a pyproject.toml that configures nothing.

    A file that cannot be read counts as an empty configuration: ruff says what is wrong with it.
    """
    try:
        document = tomllib.loads(data.decode("utf-8"))
    except (ValueError, RecursionError):
        return {}
    if posixpath.basename(path) != "pyproject.toml":
        return document
    tool = document.get("tool")
    table = tool.get("ruff") if isinstance(tool, dict) else None
    return table if isinstance(table, dict) else None


def _sources(folder: str, table: Mapping[str, Any]) -> Iterator[str]:
    given = table.get("src", [".", "src"])
    for source in given if isinstance(given, list) else []:
        if isinstance(source, str) and _is_plain(path := posixpath.normpath(posixpath.join(folder, source))):
            yield path


def _above(path: str) -> Iterator[str]:
    """Yield every folder above a path, the top as an empty name."""
    while path:
        path = posixpath.dirname(path)
        yield path


def _is_utf8(text: str) -> bool:
    return text.encode("utf-8", "replace") == os.fsencode(text)


def _is_plain(path: str) -> bool:
    """Say whether a path stays below the folder that it is written in."""
    return not path.startswith("/") and ".." not in path.split("/")
