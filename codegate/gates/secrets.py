"""Does the change add a credential?

One that is told by its own shape is an error from both origins; what just stands beside a word such as
`password` is a warning. Nothing is tried, nothing leaves the machine, and no finding holds the value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from codegate.core import Finding, Severity
from codegate.errors import CodegateError
from codegate.gates import conclude
from codegate.gates.lines import new_lines
from codegate.source.credentials import Credential, credentials

if TYPE_CHECKING:
    from codegate.core import Verdict
    from codegate.gates import Rules
    from codegate.workspace import Workspace

BASELINE: Final = ".secrets.baseline"
# The worst text takes some 10 s for each megabyte.
MAX_BYTES: Final = 3_000_000
# Behind a sign that starts a comment somewhere, as detect-secrets has it (filters/allowlist.py).
_PRAGMA: Final = re.compile(
    r"(?:#|//|/\*|'|--|;|<!--)[# \t]*pragma: ?(?:allow|white)list(?P<next>[ -]nextline)?[ -]secret",
    re.IGNORECASE,
)
_HINT: Final = (
    "Take it out, revoke it, and read it from the environment. If it is none, a person may say so by "
    f"`# pragma: allowlist secret` in that line, or commit it to {BASELINE} first."
)
_MAKE_ANEW: Final = f"Make it anew: `detect-secrets scan > {BASELINE}`."


class Secrets:
    """The gate `secrets`."""

    name = "secrets"

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        """Tell what looks like a credential on new lines, but for what the base holds or its baseline lists.

        Raises CodegateError where the base's baseline is needed and cannot be read.
        """
        findings: list[Finding] = []
        found: list[tuple[_Text, Credential]] = []
        left = MAX_BYTES
        for text in _texts(workspace):
            left -= text.size
            if left < 0:
                message = f"not judged: more than {MAX_BYTES // 1_000_000} MB of new lines"
                findings.append(
                    Finding("secrets/size", rules.by_hand, message, text.path, hint="Split the diff.")
                )
                continue
            findings += text.pragmas(rules)
            found += [(text, one) for one in credentials(text.path, text.lines, text.new)]
        added = _added(found, workspace) if found else []
        findings += [_finding(text, one, rules) for text, one in added]
        said = f"{len(added) or 'no'} new credential{'' if len(added) == 1 else 's'}"
        return conclude(self.name, findings, said)


@dataclass(frozen=True)
class _Text:
    """A changed file's text in the result, and the numbers of its new lines."""

    path: str
    before: bytes
    lines: list[str]
    new: list[int]

    @property
    def size(self) -> int:
        return sum(len(self.lines[number - 1]) for number in self.new)

    def allowlists(self, number: int) -> bool:
        """Say whether a comment says of a line that it holds no secret: in it, or alone in the one before."""
        own = _PRAGMA.search(self.lines[number - 1])
        above = _PRAGMA.match(self.lines[number - 2].lstrip()) if number > 1 else None
        return own is not None or (above is not None and above["next"] is not None)

    def pragmas(self, rules: Rules) -> Iterator[Finding]:
        """Yield a finding for each such comment that the file has more of than before."""
        silent = [number for number in self.new if _PRAGMA.search(self.lines[number - 1])]
        if silent:
            had = sum(bool(_PRAGMA.search(line)) for line in _decoded(self.before))
            have = sum(bool(_PRAGMA.search(line)) for line in self.lines)
            for number in silent[: max(have - had, 0)]:
                message = "this silences the search for credentials"
                hint = "Take it out; a person may add it by hand."
                yield Finding("secrets/suppression", rules.by_hand, message, self.path, number, hint=hint)


def _texts(workspace: Workspace) -> Iterator[_Text]:
    for change in workspace.candidate.changes:
        before, after = workspace.before(change.path) or b"", workspace.after(change.path)
        if after is not None and (new := [number for number, _ in new_lines(before, after)]):
            yield _Text(change.path, before, _decoded(after), new)


def _decoded(data: bytes) -> list[str]:
    """Return the lines as git has them. Without its NULs even UTF-16 shows what is ASCII in it."""
    return [line.replace("\0", "") for line in data.decode("utf-8", "replace").split("\n")]


def _added(found: list[tuple[_Text, Credential]], workspace: Workspace) -> list[tuple[_Text, Credential]]:
    """Return what neither the changed files held before, wherever, nor the base's baseline lists."""
    baseline = _Baseline.read(workspace.base_file(BASELINE))
    known: set[tuple[str, str]] = set()
    for change in workspace.candidate.changes:
        before = workspace.before(change.path)
        if before is not None and len(before) <= MAX_BYTES:
            lines = _decoded(before)
            held = credentials(change.path, lines, range(1, len(lines) + 1))
            known.update((one.kind, one.identity) for one in held)
    return [
        (text, one)
        for text, one in found
        if (one.kind, one.identity) not in known
        and not baseline.lists(text.path, one)
        and not baseline.excludes(text.path, text.lines[one.line - 1])
    ]


def _finding(text: _Text, found: Credential, rules: Rules) -> Finding:
    message = f"this line adds what looks like a credential: {found.kind}"
    rule, severity = ("credential", Severity.ERROR) if found.certain else ("keyword", Severity.WARNING)
    if found.certain and found.hidden:  # a person who takes one apart knows what it looks like
        severity, message = rules.by_hand, f"{message}, in halves or in base64"
    if found.certain and text.allowlists(found.line):
        severity, message = rules.by_hand, f"{message}; a comment says that it is none"
    return Finding(f"secrets/{rule}", severity, message, text.path, found.line, hint=_HINT)


@dataclass(frozen=True)
class _Baseline:
    """What the base says are no credentials: detect-secrets' own file, of which no code is ever loaded."""

    document: dict[str, Any]

    @classmethod
    def read(cls, data: bytes | None) -> _Baseline:
        try:
            baseline = cls(json.loads(data) if data is not None else {})
            _ = baseline._listed, baseline._excluded, baseline._asked
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, re.error) as error:
            raise CodegateError(f"{BASELINE} of the base cannot be read: {error!r}", _MAKE_ANEW) from error
        return baseline

    def lists(self, path: str, found: Credential) -> bool:
        """Say whether this very value is listed for this file, or what found it is not asked there at all."""
        unasked = not found.certain and self._asked is not None and found.detector not in self._asked
        return unasked or (path, found.kind, found.digest) in self._listed

    def excludes(self, path: str, line: str) -> bool:
        files, lines = self._excluded
        return any(p.search(path) for p in files) or any(p.search(line) for p in lines)

    @cached_property
    def _listed(self) -> set[tuple[str, str, str]]:
        results = self.document.get("results", {})
        return {
            (path, str(e["type"]), str(e["hashed_secret"])) for path, found in results.items() for e in found
        }

    @cached_property
    def _asked(self) -> set[str] | None:
        used = self.document.get("plugins_used")
        return None if used is None else {str(plugin["name"]) for plugin in used}

    @cached_property
    def _excluded(self) -> tuple[list[re.Pattern[str]], list[re.Pattern[str]]]:
        filters = {
            f["path"].rpartition(".")[2]: f.get("pattern", []) for f in self.document.get("filters_used", [])
        }
        given = [filters.get(f"should_exclude_{what}", []) for what in ("file", "line")]
        files, lines = ([re.compile(p) for p in ([g] if isinstance(g, str) else g)] for g in given)
        return files, lines
