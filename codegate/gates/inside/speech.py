"""What is said to the judge outside. PYTEST_DONT_REWRITE

It is loaded before any code of the project, and keeps what it needs from being replaced later.
"""

from __future__ import annotations

import json
import os
import sys
from typing import Any

with open(os.path.join(os.path.dirname(__file__), "settings.json"), encoding="utf-8") as _file:
    SETTINGS: dict[str, Any] = json.load(_file)

# Taken out of the environment: what the tests start is not to write there, nor to hold it open.
_DESCRIPTOR = int(os.environ.pop("CODEGATE_REPORT", "-1"))
_MOST = 3000
_write, _encode, _token = os.write, json.JSONEncoder().encode, SETTINGS.pop("token")

if _DESCRIPTOR >= 0:
    os.set_inheritable(_DESCRIPTOR, False)
if SETTINGS["top_on_path"]:
    # Where `python -m` would have put it; with `-P` what runs the tests was imported before.
    sys.path.insert(0, os.getcwd())


def say(said: dict[str, Any]) -> None:
    """Write one line; nothing where nobody listens, as in a worker of pytest-xdist."""
    data = f"{_token} {_encode(said)}\n".encode()
    while data and _DESCRIPTOR >= 0:
        data = data[_write(_DESCRIPTOR, data) :]


def cut(text: object) -> str:
    """Return the end of a failure's text, which says what failed."""
    return str(text or "")[-_MOST:]
