"""The readers that never err: what they refuse is wrong, and what they take is right."""

from __future__ import annotations

import base64
import json
import shutil
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from codegate import process
from codegate.errors import CodegateError

READERS: Final = ("python", "json", "jsonc", "toml", "yaml")
_TIMEOUT: Final = 60.0
_SHELL_TIMEOUT: Final = 10.0

# Reads what it is given and runs none of it. Each answer is flushed, so that a crash tells at which text.
# JSON is Python's but for its NaN and Infinity; where it only has comments or commas too many, that is said.
_CHILD: Final = r"""
import base64, json, re, resource, sys, tomllib, warnings
warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
EXTRA = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
COMMA = re.compile(r'("(?:\\.|[^"\\])*")|,(?=\s*[}\]])', re.DOTALL)

def constant(name):
    raise ValueError(name + " is no JSON")

def read_json(data, doubles=None):
    def pairs(found):
        if doubles is not None:
            doubles.extend(twice(key for key, _ in found))
    json.loads(data, parse_constant=constant, parse_int=str, parse_float=str, object_pairs_hook=pairs)

def twice(keys):
    seen = set()
    for key in keys:
        if key in seen and key != "<<" and not key.startswith(("//", "#")) and "comment" not in key.lower():
            yield [key[:100], None, None]
        seen.add(key)

def read_jsonc(data, doubles=None):
    text = EXTRA.sub(lambda found: found[1] or " ", data.decode("utf-8-sig"))
    read_json(COMMA.sub(lambda found: found[1] or " ", text), doubles)

def read_yaml(data, doubles):
    import yaml
    around = []  # of each collection: the keys so far, where it is a mapping, and whether a key comes next
    for event in yaml.parse(data, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
        if isinstance(event, yaml.NodeEvent) and around and around[-1][0] is not None:
            keys, is_key = around[-1]
            around[-1][1] = not is_key
            if is_key and isinstance(event, yaml.ScalarEvent):
                place = [event.start_mark.line + 1, event.start_mark.column + 1]
                doubles.extend([key, *place] for key, *_ in twice([*keys & {event.value}, event.value]))
                keys.add(event.value)
        if isinstance(event, yaml.CollectionStartEvent):
            around.append([set() if isinstance(event, yaml.MappingStartEvent) else None, True])
        elif isinstance(event, yaml.CollectionEndEvent):
            around.pop()
        if len(around) > 1000:  # from here on each level takes as long as all before
            raise RecursionError

def read(kind, data, doubles):
    if kind == "python":
        compile(data, "file", "exec", dont_inherit=True)
    elif kind == "json":
        read_json(data, doubles)
    elif kind == "jsonc":
        read_jsonc(data, doubles)
    elif kind == "toml":
        tomllib.loads(data.decode("utf-8-sig"))
    else:
        read_yaml(data, doubles)

def is_jsonc(data):
    try:
        read_jsonc(data)
    except (ValueError, RecursionError, MemoryError):
        return False
    return True

def wrong(error):
    mark = getattr(error, "problem_mark", None)
    if mark is not None:
        return [error.problem or error.context or "invalid YAML", mark.line + 1, mark.column + 1]
    if isinstance(error, SyntaxError):
        # Where a text cannot even be decoded, Python speaks of line 0 and column -1.
        place = [number if number and number > 0 else None for number in (error.lineno, error.offset)]
        return [error.msg or "invalid syntax", *place]
    if isinstance(error, json.JSONDecodeError):
        return [error.msg, error.lineno, error.colno]
    place = re.search(r" \(at line (\d+), column (\d+)\)$", str(error))
    if place:
        return [str(error)[:place.start()], int(place[1]), int(place[2])]
    return [type(error).__name__ + ": " + str(error)[:200], None, None]

for line in sys.stdin:
    kind, text = line.split(" ")
    data, answer, doubles = base64.b64decode(text), None, []
    try:
        read(kind, data, doubles)
    except (MemoryError, RecursionError):
        answer = ["too deep or too long for its reader", None, None]
    except Exception as error:
        answer = wrong(error)
    if answer:
        answer.append(kind == "json" and is_jsonc(data))
    elif doubles:
        answer = ["keys that stand there twice", None, None, False, doubles[:100]]
    print(json.dumps(answer), flush=True)
"""


@dataclass(frozen=True, slots=True)
class Complaint:
    """What is wrong with a text, and where; `is_dialect` says that many readers take it all the same.

    A sound text is complained of for its `doubles` alone: keys that one mapping has more than once, of which
    most readers take the last, each with its line and column where they are known.
    """

    message: str
    line: int | None
    column: int | None
    is_dialect: bool = False
    doubles: Sequence[tuple[str, int | None, int | None]] = ()


def complaints(texts: Sequence[tuple[str, bytes]]) -> list[Complaint | None]:
    """Return for each text, given with its language, None or the first thing that is wrong in it.

    A text at which the reader itself dies or hangs is complained of, and those after it are read too. Takes
    two minutes at most: what is not read by then is complained of.
    """
    answers: list[Complaint | None] = []
    deadline = time.monotonic() + 2 * _TIMEOUT
    while len(answers) < len(texts):
        left = deadline - time.monotonic()
        if left <= 0:
            answers.append(_beyond())
            continue
        given = _ask(texts[len(answers) :], min(left, _TIMEOUT))
        answers += given
        if len(answers) < len(texts):
            answers.append(_beyond())
    return answers


def _ask(texts: Sequence[tuple[str, bytes]], seconds: float) -> list[Complaint | None]:
    lines = b"".join(kind.encode() + b" " + base64.b64encode(data) + b"\n" for kind, data in texts)
    done = process.run(
        [sys.executable, "-I", "-c", _CHILD], stdin=lines, env=process.environment(), timeout=seconds
    )
    given = [json.loads(line) for line in done.stdout.splitlines() if line.endswith((b"l", b"]"))]
    if not given and done.returncode > 0:
        said = done.stderr[-300:].decode(errors="replace")
        raise CodegateError(f"Python's own readers could not be asked: {said}")
    return [answer and Complaint(*answer) for answer in given]


def _beyond() -> Complaint:
    return Complaint("too deep or too long for its reader", None, None)


def is_sound_shell(data: bytes) -> bool:
    """Say whether bash, which runs nothing of it, reads a script without an error; False without bash."""
    bash = shutil.which("bash")
    if bash is None:
        return False
    done = process.run([bash, "-n"], stdin=data, env={"LC_ALL": "C.UTF-8"}, timeout=_SHELL_TIMEOUT)
    return done.returncode == 0
