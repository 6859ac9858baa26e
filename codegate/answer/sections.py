"""Text put under a heading of Markdown or reStructuredText, or in a new section beside one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

_MARKDOWN: Final = re.compile(r"(#{1,6})[ \t]+(.+?)[ \t]*#*")
_FENCE: Final = re.compile(r"[ \t]*(```|~~~)")
_UNDERLINE: Final = re.compile(r"([=\-~^\"'`+*#:.])\1{2,}[ \t]*")
_LEAST: Final = 3  # so many marks are an underline
_ITEM: Final = re.compile(r"[ \t]*[-*+][ \t]+")


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading in lines `start` to `end` (the first behind it). `level` counts from 1, the outermost."""

    title: str
    level: int
    start: int
    end: int
    mark: str


def inserted(text: str, path: str, place: str) -> str:
    """Return the text with `path`'s section grown by `place`.

    `path` is a heading, or several with ` / ` between them, each below the one before. Those that are not
    there are made: behind the last section of their level, or where ` before ` or ` after ` and the name of
    another say so, as in `Install before Usage`; `Version 2 on top` is made before all of its level.
    """
    lines = text.split("\n")
    around: Heading | None = None
    steps = [step for part in path.split(" / ") if (step := part.strip())]
    for number, step in enumerate(steps, 1):
        title, where, other = _place_of(step)
        known = list(_within(lines, around))
        found = _titled(known, title)
        if found is None:
            made = _with_section(lines, around, known, title, where, other, place)
            if number == len(steps):
                return "\n".join(made)
            lines = _with_section(lines, around, known, title, where, other, "")
            found = _titled(_within(lines, around), title)
        if found is None:  # what is made is no heading there: in code that no fence ends
            return "\n".join(made)
        around = found
    return "\n".join(_with_text(lines, around, place))


def _titled(known: Iterable[Heading], title: str) -> Heading | None:
    return next((h for h in known if title.lower() in h.title.lower()), None)


def _place_of(step: str) -> tuple[str, str, str]:
    for where in (" before ", " after "):
        title, found, other = step.partition(where)
        if found:
            return title.strip(), where.strip(), other.strip()
    title = step.removesuffix(" on top")
    return title, "top" if title != step else "", ""


def headings(lines: list[str]) -> Iterator[Heading]:
    """Yield the headings of a text, not those within fenced code."""
    fenced, marks = "", list[str]()
    for at, line in enumerate(lines):
        fence = _FENCE.match(line)
        if fence and (not fenced or fence[1] == fenced) and (fenced or not _underlines(lines, at)):
            fenced = "" if fenced else fence[1]
        elif not fenced and (found := _MARKDOWN.fullmatch(line)):
            yield Heading(found[2], len(found[1]), at, at + 1, "#")
        elif not fenced and at and _UNDERLINE.fullmatch(line) and _is_title(lines[at - 1], line):
            if line[0] not in marks:
                marks.append(line[0])
            yield Heading(lines[at - 1].strip(), 1 + marks.index(line[0]), at - 1, at + 1, line[0])


def _underlines(lines: list[str], at: int) -> bool:
    """Say whether a line of tildes is an underline of reStructuredText: of a title that stands alone."""
    alone = at > 0 and (at == 1 or not lines[at - 2].strip())
    return alone and not lines[at].strip("~ ") and _is_title(lines[at - 1], lines[at])


def _is_title(title: str, line: str) -> bool:
    return (
        bool(title.strip())
        and not title.startswith((" ", "-", "*", "#"))
        and len(line) >= len(title.rstrip())
    )


def _within(lines: list[str], around: Heading | None) -> Iterator[Heading]:
    end = len(lines) if around is None else _end(lines, around)
    start = 0 if around is None else around.end
    yield from (h for h in headings(lines) if start <= h.start < end)


def _end(lines: list[str], heading: Heading) -> int:
    """Return the line that a section ends before."""
    later = (h.start for h in headings(lines) if h.start >= heading.end and h.level <= heading.level)
    return min(later, default=len(lines))


def _with_text(lines: list[str], around: Heading | None, place: str) -> list[str]:
    end = len(lines) if around is None else _end(lines, around)
    return _joined(lines[:end], place, lines[end:])


def _with_section(
    lines: list[str],
    around: Heading | None,
    known: list[Heading],
    title: str,
    where: str,
    other: str,
    place: str,
) -> list[str]:
    beside = next((h for h in known if other and other.lower() in h.title.lower()), None)
    like = beside or _typical(known, around)
    head = _written(title, around, like)
    if beside is not None and where == "before":
        at = beside.start
    elif where == "top" and like is not None:
        at = like.start
    elif beside is not None:
        at = _end(lines, beside)
    else:
        at = len(lines) if around is None else _end(lines, around)
    return _joined(lines[:at], f"{head}\n\n{place}".rstrip("\n"), lines[at:])


def _typical(known: list[Heading], around: Heading | None) -> Heading | None:
    """Return the first heading of the level that a new section has: below the one around, or the title."""
    if not known:
        return None
    level = min(h.level for h in known)
    same = [h for h in known if h.level == level]
    if around is None and len(same) == 1 and (deeper := [h for h in known if h.level > level]):
        return _typical(deeper, around)
    return same[0]


def _written(title: str, around: Heading | None, like: Heading | None) -> str:
    if like is not None and like.mark != "#":
        return f"{title}\n{like.mark * max(len(title), _LEAST)}"
    if around is not None and around.mark != "#":
        mark = next(m for m in "-~^" if m != around.mark)
        return f"{title}\n{mark * max(len(title), _LEAST)}"
    level = like.level if like is not None else around.level + 1 if around is not None else 2
    return f"{'#' * min(level, 6)} {title}"


def _joined(before: list[str], place: str, after: list[str]) -> list[str]:
    """Return the lines with the text between them: right behind a list's last item, else a line apart."""
    while before and not before[-1].strip():
        before = before[:-1]
    while after and not after[0].strip():
        after = after[1:]
    item = _last_item(before)
    listed = bool(item) and bool(_ITEM.match(place))
    if listed:
        place = item + _ITEM.sub("", place, count=1)
    gap = [""] if before and not listed else []
    return [*before, *gap, *place.split("\n"), *([""] if after else []), *(after or [""])]


def _last_item(before: list[str]) -> str:
    """Return how the last item of a list that ends the lines is marked; nothing if none does."""
    for line in reversed(before):
        if found := _ITEM.match(line):
            return found[0]
        if not line.startswith((" ", "\t")):
            return ""
    return ""
