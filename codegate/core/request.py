"""What is asked of a model, and what its answer may touch."""

from __future__ import annotations

from dataclasses import dataclass, field

from codegate.core.verdict import Origin


@dataclass(frozen=True, slots=True)
class Target:
    """A file, or a symbol in it, that the request is about.

    `path` is relative to the top of the repository, with `/`. `symbol` is dotted for nested ones, None for
    the whole file.
    """

    path: str
    symbol: str | None = None

    def __str__(self) -> str:
        return self.path if self.symbol is None else f"{self.path}::{self.symbol}"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a candidate may change: the request's contract. `targets` is None where the request sets no bound.

    Where all targets in a file name symbols, only those symbols' nodes and the file's imports may change.
    `changes` says which parts of a target may change or be added, in the words of a recipe's `changes`;
    without any, all of it. `checks` names what must hold of the result, as a recipe's `checks` does. `about`
    is what the targets are written for: the function that new tests test.
    """

    targets: tuple[Target, ...] | None = None
    changes: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    about: tuple[Target, ...] = ()

    def targets_in(self, path: str) -> tuple[Target, ...]:
        return tuple(t for t in self.targets or () if t.path == path)


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked, of which targets, under which recipe. A retry is a new Request with `remarks`."""

    instruction: str
    targets: tuple[Target, ...]
    recipe: str = "edit"
    inputs: dict[str, str] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def scope(self) -> Scope:
        return Scope(self.targets)


@dataclass(frozen=True, slots=True)
class ModelIdentity:
    """Which model answered. A local model *is* its SHA-256; `pinned` says that codegate knows that digest."""

    id: str
    kind: str
    sha256: str | None = None
    pinned: bool = False


@dataclass(frozen=True, slots=True)
class Proposal:
    """The model's raw answer and where it came from; opaque, untrusted, read by `parse` alone.

    `truncated` says that the answer stopped at its token limit. Tokens are the model's own count,
    None where a server does not tell. `first_token_seconds` is how long the prompt took, until the first
    token came; None where it is not known.
    """

    text: str
    model: ModelIdentity
    prompt_sha256: str
    prompt_tokens: int | None = None
    answer_tokens: int | None = None
    seconds: float = 0.0
    truncated: bool = False
    first_token_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Patch:
    """New contents for whole files, or a diff: the two forms in which a change can reach `stage`.

    Exactly one is set. `files` maps a path to its whole new bytes. `diff` is any unified diff text; git
    alone decides what it means.
    """

    files: dict[str, bytes] | None = None
    diff: bytes | None = None
    origin: Origin = Origin.MODEL
    notes: tuple[str, ...] = ()
