"""`PYTHONPATH=tests python -m fuzz TARGET --seconds 600`, where `atheris` is installed.

What reaches code that nothing else reached goes to a folder of its own, what breaks a promise to the target's
corpus as `crash-…`: there it fails the tests until it is mended.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import atheris  # type: ignore[import-not-found]

with atheris.instrument_imports(include=["codegate", "unidiff"]):
    from fuzz.targets import CORPUS, TARGETS

_HUNK = re.compile(rb"(?m)^@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@")
# What a random change of bytes would not hit upon, line by line.
_LINES = {
    "diff": (
        b"diff --git a/README.md b/README.md", b"--- a/README.md", b"+++ b/README.md", b"--- /dev/null",
        b"+++ /dev/null", b"+++ b/new.py", b"@@ -1,1 +1,1 @@", b"@@ -0,0 +1,1 @@",
        b"new file mode 100644", b"new file mode 120000", b"deleted file mode 100644",
        b"old mode 100644", b"new mode 100755", b"rename from README.md", b"rename to new.md",
        b"copy from README.md", b"copy to new.md", b"similarity index 100%",
        b"index 1111111..2222222 100644", b"\\ No newline at end of file", b"+x", b"-x", b" x",
        b" # shop", b"-# shop", b"+\x0c", b"+\xc2\x85", b"+\xe2\x80\xa8", b"+\r", b"-- ", b"",
        b"GIT binary patch", b'+++ "b/\\303\\251.py"', b'diff --git "a/\\t" "b/\\t"',
    ),
    "splice": (
        b"```", b"```python", b"~~~", b"````", b"  ```", b"def total(accounts):", b"    return 0",
        b"class A:", b"class Account:", b"    def rich(self):", b"    @property", b"@staticmethod",
        b"import math", b"{", b"}", b"from typing import Any, cast", b"from x import *", b"    pass",
        b"    ...", b"\tdef f(self):", b"", b"# ... existing code ...", b"\t\treturn 1",
        b"export function run() {", b"export default class Cart {", b"  total() {",
        b"export interface Item {", b"const f = () => 1;", b"func main() {", b"impl S {",
        b"fn f(&self) -> u8 {", b"async def total():", b'    """', b"'''", b"x = \\", b"if x:",
        b"\xef\xbb\xbf", b"\x0c", b"\r",
    ),
    "escape": (
        b"diff --git a/x b/x", b"--- a/x", b"+++ b/x", b"@@ -1 +1 @@", b"+x", b"-x", b" x", b"\x1b[31m",
        b"\r", b"\xc2\x9b", b"\xe2\x80\xae", b"\xf3\xa0\x81\x81", b"\xed\xa0\x80", b"\xff", b"\\x1b",
        b"\xe3\x85\xa4", b"",
    ),
}  # fmt: skip


def mutator(lines: tuple[bytes, ...], finish: Callable[[bytes], bytes]) -> Callable[[bytes, int, int], bytes]:
    """Return what changes an input by whole lines, or as the fuzzer itself would."""

    def mutated(data: bytes, size: int, seed: int) -> bytes:
        chance = random.Random(seed)
        if chance.random() < 0.4:
            return bytes(atheris.Mutate(data, size))
        text = data.split(b"\n")
        for _ in range(chance.randint(1, 3)):
            at = chance.randrange(len(text) + 1)
            does = chance.randrange(4) if at < len(text) else 0
            if does == 0:
                text.insert(at, chance.choice(lines))
            elif does == 1:
                del text[at]
            elif does == 2:
                text.insert(at, chance.choice(text))
            else:
                text[at] = bytes(atheris.Mutate(text[at], 80))
        whole = b"\n".join(text)
        return (finish(whole) if chance.random() < 0.7 else whole)[:size]

    return mutated


def recounted(text: bytes) -> bytes:
    """Return a diff with the counts of each hunk those of its lines."""
    starts = [found.start() for found in _HUNK.finditer(text)]
    pieces = [text[: starts[0]]] if starts else [text]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=False):
        head, _, body = text[start:end].partition(b"\n")
        lines = body.split(b"\n")
        old = sum(line[:1] in (b" ", b"-") for line in lines)
        new = sum(line[:1] in (b" ", b"+") for line in lines)
        pieces.append(_HUNK.sub(rb"@@ -\g<1>,%d +\g<2>,%d @@" % (old, new), head) + b"\n" + body)
    return b"".join(pieces)


def main() -> None:
    parser = argparse.ArgumentParser(prog="fuzz", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=600)
    chosen = parser.parse_args()
    known = CORPUS / chosen.target
    found = Path(tempfile.mkdtemp(prefix=f"fuzz-{chosen.target}-"))
    print(f"new inputs go to {found}", file=sys.stderr)
    options = [
        str(found), str(known), f"-max_total_time={chosen.seconds}", "-max_len=2048", "-len_control=0",
        "-timeout=60", "-rss_limit_mb=3000", f"-artifact_prefix={known}{os.sep}", "-print_final_stats=1",
        "-reload=0",
    ]  # fmt: skip
    finish = recounted if chosen.target == "diff" else bytes
    with TARGETS[chosen.target]() as holds:
        mutated = mutator(_LINES[chosen.target], finish)
        atheris.Setup([sys.argv[0], *options], holds, custom_mutator=mutated)
        atheris.Fuzz()


if __name__ == "__main__":
    main()
