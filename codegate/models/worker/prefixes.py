"""Prefixes that were read before, on disk: a later run takes them up instead of reading them again.

Nothing that is judged depends on what lies here: a wrong file makes another proposal, a damaged one is
removed, and all may be deleted at any time. The folder is the user's own alone, bounded in bytes, and what
was not used for longest goes first.
"""

from __future__ import annotations

import array
import contextlib
import ctypes
import hashlib
import json
import os
import resource
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .context import SPARE, Context, Sequence

# Fewer tokens are as soon read anew.
_LEAST_TOKENS = 48


class Prefixes:
    """The states of one model in one kind of context, which `key` names."""

    def __init__(
        self, lib: Any, context: Context, send: Callable[..., None], folder: str, key: list[str], limit: int
    ) -> None:
        self._lib, self._context, self._send = lib, context, send
        self._folder, self._limit = Path(folder), limit
        self._key = hashlib.sha256(json.dumps(key).encode()).hexdigest()
        self._usable = limit > 0 and self._made()

    def restore(self, trunk: Sequence, tokens: list[int], lengths: list[int]) -> None:
        """Have a sequence be the longest prefix of `tokens` that is here, if that is worth it.

        The parent is told before: should this process die of the file, it knows of which.
        """
        for length in sorted(set(lengths), reverse=True):
            if not self._usable or length < trunk.common(tokens) + _LEAST_TOKENS:
                return
            path = self._path(tokens[:length])
            with contextlib.suppress(OSError):  # without leave to look or to remove it stays, and is not used
                if path.is_file():
                    self._send("progress", doing="restoring", done=0, of=length, file=str(path))
                    if self._load(path, trunk, tokens[:length]):
                        return
                    path.unlink(missing_ok=True)

    def keep(self, trunk: Sequence, tokens: list[int], lengths: list[int]) -> None:
        """Save these prefixes of what was read, each where it is enough longer than the one before."""
        before = 0
        for length in sorted(set(lengths)):
            if not self._usable or trunk.read < length or trunk.tokens[:length] != tokens[:length]:
                return
            if length >= before + _LEAST_TOKENS:
                before = length
                path = self._path(tokens[:length])
                with contextlib.suppress(OSError):
                    os.utime(path) if path.exists() else self._save(path, trunk, tokens[:length])
        self._forget_oldest()

    def _load(self, path: Path, trunk: Sequence, tokens: list[int]) -> bool:
        self._context.drop(trunk)
        found = (self._lib.llama_token * len(tokens))()
        count = ctypes.c_size_t()
        read = self._lib.llama_state_seq_load_file(
            self._context.handle, os.fsencode(path), trunk.number, found, len(tokens), ctypes.byref(count)
        )
        if read and list(found) == tokens and count.value == len(tokens):
            trunk.tokens, trunk.read = list(tokens), len(tokens)
            with contextlib.suppress(OSError):
                os.utime(path)
            return True
        trunk.tokens, trunk.read = list(tokens), len(tokens)  # whatever came, it goes again
        self._context.drop(trunk)
        return False

    def _save(self, path: Path, trunk: Sequence, tokens: list[int]) -> None:
        beside = path.with_name(f".{path.name}.{os.getpid()}")
        copy = self._context.copy(trunk, SPARE, len(tokens))
        try:
            with _large_files(self._limit):
                ids = (self._lib.llama_token * len(tokens))(*tokens)
                saved = self._lib.llama_state_seq_save_file(
                    self._context.handle, os.fsencode(beside), SPARE, ids, len(tokens)
                )  # fmt: skip
            if saved:
                os.replace(beside, path)
        finally:
            self._context.drop(copy)
            beside.unlink(missing_ok=True)

    def _path(self, tokens: list[int]) -> Path:
        digest = hashlib.sha256(self._key.encode() + array.array("q", tokens).tobytes())
        return self._folder / f"{digest.hexdigest()}.state"

    def _made(self) -> bool:
        """Tell whether the folder is there, and no one else's to write to."""
        try:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            found = self._folder.stat()
        except OSError:
            return False
        return found.st_uid == os.getuid() and not found.st_mode & 0o022

    def _forget_oldest(self) -> None:
        with contextlib.suppress(OSError):
            files = [(entry.stat(), entry.path) for entry in os.scandir(self._folder) if entry.is_file()]
            total = sum(found.st_size for found, _ in files)
            for found, path in sorted(files, key=lambda file: file[0].st_mtime_ns):
                if total <= self._limit:
                    return
                os.unlink(path)
                total -= found.st_size


@contextlib.contextmanager
def _large_files(size: int) -> Iterator[None]:
    """Lift the bound on files that this process writes, which is meant for its standard error."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size if hard < 0 else min(size, hard), hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
