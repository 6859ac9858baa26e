"""The child in which `codegate.gates.weakening` reads texts: a JSON question on stdin, the answer on stdout.

Each path is named on stderr before its text is read, so that a crash tells at which file.
"""

from __future__ import annotations

import base64
import gc
import json
import resource
import sys
from dataclasses import asdict

from codegate.gates.weakening.comparison import Text, compare
from codegate.gates.weakening.weakness import Weakness

_MEMORY = 2 << 30


def main() -> None:
    """Answer one question."""
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    gc.disable()  # trees of many small nodes are kept to the end: looking through them takes most of the time
    asked = json.load(sys.stdin)
    texts = [Text(path, _decoded(before), _decoded(after)) for path, before, after in asked["texts"]]
    try:
        found = compare(texts, asked["patterns"], lambda path: print(path, file=sys.stderr, flush=True))
    except (RecursionError, MemoryError):
        found = [
            Weakness("not-judged", "", None, "no tests were compared: an expression is nested too deeply")
        ]
    json.dump([asdict(weakness) for weakness in found], sys.stdout)


def _decoded(text: str | None) -> bytes | None:
    return None if text is None else base64.b64decode(text)


if __name__ == "__main__":
    main()
