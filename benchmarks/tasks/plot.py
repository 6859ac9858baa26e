"""What came of tasks, as a picture: a bar for each way of asking, right, refused, and wrong but accepted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from benchmarks.tasks.table import Line

_LEFT, _RIGHT, _TOP, _BAR, _STEP = 250, 170, 56, 18, 28
_WIDTH: Final = 860
_SPAN: Final = _WIDTH - _LEFT - _RIGHT
# Colours that keep their meaning for people who see no red or green, on light and on dark.
_STYLE: Final = """
text { font: 13px system-ui, sans-serif; fill: #24292f }
.small { font-size: 11px; fill: #57606a }
.right { fill: #2f81f7 } .wrong { fill: #d9480f } .none { fill: #8c959f; opacity: .35 }
.grid { stroke: #8c959f; stroke-opacity: .35 }
@media (prefers-color-scheme: dark) { text { fill: #e6edf3 } .small { fill: #9198a1 } }
"""


def draw(lines: Sequence[Line]) -> str:
    """Return an SVG of what share of tasks ended right, and how many seconds each right answer took."""
    height = _TOP + _STEP * len(lines) + 26
    said = "; ".join(
        f"{line.model}, {line.way}: {line.share(line.right):.0%} right, {line.share(line.wrong):.1%} wrong"
        for line in lines
    )
    body = "\n".join(
        [*_legend(), *_grid(height), *(part for n, line in enumerate(lines) for part in _bar(n, line))]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">\n'
        f"<title>What came of the tasks</title>\n<desc>{escape(said)}</desc>\n"
        f"<style>{_STYLE}</style>\n{body}\n</svg>\n"
    )


def _legend() -> Iterator[str]:
    for at, kind, word in ((_LEFT, "right", "right"), (_LEFT + 70, "wrong", "wrong but accepted"),
                           (_LEFT + 220, "none", "refused, or nothing")):  # fmt: skip
        yield f'<rect class="{kind}" x="{at}" y="10" width="12" height="12" rx="2"/>'
        yield f'<text x="{at + 18}" y="20">{word}</text>'
    yield f'<text class="small" x="{_WIDTH - _RIGHT + 12}" y="20">right · s per right answer</text>'


def _grid(height: int) -> Iterator[str]:
    for share in (0, 25, 50, 75, 100):
        x = _LEFT + _SPAN * share / 100
        yield f'<line class="grid" x1="{x:g}" x2="{x:g}" y1="{_TOP - 8}" y2="{height - 24}"/>'
        yield f'<text class="small" x="{x:g}" y="{height - 8}" text-anchor="middle">{share} %</text>'


def _bar(number: int, line: Line) -> Iterator[str]:
    y = _TOP + _STEP * number
    name = escape(f"{line.model}, {line.way}")
    yield f'<text x="{_LEFT - 10}" y="{y + 14}" text-anchor="end">{name}</text>'
    right, wrong = line.share(line.right) * _SPAN, line.share(line.wrong) * _SPAN
    for kind, start, wide in (("none", 0.0, float(_SPAN)), ("right", 0.0, right), ("wrong", right, wrong)):
        if wide:
            yield f'<rect class="{kind}" x="{_LEFT + start:.1f}" y="{y}" width="{wide:.1f}" height="{_BAR}"/>'
    cost = line.per_right("seconds")
    told = f"{line.share(line.right):.0%}" + ("" if cost == float("inf") else f" · {cost:.1f} s")
    yield f'<text x="{_WIDTH - _RIGHT + 12}" y="{y + 14}">{told}</text>'
