"""What checkers print, read as from a stranger: SARIF, rdjson, or lines of `path:line:col: message`."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar
from urllib.parse import unquote, urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic.alias_generators import to_camel

from codegate.errors import CodegateError

MOST: Final = 50_000
_Text = Annotated[str, Field(max_length=100_000)]
_Count = Annotated[int, Field(ge=0, le=2**31)]
_LINE: Final = re.compile(
    r"(?P<path>[^:\n]+):(?P<line>\d{1,9}):(?:(?P<column>\d{1,9}):)?[ \t]*(?P<message>\S.*)"
)
# yamllint, mypy, shellcheck, gcc name their rule last; flake8 and its like first.
_CODE_LAST: Final = re.compile(r"[(\[](?P<code>[\w./-]{1,80})[)\]]$")
_CODE_FIRST: Final = re.compile(r"(?P<code>[A-Z]+[0-9]+)\b")
_MOST_BASES: Final = 10


@dataclass(frozen=True, slots=True)
class Remark:
    """One thing that a checker says; `path` is None where it names no file of the checkout."""

    path: str | None
    line: int
    column: int
    code: str
    message: str
    level: str = ""


_Kind = TypeVar("_Kind", bound="_Part")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True, alias_generator=to_camel)


def read_lines(data: bytes, root: Path) -> Iterator[Remark]:
    """Yield what each line says that names a place; the rest of the lines is prose."""
    for line in data.decode("utf-8", "surrogateescape").split("\n"):
        if found := _LINE.fullmatch(line.rstrip()):
            message = found["message"]
            code = _CODE_LAST.search(message) or _CODE_FIRST.match(message)
            place = _relative(found["path"], root)
            if place is not None:
                yield Remark(
                    place,
                    int(found["line"]),
                    int(found["column"] or 1),
                    code["code"] if code else "",
                    message,
                )


class _Position(_Part):
    line: _Count = 0
    column: _Count = 0


class _RdRange(_Part):
    start: _Position = _Position()


class _RdLocation(_Part):
    path: _Text = ""
    range: _RdRange = _RdRange()


class _RdCode(_Part):
    value: _Text = ""


class _RdDiagnostic(_Part):
    message: _Text
    location: _RdLocation = _RdLocation()
    severity: _Text | _Count | None = None
    code: _RdCode | None = None


class _RdResult(_Part):
    diagnostics: Annotated[list[_RdDiagnostic], Field(max_length=MOST)]


def read_rdjson(data: bytes, root: Path) -> Iterator[Remark]:
    """Yield the diagnostics of reviewdog's format (`DiagnosticResult`)."""
    for found in _parse(_RdResult, data).diagnostics:
        start, code = found.location.range.start, found.code.value if found.code else ""
        yield Remark(_relative(found.location.path, root), start.line, start.column, code, found.message)


class _Message(_Part):
    text: _Text = ""
    id: _Text = ""


class _Artifact(_Part):
    uri: _Text = ""
    uri_base_id: _Text = ""
    index: int = -1


class _Region(_Part):
    start_line: _Count = 0
    start_column: _Count = 0


class _Physical(_Part):
    artifact_location: _Artifact = _Artifact()
    region: _Region = _Region()


class _Location(_Part):
    physical_location: _Physical = _Physical()


class _Rule(_Part):
    id: _Text = ""


class _Result(_Part):
    rule_id: _Text = ""
    rule_index: int = -1
    rule: _Rule = _Rule()
    message: _Message = _Message()
    level: _Text = ""
    kind: _Text = "fail"
    baseline_state: _Text = ""
    locations: list[_Location] = []


class _Driver(_Part):
    rules: list[_Rule] = []


class _Tool(_Part):
    driver: _Driver = _Driver()


class _ArtifactOfRun(_Part):
    location: _Artifact = _Artifact()


class _Run(_Part):
    tool: _Tool = _Tool()
    results: Annotated[list[_Result], Field(max_length=MOST)] | None = None
    artifacts: list[_ArtifactOfRun] = []
    original_uri_base_ids: dict[str, _Artifact] = {}


class _Sarif(_Part):
    runs: Annotated[list[_Run], Field(max_length=1_000)]


def read_sarif(data: bytes, root: Path) -> Iterator[Remark]:
    """Yield the results of a SARIF 2.1.0 log that say that something is wrong, suppressed ones too."""
    for run in _parse(_Sarif, data).runs:
        for found in run.results or []:
            if found.kind in ("fail", "") and found.baseline_state != "absent":
                yield _result(run, found, root)


def _result(run: _Run, found: _Result, root: Path) -> Remark:
    place = found.locations[0].physical_location if found.locations else _Physical()
    rules = run.tool.driver.rules
    known = rules[found.rule_index].id if 0 <= found.rule_index < len(rules) else ""
    path, region = _relative(_uri(run, place.artifact_location), root), place.region
    code, message = found.rule_id or found.rule.id or known, found.message.text or found.message.id
    return Remark(path, region.start_line, region.start_column, code, message, found.level)


def _uri(run: _Run, artifact: _Artifact) -> str:
    """Return the path that an artifact's location means, by what its run says of bases (SARIF 3.4)."""
    if not artifact.uri and 0 <= artifact.index < len(run.artifacts):
        artifact = run.artifacts[artifact.index].location
    uri, base = artifact.uri, artifact.uri_base_id
    for _ in range(_MOST_BASES):
        parts = urlsplit(uri) if uri.isprintable() else None
        if parts is None or parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost"):
            return ""
        if parts.scheme or base not in run.original_uri_base_ids:
            return unquote(parts.path, errors="surrogateescape")
        above = run.original_uri_base_ids[base]
        uri, base = above.uri + uri, above.uri_base_id
    return ""


class _PyrightPosition(_Part):
    line: _Count
    character: _Count


class _PyrightRange(_Part):
    start: _PyrightPosition


class _PyrightDiagnostic(_Part):
    file: _Text = ""
    severity: _Text = ""
    message: _Text
    rule: _Text = ""
    range: _PyrightRange | None = None


class _Pyright(_Part):
    general_diagnostics: Annotated[list[_PyrightDiagnostic], Field(max_length=MOST)]


def read_pyright(data: bytes, root: Path) -> Iterator[Remark]:
    """Yield what `pyright --outputjson` says; it counts from 0."""
    for found in _parse(_Pyright, data).general_diagnostics:
        path, start = _relative(found.file, root), found.range.start if found.range else None
        line, column = (start.line + 1, start.character + 1) if start else (0, 0)
        yield Remark(path, line, column, found.rule, found.message, found.severity)


READERS: Final[Mapping[str, Callable[[bytes, Path], Iterator[Remark]]]] = {
    "lines": read_lines, "rdjson": read_rdjson, "sarif": read_sarif, "pyright": read_pyright,
}  # fmt: skip


def _parse(kind: type[_Kind], data: bytes) -> _Kind:
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        first: Any = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise CodegateError(f"its report cannot be read: {where or 'it'}: {first['msg']}") from error


def _relative(path: str, root: Path) -> str | None:
    """Return a path as it stands in the checkout; None for none, or for one outside."""
    if not path or "\0" in path:
        return None
    if path.startswith("/"):
        top = next((t for t in (str(root), str(root.resolve())) if path.startswith(f"{t}/")), None)
        if top is None:
            return None
        path = path[len(top) + 1 :]
    path = posixpath.normpath(path)
    return None if path in (".", "..") or path.startswith("../") else path
