"""Servers of models on this machine: which there are, and what they serve.

Asked are ports of 127.0.0.1, by GET, without a key, a proxy or a redirection: nothing is told to them.
"""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import TimeoutError as OutOfTime
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from codegate.models.errand import begin

# llama.cpp's server; Ollama; vLLM and llama_cpp.server; LM Studio.
PORTS: Final = (8080, 11434, 8000, 1234)
_HOST: Final = "127.0.0.1"
_SILENCE: Final = 1.0
_WHOLE: Final = 3.0
_MAX_BYTES: Final = 1 << 20
_PIECE: Final = 1 << 16
_MOST_SLOTS: Final = 16


@dataclass(frozen=True, slots=True)
class Server:
    """A server that speaks OpenAI's protocol: what it is, if known, and the names of its models.

    `kind` is for people, `key` a name for it in settings, `version` and `models` are the server's own words.
    `parallel` is how many requests it answers at once, None if that is not known.
    """

    kind: str
    key: str
    base_url: str
    models: tuple[str, ...]
    version: str = ""
    parallel: int | None = None

    @property
    def chat_model(self) -> str | None:
        """The first model that is not there for embeddings only, by its name."""
        return next((model for model in self.models if "embed" not in model.lower()), None)


@dataclass(frozen=True, slots=True)
class _Sign:
    """What a kind of server alone answers at `path`, as `shown_by` tells, and how much it does at once."""

    kind: str
    key: str
    path: str
    shown_by: Callable[[dict[str, Any]], bool]
    parallel: int | None = None


def _tells(key: str) -> Callable[[dict[str, Any]], bool]:
    return lambda said: key in said


def _is_own(openapi: dict[str, Any]) -> bool:
    info = openapi.get("info")
    return isinstance(info, dict) and "llama.cpp Python API" in str(info.get("title"))


# llama.cpp's server comes first, since it answers some of Ollama's questions too. vLLM batches;
# llama_cpp.server breaks an answer off when the next request comes.
_SIGNS: Final[tuple[_Sign, ...]] = (
    _Sign("llama.cpp's server", "llama-cpp", "/props", _tells("default_generation_settings")),
    _Sign("Ollama", "ollama", "/api/tags", _tells("models")),
    _Sign("LM Studio", "lm-studio", "/api/v0/models", _tells("data")),
    _Sign("vLLM", "vllm", "/version", _tells("version"), parallel=8),
    _Sign("llama_cpp.server", "llama-cpp-python", "/openapi.json", _is_own, parallel=1),
)


def find_servers(ports: Sequence[int] = PORTS) -> list[Server]:
    """Return the servers of models that listen on these ports of 127.0.0.1. Takes some seconds at most."""
    asked = [begin(partial(_server_at, port)) for port in dict.fromkeys(ports)]
    deadline = time.monotonic() + _WHOLE
    found = []
    for outcome in asked:
        try:
            found.append(outcome.result(max(0.0, deadline - time.monotonic())))
        except OutOfTime:  # something listens and trickles: no server that anyone could use
            continue
    return [server for server in found if server is not None]


def _server_at(port: int) -> Server | None:
    listed = _get(port, "/v1/models")
    if listed is None or not isinstance(listed.get("data"), list):
        return None
    names = tuple(e["id"] for e in listed["data"] if isinstance(e, dict) and isinstance(e.get("id"), str))
    url = f"http://{_HOST}:{port}/v1"
    for sign in _SIGNS:
        said = _get(port, sign.path)
        if said is not None and sign.shown_by(said):
            slots, version = said.get("total_slots"), said.get("version")
            parallel = min(slots, _MOST_SLOTS) if isinstance(slots, int) and slots > 0 else sign.parallel
            words = version if isinstance(version, str) else ""
            return Server(sign.kind, sign.key, url, names, words, parallel)
    return Server("a server", "local", url, names)


def _get(port: int, path: str) -> dict[str, Any] | None:
    """Return the JSON object that a server answers, None for anything else."""
    connection = http.client.HTTPConnection(_HOST, port, timeout=_SILENCE)
    try:
        connection.request("GET", path, headers={"Accept": "application/json"})
        response = connection.getresponse()
        said = json.loads(b"".join(_bounded(response))) if response.status == http.client.OK else None
    except (OSError, http.client.HTTPException, ValueError, RecursionError):
        return None
    finally:
        connection.close()
    return said if isinstance(said, dict) else None


def _bounded(response: http.client.HTTPResponse) -> Iterator[bytes]:
    size, deadline = 0, time.monotonic() + _WHOLE
    while piece := response.read1(_PIECE):
        size += len(piece)
        if size > _MAX_BYTES or time.monotonic() > deadline:
            raise ValueError("it tells too much, or too slowly")
        yield piece
