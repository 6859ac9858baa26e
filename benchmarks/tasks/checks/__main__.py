"""Run the check of a case file: ends with 1, and says what is wrong on the last line, where something is."""

from __future__ import annotations

import ast
import importlib
import json
import re
import sys
from pathlib import Path
from typing import Any

from . import behaviour, case, docstrings, forms, hinting, keeping, services, testing

_ROOMS = (behaviour, case, docstrings, forms, hinting, keeping, services, testing)


def main() -> None:
    told = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    path, _, name = told["target"].partition("::")
    case.CASE.before, case.CASE.after = told["before"], told["after"]
    case.CASE.path, case.CASE.name, case.CASE.source = path, name, told["source"]
    assert told["after"] != told["before"], "nothing changed"
    known: dict[str, Any] = {"ast": ast, "importlib": importlib, "json": json, "re": re, "sys": sys}
    for room in _ROOMS:
        known |= {key: value for key, value in vars(room).items() if not key.startswith("_")}
    known |= {"before": told["before"], "after": told["after"], "path": path, "name": name}
    exec(compile(told["check"], "check", "exec"), known)


main()
