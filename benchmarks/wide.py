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
    for path, text in modules.items():
        (result / path).write_text(_changed(text), encoding="utf-8", newline="")
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


def _changed(text: str) -> str:
    """Return a module with an import more, another comment, and a function more."""
    imports = [node.lineno - 1 for node in ast.parse(text).body if isinstance(node, ast.Import)]
    comment = re.compile(r"^([ \t]*# \w.*)$", re.MULTILINE)
    lines = comment.sub(r"\1 (see below)", text, count=1).split("\n")
    if imports:
        lines.insert(imports[0], "import collections.abc as _abc")
    return "\n".join(lines).rstrip("\n") + (_ADDED if imports else _ADDED.replace("_abc.Iterable", "list"))


_ADDED = '''


def _sizes(values: _abc.Iterable[str]) -> dict[str, int]:
    """Return how long each value is."""
    return {value: len(value) for value in values}
'''
