"""The parent's side of the worker: whatever becomes of the child, here it is a ModelError with a hint."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from pathlib import Path
from typing import IO, Any

from codegate import process
from codegate.errors import ModelError

_WORKER = Path(__file__).parent / "worker" / "__main__.py"
# Spinning OpenMP threads on busy cores: 0.3 tokens/s against 8 to 49. A failed assertion in ggml would
# start a debugger for its backtrace.
_ENVIRONMENT = {"GOMP_SPINCOUNT": "0", "GGML_NO_BACKTRACE": "1"}
_EVENTS = ("text", "progress", "answer", "done", "error")
_MAX_LINE = 16 << 20
_CHUNK = 1 << 16
_TOLD_BYTES = 4096

_SMALLER = "use a smaller model: codegate model use qwen2.5-coder-0.5b"
_PORTABLY = (
    "rebuild llama-cpp-python portably: CMAKE_ARGS=-DGGML_NATIVE=OFF "
    "pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python llama-cpp-python"
)
_HINTS = {
    signal.SIGKILL: f"most likely for want of memory: close programs, or {_SMALLER}",
    signal.SIGILL: f"it was built for another processor: {_PORTABLY}",
}
_USUAL_HINT = f"run it again; if it dies again, {_PORTABLY}"


class Child:
    """One worker process; dead after `close`, and after a ModelError that is not the worker's own answer."""

    def __init__(self, worker: Path = _WORKER) -> None:
        with contextlib.ExitStack() as stack:
            self._stderr: IO[bytes] = stack.enter_context(tempfile.TemporaryFile())
            self._child = stack.enter_context(
                process.conversation(
                    [sys.executable, "-P", worker],
                    env=process.environment(_ENVIRONMENT),
                    stderr=self._stderr,
                )
            )
            self._stack = stack.pop_all()
        assert self._child.stdout is not None
        self._output = self._child.stdout.fileno()
        self._buffer = bytearray()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return self._child.poll() is None

    def close(self) -> None:
        """Kill the child, if it lives."""
        self._stack.close()

    def ask(self, request: Mapping[str, Any], patience: float) -> Generator[dict[str, Any]]:
        """Yield the events of a request, the last one `done`; each must come within `patience` seconds.

        Raises ModelError when the worker refuses, dies, hangs or talks nonsense. The child is killed unless
        it is known to be idle when the generator ends: also when the caller stops reading.
        """
        idle = False
        try:
            self._send(request)
            while not idle:
                event = self._event(patience)
                idle = event["event"] in ("done", "error")
                if event["event"] == "error":
                    raise ModelError(event["message"], event["hint"])
                yield event
        finally:
            if not idle:
                self.close()

    def _send(self, request: Mapping[str, Any]) -> None:
        assert self._child.stdin is not None
        try:
            self._child.stdin.write(json.dumps(request).encode() + b"\n")
            self._child.stdin.flush()
        except OSError as error:
            raise self._death() from error

    def _event(self, patience: float) -> dict[str, Any]:
        line = self._line(patience)
        try:
            event: dict[str, Any] = json.loads(line)
            kind = event["event"]
            needed = {
                "text": ("text",),
                "answer": ("text",),
                "error": ("message", "hint"),
                "progress": ("doing",),
            }.get(kind, ())
            if kind in _EVENTS and all(isinstance(event[k], str) for k in needed):
                return event
        except (ValueError, KeyError, TypeError, RecursionError):
            pass
        raise ModelError(
            f"the model's process talks nonsense: {line[:60]!r}",
            "another version of llama-cpp-python may help: codegate[local] names those that fit",
        )

    def _line(self, patience: float) -> bytes:
        deadline = time.monotonic() + patience
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MAX_LINE:
                return bytes(self._buffer)
            ready, _, _ = select.select([self._output], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise ModelError(
                    f"the model gave no sign of life for {patience:g} s and was stopped",
                    f"if the machine is busy, run it again later; or {_SMALLER}",
                )
            chunk = os.read(self._output, _CHUNK)
            if not chunk:
                raise self._death()
            self._buffer += chunk
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _death(self) -> ModelError:
        process.ended(self._child, 5)
        code = self._child.returncode
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _TOLD_BYTES))
        lines = self._stderr.read().decode("utf-8", "replace").strip().splitlines()
        told = f": {lines[-1]}" if lines else ""
        if code is not None and code < 0:
            died = signal.Signals(-code)
            return ModelError(f"the model's process died of {died.name}{told}", _HINTS.get(died, _USUAL_HINT))
        return ModelError(f"the model's process ended by itself, with status {code}{told}", _USUAL_HINT)
