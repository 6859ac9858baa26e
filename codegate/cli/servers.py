"""What `codegate doctor` says of servers of models: those on loopback, and the user's endpoints."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from itertools import count
from urllib.parse import urlsplit

from codegate.cli.doctor import Finding
from codegate.config import Endpoint, UserConfig, load_user, user_config_path
from codegate.errors import ModelError
from codegate.models.credentials import is_loopback
from codegate.models.servers import Server, find_servers
from codegate.models.trial import Trial, try_forms
from codegate.visible import visible

_NAMED = 8
_NAME = 80
_FORMS = {"json_schema": "json_schema", "json_object": "json_object with a schema", "grammar": "grammar"}


def server_findings(ports: Sequence[int], trying: bool) -> Iterator[Finding]:
    """Yield what runs on these ports of loopback; with `trying`, what they and the user's endpoints heed.

    A key is told to nobody but for whose very address the user keeps one. Nothing of a repository is sent.
    """
    user = load_user()
    taken = {_place(endpoint.base_url): name for name, endpoint in user.endpoints.items()}
    for server in find_servers(ports):
        name = taken.get(_place(server.base_url))
        yield _found(server, name, user)
        if trying and name is None and server.chat_model is not None:
            yield _tried(server.kind, Endpoint(base_url=server.base_url, model=server.chat_model))
    for name, endpoint in user.endpoints.items() if trying else ():
        yield _tried(name, endpoint)


def _place(url: str) -> tuple[str, int | None]:
    """Return host and port, the names of this machine being one."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    return "127.0.0.1" if is_loopback(host) else host, parts.port


def _found(server: Server, name: str | None, user: UserConfig) -> Finding:
    models = [_short(model) for model in server.models[:_NAMED]]
    more = len(server.models) - len(models)
    listed = ", ".join(models) + (f" and {more} more" if more else "") or "no model loaded"
    is_ours = f"; your endpoint {name}" if name else ""
    kind = f"{server.kind} {_short(server.version)}".strip()
    lines = () if name else tuple(_settings(server, user))
    return Finding("server", f"{kind} at {server.base_url}{is_ours}: {listed}", lines=lines)


def _short(name: str) -> str:
    """Return a name, of a long one its end: some servers name a model by its path."""
    return name if len(name) <= _NAME else f"…{name[-_NAME:]}"


def _settings(server: Server, user: UserConfig) -> Iterator[str]:
    """Yield the lines that make a server an endpoint; none where its model's name is none to copy."""
    model = server.chat_model
    if not model or visible(model) != model:
        return
    key = next(
        k for n in count(1) if (k := server.key if n == 1 else f"{server.key}-{n}") not in user.endpoints
    )
    yield f"# {user_config_path()}, then: codegate suggest --model remote:{key} …"
    yield f"[endpoints.{key}]"
    yield f"base_url = {json.dumps(server.base_url)}"
    yield f"model = {json.dumps(model, ensure_ascii=False)}"
    if server.parallel is not None and server.parallel > 1:
        yield f"parallel = {server.parallel}"


def _tried(name: str, endpoint: Endpoint) -> Finding:
    """Ask an endpoint, and say which forms of answer it holds to."""
    try:
        trials = list(try_forms(endpoint))
    except ModelError as error:
        return Finding("try", f"{name}: {error.message}", error.hint, needed=False)
    said = f"{name}, {_short(endpoint.model)}: {'; '.join(map(_told, trials))}"
    if any(trial.outcome == "works" for trial in trials):
        return Finding("try", said)
    return Finding("try", said, "it serves, but more of its answers will be refused", needed=False)


def _told(trial: Trial) -> str:
    return f"{_FORMS[trial.form]} {trial.outcome if trial.outcome == 'works' else f'is {trial.outcome}'}"
