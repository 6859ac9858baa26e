"""What a project's `pyproject.toml` says of how its code is written."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from typing import Any

_STYLES = {"google": "google", "numpy": "numpy", "pep257": "rest"}


@dataclass(frozen=True, slots=True)
class ProjectFacts:
    """`python` is the oldest version that is meant to run it, 3.10 where it does not say.

    `style` is the docstring convention that its linter is told, or empty; `line_length` its line length.
    """

    python: tuple[int, int] = (3, 10)
    style: str = ""
    line_length: int = 88


def project_facts(pyproject: bytes | None) -> ProjectFacts:
    """Return what the bytes of a `pyproject.toml` say; what cannot be read says nothing."""
    try:
        table: dict[str, Any] = tomllib.loads((pyproject or b"").decode())
        requires = str(table.get("project", {}).get("requires-python", ""))
        tools = table.get("tool", {})
        ruff = tools.get("ruff", {})
        lint = {**ruff, **ruff.get("lint", {})}
        convention = lint.get("pydocstyle", {}).get(
            "convention", tools.get("pydocstyle", {}).get("convention", "")
        )
        length = ruff.get("line-length", tools.get("black", {}).get("line-length", 88))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, AttributeError, TypeError):
        return ProjectFacts()
    oldest = re.search(r">=?\s*3\.(\d{1,2})", requires)
    return ProjectFacts(
        (3, int(oldest[1])) if oldest else (3, 10),
        _STYLES.get(convention, "") if isinstance(convention, str) else "",
        length if isinstance(length, int) else 88,
    )
