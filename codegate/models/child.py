"""The parent's side of the worker: whatever becomes of the child, here it is a ModelError with a hint."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import IO, Any

from codegate import process
from codegate.errors import ModelError

_WORKER = Path(__file__).with_name("worker.py")
# Spinning OpenMP threads on busy cores: 0.3 tokens/s against 8 to 49. On an assertion ggml would start a debugger.
_ENVIRONMENT = {"GOMP_SPINCOUNT": "0", "GGML_NO_BACKTRACE": "1"}
_MAX_LINE = 16 << 20
_CHUNK = 1 << 16
_TOLD_BYTES = 4096

_HINTS = {
    signal.SIGKILL: "it was killed, most likely for want of memory: close programs, or use qwen2.5-coder-0.5b",
    signal.SIGILL: "llama-cpp-python was built for another processor; rebuild it on this one: "
    'CMAKE_ARGS="-DGGML_NATIVE=OFF" pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python '
    "llama-cpp-python",
}
_REBUILD = (
    "run it again; if it crashes again, rebuild llama-cpp-python portably: "
    'CMAKE_ARGS="-DGGML_NATIVE=OFF" pip install --force-reinstall --no-cache-dir --no-binary llama-cpp-python '
    "llama-cpp-python"
)


class Child:
    """One worker process. After any ModelError from `ask` other than a refusal it is dead: see `alive`."""

    def __init__(self) -> None:
        self._stack = contextlib.ExitStack()
        self._stderr: IO[bytes] = self._stack.enter_context(tempfile.TemporaryFile())
        argv = [sys.executable, "-P", str(_WORKER)]
        env = process.environment(_ENVIRONMENT)
        try:
            self._child: subprocess.Popen[bytes] = self._stack.enter_context(
                process.conversation(argv, env=env, stderr=self._stderr)
            )
        except BaseException:
            self._stack.close()
            raise
        assert self._child.stdout is not None
        self._output = self._child.stdout.fileno()
        self._buffer = bytearray()

    @property
    def pid(self) -> int:
        return self._child.pid

    @property
    def alive(self) -> bool:
        return not self._stack_closed and self._child.poll() is None

    _stack_closed = False

    def close(self) -> None:
        """Kill the child, if it lives."""
        self._stack_closed = True
        self._stack.close()

    def ask(self, request: Mapping[str, Any], patience: float) -> Iterator[dict[str, Any]]:
        """Yield the events of a request, the last one `done`; each must come within `patience` seconds.

        Raises ModelError when the worker refuses, dies, hangs or talks nonsense. The child is killed if it
        is not known to be idle when the iterator ends: also when the caller stops reading.
        """
        idle = False
        try:
            self._send(request)
            while True:
                event = self._event(patience)
                idle = event["event"] in ("done", "error")
                if event["event"] == "error":
                    raise ModelError(event["message"], event["hint"])
                yield event
                if idle:
                    return
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
        line = self._line(time.monotonic() + patience, patience)
        try:
            event = json.loads(line)
            fields = {"text": str, "message": str, "hint": str}
            if isinstance(event, dict) and all(isinstance(event.get(k, t()), t) for k, t in fields.items()):
                if event.get("event") in ("text", "progress", "done") or {"message", "hint"} <= set(event):
                    return event
        except ValueError:
            pass
        raise ModelError(
            f"the model's process does not speak codegate's protocol: {bytes(line[:80])!r}",
            "something in it prints where it must not: try another version of llama-cpp-python",
        )

    def _line(self, deadline: float, patience: float) -> bytes:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _MAX_LINE:
                return bytes(self._buffer)
            ready, _, _ = select.select([self._output], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise ModelError(
                    f"the model gave no sign of life for {patience:g} s and was stopped",
                    "if the machine is busy, try again later, or use a smaller model: qwen2.5-coder-0.5b",
                )
            chunk = os.read(self._output, _CHUNK)
            if not chunk:
                raise self._death()
            self._buffer += chunk
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        return line

    def _death(self) -> ModelError:
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._child.wait(5)
        code = self._child.returncode
        size = self._stderr.seek(0, os.SEEK_END)
        self._stderr.seek(max(0, size - _TOLD_BYTES))
        lines = self._stderr.read().decode("utf-8", "replace").strip().splitlines()
        told = f": {lines[-1]}" if lines else ""
        if code is not None and code < 0:
            return ModelError(
                f"the model's process died of {signal.Signals(-code).name}{told}",
                _HINTS.get(signal.Signals(-code), _REBUILD),
            )
        return ModelError(f"the model's process ended unexpectedly, with status {code}{told}", _REBUILD)
