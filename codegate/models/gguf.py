"""Reads the head of a GGUF file: enough to say what it will cost before anything is loaded.

Format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

from codegate.errors import ModelError

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9
_MAX_KEYS = 10_000
_MAX_STRING = 1 << 20
_MAX_ARRAY = 1 << 16
_F16_BYTES = 2


@dataclass(frozen=True, slots=True)
class Shape:
    """What decides how much memory a model takes. `kv_width` is one layer's K and V, in values per token."""

    bytes: int
    trained_context: int
    layers: int
    kv_width: int
    vocabulary: int

    def memory(self, context: int, batch: int) -> int:
        """Return an estimate, in bytes, of what a context of so many tokens takes in all.

        Weights, an f16 cache of keys and values that all answers share, the scores of one batch, and 200 MB
        for the process itself. Pages of the file that stay mapped beside weights that were laid out anew do
        not count: the system can give them up.
        Measured for Qwen2.5-Coder at 8,192 tokens: see tests.
        """
        cache = self.layers * self.kv_width * _F16_BYTES * context
        return self.bytes + cache + self.vocabulary * 4 * batch + (200 << 20)


def read_shape(path: Path) -> Shape:
    """Return the shape of the model in a file. Raises ModelError if it cannot be read or is no GGUF."""
    try:
        with path.open("rb") as file:
            return _shape(dict(_metadata(file)), path.stat().st_size)
    except OSError as error:
        raise ModelError(f"cannot read {path}: {error.strerror}", "name an existing GGUF file") from error
    except (struct.error, ValueError, TypeError, KeyError, OverflowError) as error:
        raise ModelError(f"{path} is not a GGUF file, or is damaged: {error}", "fetch it again") from error


def _shape(metadata: dict[str, Any], size: int) -> Shape:
    name = metadata["general.architecture"]

    def number(key: str, default: int) -> int:
        value = metadata.get(f"{name}.{key}", default)
        return int(max(value, default=0) if isinstance(value, list) else value)

    heads = number("attention.head_count", 1) or 1
    head = number("embedding_length", 0) // heads
    width = number("attention.key_length", head) + number("attention.value_length", head)
    return Shape(
        bytes=size,
        trained_context=number("context_length", 2048),
        layers=number("block_count", 0),
        kv_width=number("attention.head_count_kv", heads) * width,
        vocabulary=int(metadata.get("tokenizer.ggml.tokens", 0)),
    )


def _metadata(file: BinaryIO) -> Iterator[tuple[str, Any]]:
    """Yield keys and values up to the vocabulary, which writers put after what matters here."""
    magic, version = struct.unpack("<4sI", file.read(8))
    if magic != b"GGUF" or version not in (2, 3):
        raise ValueError(f"it starts with {magic!r}, version {version}")
    _, keys = struct.unpack("<QQ", file.read(16))
    for _ in range(min(keys, _MAX_KEYS)):
        key = _string(file)
        (kind,) = struct.unpack("<I", file.read(4))
        if key == "tokenizer.ggml.tokens":
            _, length = struct.unpack("<IQ", file.read(12))
            yield key, length
            return
        yield key, _value(file, kind)


def _value(file: BinaryIO, kind: int) -> Any:
    if kind == _STRING:
        return _string(file)
    if kind == _ARRAY:
        of, length = struct.unpack("<IQ", file.read(12))
        if of == _ARRAY or length > _MAX_ARRAY:
            raise ValueError(f"an array of {length} values of kind {of}")
        return [_value(file, of) for _ in range(length)]
    code = "<" + _SCALARS[kind]
    return struct.unpack(code, file.read(struct.calcsize(code)))[0]


def _string(file: BinaryIO) -> str:
    (length,) = struct.unpack("<Q", file.read(8))
    if length > _MAX_STRING:
        raise ValueError(f"a string of {length} bytes")
    return file.read(length).decode("utf-8", "replace")
