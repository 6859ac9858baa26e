"""Whether a docstring is of its style, and tells of the code what is true."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Sequence
from typing import Any

from .case import node
from .keeping import same_code

_SECTIONS = {
    "google": (r"^(?:Args|Arguments|Parameters|Keyword Args):\s*$", r"^Raises:\s*$", r"^(?:Returns|Yields):"),
    "numpy": (r"^Parameters\n-+\s*$", r"^Raises\n-+\s*$", r"^(?:Returns|Yields)\n-+\s*$"),
}


_PLACEHOLDER = re.compile(
    r"_description_|_summary_|\bTODO\b|\bFIXME\b|<[a-z ]+>|\[description\]|lorem ipsum", re.I
)


def docstring(
    style: str, *, words: Sequence[str] = (), raises: Sequence[str] = (), may_raise: Sequence[str] = (),
    params: Sequence[str] | None = None, returns: bool | None = None,
) -> None:  # fmt: skip
    """Refuse a docstring of another style, or that tells what the code has not, or not what it has.

    `params` are the signature's without one. `raises` are the exceptions that it must name, `may_raise` those
    that it may name too. Each of `words` is a regular expression that some of it must match. Only the
    docstring may have changed.
    """
    same_code()
    text = inspect.cleandoc(ast.get_docstring(node(), clean=False) or "")
    assert text, "there is no docstring"
    first = text.partition("\n\n")[0]
    assert len(first.split()) >= 3, f"it says nothing: {first!r}"
    assert not re.match(r"(?:Args|Parameters|Returns|Raises)(?::|\n-)|:param", first), (
        "no sentence comes first"
    )
    assert not (bad := _PLACEHOLDER.search(text)), f"a placeholder: {bad and bad[0]}"
    told = _documented(style, text)
    wanted = _parameters() if params is None else list(params)
    assert sorted(told["params"]) == sorted(wanted), (
        f"parameters {sorted(told['params'])}, not {sorted(wanted)}"
    )
    for parameter, said in told["params"].items():
        assert len(re.findall(r"\w+", said)) >= 2, f"says nothing of {parameter}: {said!r}"
    named = set(told["raises"])
    assert named >= set(raises), f"does not name {sorted(set(raises) - named)}"
    assert named <= {*raises, *may_raise}, f"raises no {sorted(named - {*raises, *may_raise})}"
    if returns is not None:
        assert bool(told["returns"]) == returns, f"returns: {told['returns']!r}"
    for word in words:
        assert re.search(word, text, re.I), f"nothing of /{word}/ in it"


def _parameters() -> list[str]:
    given = node().args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [one.arg for one in every if one is not None and one.arg not in ("self", "cls")]


def _documented(style: str, text: str) -> dict[str, Any]:
    if style == "rest":
        fields = _fields(text)
        params = {
            a.split()[-1].lstrip("*").strip("\\*"): b
            for k, a, b in fields
            if k in ("param", "parameter", "arg")
        }
        raised = [
            a.split()[-1].rpartition(".")[2]
            for k, a, _ in fields
            if k in ("raises", "raise", "except") and a.split()
        ]
        returned = " ".join(b for k, _, b in fields if k in ("return", "returns", "yields", "yield"))
        return {"params": params, "raises": raised, "returns": returned.strip()}
    starts = _SECTIONS[style]
    entry = (
        r"^\s*\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:(.*)$"
        if style == "google"
        else r"^\*{0,2}(\w+(?:, *\*{0,2}\w+)*)\s*(?:[:(].*)?$"
    )
    params = {}
    for names, said in _entries(style, _section(style, text, starts[0]), entry):
        params.update({one.strip(" *"): said for one in names.split(",")})
    pattern = r"^\s*([\w.`~:]+)\s*:(.*)$" if style == "google" else r"^([\w.`~:]+)\s*:?$"
    raised = [
        n.strip("`~:").rpartition(".")[2]
        for n, _ in _entries(style, _section(style, text, starts[1]), pattern)
    ]
    found = re.search(starts[2], text, re.M)
    returned = text[found.end() :].split("\n\n")[0].strip() if found else ""
    return {"params": params, "raises": raised, "returns": returned}


def _fields(text: str) -> list[tuple[str, str, str]]:
    """Return the fields of reST, `:kind argument: what is said`, with the lines that continue each."""
    found: list[tuple[str, str, str]] = []
    open_ = False
    for line in text.splitlines():
        if match := re.match(r":(\w+)([^:]*):(.*)$", line):
            found.append((match[1], match[2], match[3]))
        elif open_ and (line[:1].isspace() or not line) and found:
            found[-1] = (*found[-1][:2], f"{found[-1][2]} {line.strip()}")
        open_ = bool(match) or (open_ and (line[:1].isspace() or not line))
    return found


def _section(style: str, text: str, start: str) -> str:
    found = re.search(start, text, re.M)
    if not found:
        return ""
    rest = text[found.end() :].strip("\n")
    end = re.search(r"^\S.*:\s*$|^\S" if style == "google" else r"^\w[\w ]*\n-{3,}\s*$", rest, re.M)
    return (
        inspect.cleandoc("\n" + rest[: end.start() if end else None])
        if style == "google"
        else rest[: end.start() if end else None]
    )


def _entries(style: str, section: str, pattern: str) -> list[tuple[str, str]]:
    """Return the entries of a section: lines at the left margin, and what is said below each."""
    found: list[tuple[str, str]] = []
    for line in section.splitlines():
        if line and not line[0].isspace() and (match := re.match(pattern, line)):
            found.append((match[1], match[2] if match.re.groups > 1 else ""))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
    return found
