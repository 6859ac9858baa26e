"""What is installed in the project's own environment, read from its files: nothing of it is imported."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from functools import cached_property
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Final

from codegate.gates.imports.known import canonical

_ENVIRONMENTS: Final = (".venv", "venv")


class Installed:
    """The environment in the checkout (`.venv`, `venv`), else the active one; it may have nothing."""

    def __init__(self, root: Path) -> None:
        active = os.environ.get("VIRTUAL_ENV")
        places = [*(root / name for name in _ENVIRONMENTS), *([Path(active)] if active else [])]
        chosen = next((place for place in places if (place / "pyvenv.cfg").is_file()), None)
        self._sites = sorted(chosen.glob("lib*/python3*/site-packages")) if chosen else []

    def owners(self, module: str) -> set[str] | None:
        """Return which distributions bring a module; None if it is not installed, empty if it is nobody's."""
        found = self._file(module.split("."))
        named = {dist for dist in self._names if dist == canonical(module.partition(".")[0])}
        if found is None:
            return named or None
        pattern = re.compile(rf"(?m)^{re.escape(found)}(?:/|\.|$)")
        brought = {
            name
            for name, dist in self._names.items()
            for listing in (
                dist.read_text("top_level.txt") if "/" not in found else None,
                dist.read_text("RECORD"),
            )
            if listing and pattern.search(listing)
        }
        return brought | named

    def tops(self) -> Iterator[str]:
        """Yield the names of all installed modules."""
        for site in self._sites:
            for path in site.iterdir():
                if path.suffix in ("", ".py", ".so") and not path.name.startswith(("_", ".")):
                    yield path.name.partition(".")[0]

    def _file(self, parts: list[str]) -> str | None:
        """Return where a module stands, relative to its site: the first package or file on its way."""
        for site in self._sites:
            for count in range(1, len(parts) + 1):
                at = site.joinpath(*parts[:count])
                if (at / "__init__.py").is_file() or any(at.parent.glob(f"{parts[count - 1]}.*")):
                    return "/".join(parts[:count])
                if not at.is_dir():
                    break
        return None

    @cached_property
    def _names(self) -> dict[str, Distribution]:
        found = {}
        for dist in distributions(path=[str(site) for site in self._sites]) if self._sites else ():
            if name := dist.metadata["Name"]:
                found[canonical(name)] = dist
        return found
