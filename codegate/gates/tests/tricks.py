"""What no run can tell: a file in the place of the runner's own, and code that knows it is being tested."""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Finding
from codegate.gates.lines import new_lines
from codegate.gates.tests.saying import short
from codegate.gates.weakening.files import is_test_file, test_file_patterns

if TYPE_CHECKING:
    from codegate.core import Change
    from codegate.gates import Rules
    from codegate.workspace import Workspace

# What pytest and unittest are made of, beside the standard library.
_RUNNERS: Final = frozenset([
    "pytest", "_pytest", "pluggy", "iniconfig", "packaging", "pygments", "exceptiongroup", "tomli", "py",
    "xdist", "execnet", "coverage", "sitecustomize", "usercustomize",
])  # fmt: skip
# Of the standard library's own names these are a project's, too.
_COMMON: Final = frozenset(["test", "this", "__main__", "__future__", "idlelib", "turtledemo", "lib2to3"])
_TOPS: Final = ("", "src", "lib")
_CODE: Final = (".py", ".pyc", ".so", ".pyd")
_WORDS: Final = re.compile(r"_?pytest(\.[\w.]*)?|PYTEST_\w+|pluggy|_called_from_test|CODEGATE_\w+|codegate_")
_ALWAYS: Final = re.compile(
    rb"def\s+__(?:eq__\s*\([^)]*\)[^\n:]*:\s*return\s+True|ne__\s*\([^)]*\)[^\n:]*:\s*return\s+False)\b"
)


def shadows(workspace: Workspace, rules: Rules, folders: Collection[str]) -> Iterator[Finding]:
    """Yield a finding for each new module that would be imported in the place of one that the tests run on.

    `folders` are those of tests: pytest puts them on the path, as `python -m` does the top.
    """
    configured = rules.config.tests.env.get("PYTHONPATH", "").split(":")
    tops = {*_TOPS, *folders, *(folder.strip("/") for folder in configured)}
    known: set[str] | None = None
    told = set()
    for change in workspace.candidate.changes:
        for top, module in _modules(change, tops):
            if module not in _RUNNERS and (module in _COMMON or module not in sys.stdlib_module_names):
                continue
            known = _modules_of(workspace.base_files()) if known is None else known
            place = f"{top}/{module}".lstrip("/")
            if place not in known and place not in told:
                told.add(place)
                message = f"this is imported where the tests, and what runs them, ask for `{module}`"
                hint = "Give it another name, or put it into a package."
                yield Finding("tests/shadow", rules.by_hand, message, change.path, hint=hint)


def _modules(change: Change, tops: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield the top-level modules that a new file makes, with the folder on the path each is found in."""
    if change.is_deletion or not change.is_new or not change.path.endswith(_CODE):
        return
    parts = change.path.split("/")
    for depth, part in enumerate(parts):
        top = "/".join(parts[:depth])
        if top in tops:
            yield top, part.partition(".")[0]


def _modules_of(paths: list[str]) -> set[str]:
    """Return the modules and packages that files make, as paths without an ending."""
    found = set()
    for path in paths:
        *folders, name = path.split("/")
        found |= {"/".join(folders[:depth]) for depth in range(1, len(folders) + 1)}
        found.add("/".join([*folders, name.partition(".")[0]]))
    return found


def aware(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each new line of code, tests left out, that names what runs tests, or equals all.

    Code that asks whether it is tested, or reaches into the runner, can look green and be wrong.
    """
    patterns = test_file_patterns(workspace)
    for change in workspace.candidate.changes:
        after = workspace.after(change.path)
        if after is None or not change.path.endswith(".py") or is_test_file(change.path, patterns):
            continue
        before = workspace.before(change.path) or b""
        lines = {number for number, _ in new_lines(before, after)}
        known = {word for _, word in _runners_named(before)}
        found = [(line, f"this names `{short(word)}`, which only tests and their tools need")
                 for line, word in _runners_named(after) if line in lines and word not in known]  # fmt: skip
        if len(_ALWAYS.findall(after)) > len(_ALWAYS.findall(before)):
            at = [after.count(b"\n", 0, m.start()) + 1 for m in _ALWAYS.finditer(after)]
            found += [(line, "this makes any comparison come out true") for line in at]
        for line, message in found:
            hint = "Take it out: code must do the same whether or not it is tested."
            yield Finding("tests/aware", rules.by_hand, message, change.path, line, hint=hint)


def _runners_named(source: bytes) -> list[tuple[int, str]]:
    """Return line and word of each name, and each string that is nothing but one, that tells of a runner."""
    found = []
    try:
        for token in tokenize.tokenize(io.BytesIO(source).readline):
            text = token.string
            if token.type == tokenize.STRING:
                text = text.lstrip("rRbBuUfF").strip("'\"")
            asked = text in ("unittest", "pytest")  # as in `"unittest" in sys.modules`
            named = token.type in (tokenize.NAME, tokenize.STRING) and _WORDS.fullmatch(text)
            if named or (token.type == tokenize.STRING and asked):
                found.append((token.start[0], text))
    except (tokenize.TokenError, SyntaxError, ValueError):  # the gate `syntax` tells of it
        pass
    return found
