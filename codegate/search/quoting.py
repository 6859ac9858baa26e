"""What was found of an answer, as a remark for the model that wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from codegate.core import Finding, Outcome, Refused, Severity
from codegate.search.tried import Tried, rank
from codegate.visible import visible, visible_block

Blobs = Callable[[Iterable[str]], Mapping[str, bytes]]

# Of the findings as much as a small model can still make something of, in characters.
_WHOLE: Final = 1500
_MESSAGE: Final = 500
_LINE: Final = 160
_UNTOLD: Final = "(what it says may quote a file that stays on its machine)"


@dataclass(frozen=True, slots=True)
class Quote:
    """The errors of one answer. `text` quotes them, bounded and escaped; `summary` is one line for a person.

    `errors` names them whatever line they are on: the same set again means that quoting them changed nothing.
    """

    text: str
    summary: str
    errors: frozenset[tuple[str, str, str]]


def quote(tried: Iterable[Tried], blobs: Blobs) -> Quote | None:
    """Return the errors of the best of those answers that a gate or a reader said no to.

    What may quote a file that is kept from the model is left out. `blobs` gives the bytes of what the answers
    hold, by its ids. None where there is no such answer, or where
    a gate broke: another answer does not mend a gate.
    """
    refused = sorted((one for one in tried if not one.passed), key=rank)
    if any(verdict.outcome is Outcome.BROKEN for one in refused for verdict in one.verdicts):
        return None
    errors = [(one, list(_errors(one))) for one in refused]
    first = next(((one, found) for one, found in errors if found), None)
    if first is None:
        return None
    one, found = first
    texts = _texts(one, found, blobs)
    may_tell = one.reading.asked.context.kept.may_tell
    told = (f if may_tell(f.rule, f.path) else replace(f, message=_UNTOLD) for f in found)
    return Quote(
        _cut(_said(finding, texts) for finding in told),
        _summary(found),
        frozenset((f.rule, f.path or "", f.message.partition("\n")[0]) for f in found),
    )


def _errors(one: Tried) -> Iterator[Finding]:
    """Yield what stands against an answer: each error, and a gate's own word where it fails without one."""
    if (refusal := one.reading.refusal) is not None:
        yield Finding(refusal.rule, Severity.ERROR, refusal.message, refusal.path)
    for verdict in one.judged.verdicts if isinstance(one.judged, Refused) else ():
        errors = [f for f in verdict.findings if f.severity is Severity.ERROR]
        yield from errors
        if verdict.outcome is Outcome.FAILED and not errors:
            yield Finding(f"{verdict.gate}/failed", Severity.ERROR, verdict.summary)


def _texts(one: Tried, found: list[Finding], blobs: Blobs) -> Mapping[str, list[str]]:
    """Return the lines of each file of the answer in which something was found."""
    changes = one.reading.candidate.changes if one.reading.candidate else ()
    new = {c.path: c.new_blob for c in changes if c.new_blob is not None}
    wanted = {f.path: new[f.path] for f in found if f.line and f.path in new}
    read = blobs(wanted.values())
    return {path: read[blob].decode("utf-8", "replace").split("\n") for path, blob in wanted.items() if path}


def _said(finding: Finding, texts: Mapping[str, list[str]]) -> str:
    """Return a finding with the line it is about: the model is not shown its answer, and may not know."""
    place = ":".join(str(part) for part in (finding.path, finding.line) if part)
    message = visible_block(finding.message)
    if len(message) > _MESSAGE:  # what a test says of its failure is at the end
        message = f"{message[: _MESSAGE // 4]} … {message[-3 * _MESSAGE // 4 :]}"
    lines = texts.get(finding.path or "", [])
    line = lines[finding.line - 1].strip() if finding.line and finding.line <= len(lines) else ""
    about = f"\n    in: {visible(line[:_LINE])}" if line else ""
    return f"{visible(place)} {visible(finding.rule)} {message}{about}".strip()


def _cut(said: Iterable[str]) -> str:
    """Return as many of the findings as there is room for, each whole, but for the first."""
    kept: list[str] = []
    for text in said:
        if kept and sum(map(len, kept)) + len(text) > _WHOLE:
            break
        kept.append(text)
    return "\n".join(kept)[:_WHOLE]


def _summary(found: list[Finding]) -> str:
    first = found[0]
    place = ":".join(str(part) for part in (first.path, first.line) if part)
    more = f" and {len(found) - 1} more" if len(found) > 1 else ""
    return f"{first.rule}{' ' if place else ''}{place}{more}"
