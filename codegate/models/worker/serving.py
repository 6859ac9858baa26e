"""The conversation with the parent: requests are answered one after the other, until standard input ends.

Every request ends with one event `{"event": "done", …}` or `{"event": "error", "message", "hint"}`; `text`,
`progress` and `answer` may come before.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import resource
import signal
import threading
from collections.abc import Callable, Iterator
from typing import Any

from .engine import Engine
from .refusal import RefusedError

_STDERR_BYTES = 1 << 20

Send = Callable[..., None]


def _requests(stream: Any) -> Iterator[dict[str, Any]]:
    """Yield requests; end the process at once when the other side is gone, even while a model works."""
    waiting: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def read() -> None:
        for line in stream:
            waiting.put(line)
        os._exit(0)

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield json.loads(waiting.get())


def _serve(requests: Iterator[dict[str, Any]], send: Send) -> None:
    engine: Engine | None = None
    for request in requests:
        do = request.pop("do")
        try:
            if do == "load":
                engine = Engine(send, **request)
                send("done", context=engine.context_tokens)
            elif engine is None:
                raise RefusedError("no model is loaded")
            elif do == "count":
                send("done", tokens=engine.count(**request))
            elif do == "tokens":
                send("done", tokens=engine.tokens(**request))
            else:
                engine.generate(**request)
                send("done")
        except RefusedError as refusal:
            send("error", message=refusal.message, hint=refusal.hint)
        except Exception as error:
            send("error", message=f"llama.cpp failed: {type(error).__name__}: {error}", hint="")


def main() -> None:
    """Serve requests until standard input ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides what an interrupt ends
    # llama.cpp prints on 1 and 2: the conversation gets descriptors of its own.
    incoming = os.fdopen(os.dup(0), "rb")
    outgoing = os.fdopen(os.dup(1), "wb", buffering=0)
    os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
    os.dup2(2, 1)
    with contextlib.suppress(OSError, ValueError):  # standard error is a file: bound it
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        hard = resource.getrlimit(resource.RLIMIT_FSIZE)[1]
        resource.setrlimit(resource.RLIMIT_FSIZE, (_STDERR_BYTES, hard))

    def send(event: str, **fields: Any) -> None:
        outgoing.write(json.dumps({"event": event, **fields}).encode() + b"\n")

    _serve(_requests(incoming), send)
