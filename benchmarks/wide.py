"""A wide diff of real code: a thousand modules of the standard library, a few lines changed in each."""

from __future__ import annotations

import ast
import itertools
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.projects import git

FILES = 1000
_LINES = range(60, 401)  # 200 on average
_IN_A_FOLDER = 50
# Of 6,758 Python files that 3,000 commits of six libraries changed 22 % got a new import.
_IMPORTING = 5
# The rules that ruff chose by itself until 0.15, which that library mostly keeps. The limits let a diff as
# wide as this be judged for more than its size.
_RULES = """\
[tool.ruff.lint]
select = ["E4", "E7", "E9", "F"]

[tool.codegate.scope]
max_files = 10_000
max_lines = 1_000_000
"""


@dataclass(frozen=True, slots=True)
class Wide:
    """A checkout at its base, another with the change made, its diff, and a file with its paths."""

    base: Path
    result: Path
    diff: Path
    paths: Path


def of_library(folder: Path) -> Wide:
    """Make a repository of FILES modules in `folder`, and a diff that changes some lines of every one."""
    base, result = folder / "base", folder / "result"
    base.mkdir()
    git(base, "init", "-q", "-b", "main")
    (base / "pyproject.toml").write_text(_RULES)
    modules = dict(_modules())
    for path, text in modules.items():
        (base / path).parent.mkdir(parents=True, exist_ok=True)
        (base / path).write_text(text, encoding="utf-8", newline="")
    git(base, "add", "-A")
    git(base, "commit", "-q", "-m", "start")
    git(folder, "clone", "-q", str(base), str(result))
    for number, (path, text) in enumerate(modules.items()):
        changed = _changed(text, imports=number % _IMPORTING == 0)
        (result / path).write_text(changed, encoding="utf-8", newline="")
    diff, paths = folder / "wide.diff", folder / "paths"
    diff.write_bytes(subprocess.run(["git", "diff"], cwd=result, check=True, stdout=subprocess.PIPE).stdout)
    paths.write_text("".join(f"{path}\n" for path in modules))
    return Wide(base, result, diff, paths)


def _modules() -> Iterator[tuple[str, str]]:
    """Yield FILES paths with texts: modules of this Python's library, in their order, some more than once."""
    library = Path(sysconfig.get_path("stdlib"))
    texts = [text for path in sorted(library.rglob("*.py")) if (text := _fit(path, library)) is not None]
    for number, text in zip(range(FILES), itertools.cycle(texts), strict=False):
        yield f"src/part{number // _IN_A_FOLDER}/module{number}.py", text


def _fit(path: Path, library: Path) -> str | None:
    """Return the text of a module of the wanted length that parses; None of another one."""
    if "site-packages" in path.relative_to(library).parts:
        return None
    try:
        text = path.read_text("utf-8")
        ast.parse(text)
    except (OSError, ValueError, SyntaxError):
        return None
    return text if text.count("\n") in _LINES and "\r" not in text else None


def _changed(text: str, *, imports: bool) -> str:
    """Return a module with another comment and a function more, and if wanted an import that it uses."""
    # The last comment that stands alone: what precedes imports changes seldom.
    lines = re.sub(r"(?s)(.*\n[ \t]*# \w[^\n]*)", r"\1 (see below)", text, count=1).split("\n")
    modules = [node.lineno - 1 for node in ast.parse(text).body if isinstance(node, ast.Import)]
    kind = "list"
    if imports and modules:
        lines.insert(modules[0], "import collections.abc as _abc")
        kind = "_abc.Iterable"
    return "\n".join(lines).rstrip("\n") + _ADDED.format(kind)


_ADDED = '''


def _sizes(values: {}[str]) -> dict[str, int]:
    """Return how long each value is."""
    return {{value: len(value) for value in values}}
'''
