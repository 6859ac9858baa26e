"""The store of weights. A model *is* its SHA-256: where the bytes come from does not matter."""

from __future__ import annotations

import contextlib
import difflib
import fcntl
import hashlib
import json
import os
import tempfile
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from codegate.errors import ModelError, UsageError
from codegate.models.gguf import Shape

DEFAULT: Final = "qwen2.5-coder-1.5b"
_CHUNK = 1 << 20


class WrongDigestError(ModelError):
    """What came is not the model that was asked for."""


@dataclass(frozen=True, slots=True)
class Carriers:
    """Wheels of the package registry that hold a model's bytes in parts; see known.toml."""

    package: str
    version: str
    member: str
    count: int
    part_bytes: int


@dataclass(frozen=True, slots=True)
class Hub:
    """The publisher's repository on the hub, at a pinned revision."""

    repo: str
    revision: str


@dataclass(frozen=True, slots=True)
class Known:
    """A model that codegate knows by digest."""

    id: str
    summary: str
    file: str
    bytes: int
    sha256: str
    licence: str
    shape: Shape
    hub: Hub | None = None
    carriers: Carriers | None = None


@dataclass(frozen=True, slots=True)
class Weights:
    """A file of weights whose digest was checked, and whether codegate knows that digest."""

    id: str
    path: Path
    sha256: str
    pinned: bool


@cache
def known() -> dict[str, Known]:
    """Return the models that codegate knows, by id, the default first."""
    tables: dict[str, dict[str, Any]] = tomllib.loads(
        Path(__file__).with_name("known.toml").read_text("utf-8")
    )
    return {
        id_: Known(
            id=id_,
            shape=Shape(bytes=table["bytes"], **table.pop("shape")),
            hub=Hub(**table.pop("hub")) if "hub" in table else None,
            carriers=Carriers(**table.pop("carriers")) if "carriers" in table else None,
            **table,
        )
        for id_, table in tables.items()
    }


def find_known(id_: str) -> Known:
    """Return the known model of that id. Raises UsageError naming the nearest."""
    if id_ not in known():
        near = difflib.get_close_matches(id_, known(), 1)
        raise UsageError(
            f"no model is known as “{id_}”",
            f"did you mean {near[0]}?"
            if near
            else f"known: {', '.join(known())}; or give the path of a GGUF file",
        )
    return known()[id_]


class Store:
    """A folder of weights, each under its digest: `<sha256>.gguf`. Nothing stands there that was not checked.

    The folder is $CODEGATE_MODELS, or `models` in the platform's data directory.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder or _default_folder()

    def path(self, model: Known) -> Path:
        """Return where the weights of a model are, or would be."""
        return self.folder / f"{model.sha256}.gguf"

    def partial(self, model: Known) -> Path:
        """Return where the first bytes of an unfinished download wait to be continued."""
        return self.folder / f"{model.sha256}.partial"

    def has(self, model: Known) -> bool:
        return self.path(model).is_file()

    def open(self, name: str) -> Weights:
        """Return the weights of a known id, or of a GGUF file by path, their digest checked.

        Raises ModelError if they are not there or not what they should be, UsageError for an unknown name.
        """
        if "/" in name or name.endswith(".gguf"):
            return self._open_path(Path(name).expanduser())
        model = find_known(name)
        path = self.path(model)
        if not path.is_file():
            size = f"{model.bytes / 1e9:.1f} GB"
            raise ModelError(
                f"the weights of {name} are not here", f"fetch them ({size}): codegate model pull {name}"
            )
        if self.digest(path) != model.sha256:
            raise ModelError(
                f"the weights of {name} in {path} are damaged: their digest is wrong",
                f"fetch them again: codegate model remove {name} && codegate model pull {name}",
            )
        return Weights(name, path, model.sha256, pinned=True)

    def _open_path(self, path: Path) -> Weights:
        if not path.is_file():
            raise ModelError(
                f"there is no file {path}", "name an existing GGUF file, or an id of `codegate model list`"
            )
        sha256 = self.digest(path)
        return Weights(
            str(path), path.resolve(), sha256, pinned=any(k.sha256 == sha256 for k in known().values())
        )

    def digest(self, path: Path, *, fresh: bool = False) -> str:
        """Return the SHA-256 of a file, read anew only if it may have changed since, or if `fresh`.

        Hashing 1.1 GB costs about a second, so the digest is remembered (`digests.json`) for the file's
        device, inode, size and times of change. The kernel sets ctime: an edit cannot keep it.
        """
        key = _stamp(path)
        remembered = self._digests()
        if fresh or key not in remembered:
            sha256 = hash_file(path)
            if _stamp(path) != key:
                raise ModelError(
                    f"{path} changed while it was read", "wait until it is written, and run it again"
                )
            with contextlib.suppress(OSError):  # a folder that cannot be written costs time only
                self._remember(remembered | {key: sha256})
            return sha256
        return remembered[key]

    def remove(self, model: Known) -> int:
        """Remove a model's weights and what an unfinished download left; return the bytes freed."""
        freed = 0
        with self.locked(model):
            for path in (self.path(model), self.partial(model)):
                with contextlib.suppress(FileNotFoundError):
                    freed += path.stat().st_size
                    path.unlink()
        return freed

    def admit(self, model: Known, file: Path) -> Path:
        """Move a finished file into its place if it has the model's digest; remove it if it has not.

        Raises ModelError. Only one rename makes weights appear, after their bytes are on disk.
        """
        sha256 = hash_file(file)
        if sha256 != model.sha256:
            file.unlink()
            raise WrongDigestError(
                f"what came for {model.id} is not it: SHA-256 {sha256} instead of {model.sha256}",
                "nothing was kept; fetch it from elsewhere, or give a file: codegate model pull --from FILE",
            )
        _sync(file)
        os.replace(file, self.path(model))
        _sync(self.folder)
        self._remember(self._digests() | {_stamp(self.path(model)): sha256})
        return self.path(model)

    @contextlib.contextmanager
    def locked(self, model: Known, on_wait: Callable[[], None] = lambda: None) -> Iterator[None]:
        """Hold the right to write a model's files. Calls `on_wait` if another process must be waited for."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            lock = (self.folder / f"{model.sha256}.lock").open("w")
        except OSError as error:
            raise ModelError(
                f"cannot write to {self.folder}: {error.strerror}", "set CODEGATE_MODELS to a folder of yours"
            ) from error
        with lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                on_wait()
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _digests(self) -> dict[str, str]:
        try:
            found = json.loads((self.folder / "digests.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def _remember(self, digests: dict[str, str]) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=self.folder, prefix=".digests-", delete=False) as file:
            json.dump(digests, file)
        os.replace(file.name, self.folder / "digests.json")


def hash_file(path: Path) -> str:
    """Return the SHA-256 of a file. Raises ModelError if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}", "mend its permissions") from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _stamp(path: Path) -> str:
    try:
        s = path.stat()
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}") from error
    return f"{s.st_dev}:{s.st_ino}:{s.st_size}:{s.st_mtime_ns}:{s.st_ctime_ns}"


def _default_folder() -> Path:
    if given := os.environ.get("CODEGATE_MODELS"):
        return Path(given)
    from platformdirs import user_data_path

    return user_data_path("codegate", appauthor=False) / "models"
