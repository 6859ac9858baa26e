"""Evaluates expressions in a module's names, and says what came of each: runs alone, in the sandbox.

Called with a file of JSON: `token`, `setup` (statements), `expressions`. Each line on standard output that
begins with the token is `{"at": number, "value": repr}` or `{"at", "raised", "module", "message"}`, with
`"literal"`: whether the repr means an equal value again, and `"stable"`: whether a second call said the same.
"""

from __future__ import annotations

import ast
import contextlib
import io
import json
import sys
from typing import Any

_LONG = 2000


def _said(expression: str, names: dict[str, Any]) -> dict[str, Any]:
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            value = eval(expression, dict(names))  # noqa: S307 - this runs in the sandbox
        text = repr(value)
    except (Exception, SystemExit) as error:  # one that ends the program is an answer, not the end
        kind = type(error)
        return {"raised": kind.__qualname__, "module": kind.__module__, "message": str(error)[:_LONG]}
    return {"value": text, "type": type(value).__name__, "literal": _is_literal(text, value)}


def _is_literal(text: str, value: object) -> bool:
    try:
        read = ast.literal_eval(text)
        return len(text) <= _LONG and type(read) is type(value) and bool(read == value)
    except Exception:
        return False


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        asked = json.load(file)
    names: dict[str, Any] = {}
    with contextlib.redirect_stdout(io.StringIO()):
        exec(asked["setup"], names)  # noqa: S102
    for at, expression in enumerate(asked["expressions"]):
        first, second = _said(expression, names), _said(expression, names)
        print(f"\n{asked['token']}{json.dumps({'at': at, **first, 'stable': first == second})}", flush=True)


if __name__ == "__main__":
    main()
