"""What a person is shown of a candidate. Every word of the model's or the repository's passes `visible`."""

from __future__ import annotations

from collections.abc import Iterator

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.text import Text

from codegate.core import Gated
from codegate.report import Report, lines_of
from codegate.visible import is_hidden, visible

_GUTTER = "  ↪ "
_TAB = 4
_ROLES = {
    "verdict": "bold", "passed": "green", "failed": "red", "broken": "red", "skipped": "yellow",
    "error": "red", "warning": "yellow", "note": "", "hint": "cyan", "more": "dim",
}  # fmt: skip


def draw_gated(gated: Gated, report: Report, heading: str, *, whole: bool, width: int) -> RenderableType:
    """Return all that was judged: what to look at first, git's diff, the verdicts, and what it is called.

    Every row fits in `width` cells, and one that goes on from the row above says so: what a model wrote can
    neither lose a space at a break nor look like a row of ours.
    """
    rows = [Text(visible(line), style="bold") for line in heading.splitlines()]
    rows += [Text(line.text, style=_ROLES[line.role]) for line in lines_of(report) if line.role == "warning"]
    rows += [Text(), *draw_diff(gated.candidate.diff), Text(), *draw_report(report)]
    rows.append(Text(f"tree {gated.candidate.tree}", style="dim"))
    if whole:
        rows += [
            Text(f"base {gated.candidate.base.commit}, tree {gated.candidate.base.tree}", style="dim"),
            Text(f"diff {gated.candidate.diff_sha256}", style="dim"),
            Text(f"rules {gated.rules_sha256}", style="dim"),
            *(Text(f"{v.gate} took {v.seconds:.2f} s", style="dim") for v in gated.verdicts),
        ]
    rows.append(Text(f"digest {gated.digest}", style="dim"))
    return Group(*(part for row in rows for part in _broken(row, width)))


def _broken(row: Text, width: int) -> Iterator[Text]:
    """Yield a row in pieces of at most `width` cells, those after the first behind a gutter."""
    if row.cell_len <= width:
        yield row
        return
    room, breaks = width, []
    for place, character in enumerate(row.plain):
        size = cell_len(character)
        if size > room:
            breaks.append(place)
            room = width - cell_len(_GUTTER)
        room -= size
    first, *rest = row.divide(breaks)
    yield first
    yield from (Text.assemble((_GUTTER, "dim"), part) for part in rest)


def draw_report(report: Report) -> Iterator[Text]:
    """Yield the report's lines, coloured by what they say."""
    for line in lines_of(report):
        yield Text(line.text, style=_ROLES.get(line.role, ""))


def draw_diff(diff: bytes) -> Iterator[Text]:
    """Yield git's own diff line by line, split where git splits, with every hidden character as an escape."""
    in_hunk = False
    for raw in diff.removesuffix(b"\n").split(b"\n"):
        line = raw.decode("utf-8", "backslashreplace")
        if line.startswith("diff --git "):
            in_hunk = False
        elif line.startswith("@@"):
            in_hunk = True
        # Inside a hunk `---` and `+++` are a removed and an added line like any other.
        style = (
            {"+": "green", "-": "red", "@": "cyan", "\\": "yellow"}.get(line[:1], "") if in_hunk else "bold"
        )
        yield _marked(line, style)


def _marked(line: str, style: str) -> Text:
    """Return a line in which escapes stand out from text that merely looks like one."""
    if visible(line) == line:
        return Text(line, style=style)
    text = Text(style=style)
    for character in line:
        if character == "\t":
            text.append("→".ljust(_TAB - text.cell_len % _TAB), style="dim")
        elif is_hidden(character):
            text.append(visible(character), style="reverse bold red")
        else:
            text.append(character)
    return text
