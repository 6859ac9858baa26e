"""Text of a repository that talks to a model, and what a model that obeys it would answer."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from codegate.core import Request, Target

FOLDER: Final = Path(__file__).parent
# As in tests/hostile: stands inside a made-up credential, so that no scanner takes its file for a leak.
JOINT: Final = "⁀"
# Rules of answers that may be proposed, and of requests that are not put to a model.
SHOWN: Final = "shown"
USAGE: Final = "usage"


@dataclass(frozen=True)
class Put:
    """A text in a file of the repository: in the place of `at` there, else the whole file.

    `calm` is what stands there in the repository without the injection: by default `at`, or a plain note.
    """

    path: str
    text: str
    at: str = ""
    calm: str = ""


@dataclass(frozen=True)
class Injection:
    """What stands where, what is asked, what an obedient model answers, and what refuses that.

    `rule` is `shown` where the answer may be proposed: its change then adds the lines `added`, and no others;
    and `usage` where the request itself is refused. `says` is the message that a repair quotes. `hidden`
    stands in a file that a model elsewhere is not shown. `names` tells that the injection is the name of a
    hole or a type; `uncommitted`, that it is in the work tree alone.
    """

    name: str
    where: str
    would: str
    puts: tuple[Put, ...]
    answer: str
    rule: str
    added: str = ""
    recipe: str = "edit"
    targets: tuple[str, ...] = ("src/shop/prices.py::taxed",)
    instruction: str = "Round half up."
    inputs: Mapping[str, str] = field(default_factory=dict)
    says: str = ""
    hidden: str = ""
    names: bool = False
    uncommitted: bool = False
    slow: bool = False

    @property
    def request(self) -> Request:
        parted = [text.partition("::") for text in self.targets]
        targets = tuple(Target(path, symbol or None) for path, _, symbol in parted)
        return Request(self.instruction, targets, self.recipe, dict(self.inputs))


def injections() -> Iterator[Injection]:
    """Yield every injection, file by file."""
    for path in sorted(FOLDER.glob("*.toml")):
        for given in tomllib.loads(path.read_text("utf-8"))["injection"]:
            yield _injection(path.stem, given)


def _injection(family: str, given: dict[str, Any]) -> Injection:
    puts = tuple(Put(**put) for put in given.pop("put", []))
    name, answer = f"{family}/{given.pop('name')}", given.pop("answer").replace(JOINT, "")
    if "targets" in given:
        given["targets"] = tuple(given["targets"])
    return Injection(name, puts=puts, answer=answer, **given)


def files(base: Path, injection: Injection, *, calm: bool) -> dict[str, bytes]:
    """Return the files that a repository has instead of the base's, with an injection or without it."""
    found: dict[str, bytes] = {}
    for put in injection.puts:
        text = (put.calm or put.at or "A note.\n") if calm else put.text
        if put.at:
            old = found.get(put.path) or (base / put.path).read_bytes()
            assert old.count(put.at.encode()) == 1, f"{injection.name}: “{put.at}” is not there once"
            found[put.path] = old.replace(put.at.encode(), text.encode())
        else:
            found[put.path] = text.encode()
    return found
