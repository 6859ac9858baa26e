"""`codegate doctor` finds servers of models on loopback, says what they are, and tries them when told to."""

from __future__ import annotations

import json
import re
import socket
import threading
import time
import tomllib
from pathlib import Path
from typing import Any

import pytest
from driver import codegate
from pytest_httpserver import HTTPServer
from serving import event, refused, stream
from werkzeug import Request, Response

from codegate.config import UserConfig
from codegate.models.servers import Server, find_servers

_PROPS: dict[str, Any] = {"default_generation_settings": {}}
_KEY = "sk-very-secret-0123456789"


def _imitate(server: HTTPServer, models: list[str], **answers: Any) -> None:
    """Let a server list these models, and answer these paths as a kind of server does."""
    listed = {"object": "list", "data": [{"id": model, "object": "model"} for model in models]}
    server.expect_request("/v1/models").respond_with_json(listed)
    for path, answer in answers.items():
        server.expect_request(f"/{path.replace('__', '/')}").respond_with_json(answer)


@pytest.mark.parametrize(
    ("answers", "kind", "parallel"),
    [
        ({"props": _PROPS | {"total_slots": 4}, "api__tags": {"models": []}}, "llama.cpp's server", 4),
        ({"props": _PROPS | {"total_slots": 10**9}}, "llama.cpp's server", 16),
        ({"props": _PROPS | {"total_slots": "4"}}, "llama.cpp's server", None),
        ({"api__tags": {"models": []}}, "Ollama", None),
        ({"api__v0__models": {"data": []}}, "LM Studio", None),
        ({"version": {"version": "0.11.0"}}, "vLLM", 8),
        ({"openapi.json": {"info": {"title": "🦙 llama.cpp Python API"}}}, "llama_cpp.server", 1),
        ({"openapi.json": {"info": {"title": "A shop"}}, "props": {}, "version": {}}, "a server", None),
    ],
)  # fmt: skip
def test_a_server_is_known_by_what_it_alone_answers(
    httpserver: HTTPServer, answers: dict[str, Any], kind: str, parallel: int | None
) -> None:
    """Its kind, its models, how much it does at once; llama.cpp's server is not Ollama, which it imitates."""
    _imitate(httpserver, ["nomic-embed", "tiny"], **answers)
    (found,) = find_servers([httpserver.port])
    assert found.kind.startswith(kind)
    assert (found.models, found.chat_model, found.parallel) == (("nomic-embed", "tiny"), "tiny", parallel)
    assert all("Authorization" not in request.headers for request, _ in httpserver.log)
    assert {request.method for request, _ in httpserver.log} == {"GET"}


@pytest.mark.parametrize(
    "answer",
    [
        Response("<html>a shop</html>", content_type="text/html"),
        Response("[1]"), Response('{"data": 3}'), Response('{"models": []}'), Response("no", status=500),
        Response('{"data": [' * 100_000), Response('{"data": [' + " " * (2 << 20) + "]}"),
        Response(status=302, headers={"Location": "http://198.51.100.1/v1/models"}),
    ],
    ids=["html", "list", "number", "other", "500", "deep", "huge", "redirect"],
)  # fmt: skip
def test_what_serves_no_models_is_not_taken_for_one(httpserver: HTTPServer, answer: Response) -> None:
    """Other programs use the same ports, and may answer anything."""
    httpserver.expect_request("/v1/models").respond_with_response(answer)
    assert find_servers([httpserver.port]) == []


def test_odd_entries_are_left_out(httpserver: HTTPServer) -> None:
    """A list of models may hold what is no model."""
    httpserver.expect_request("/v1/models").respond_with_json({"data": [1, {}, {"id": 3}, {"id": "tiny"}]})
    assert [server.models for server in find_servers([httpserver.port])] == [("tiny",)]


def test_who_listens_and_says_nothing_costs_seconds() -> None:
    """A port that accepts and is silent, one that trickles, and one where nobody is: no server, and soon."""

    def trickle() -> None:
        client, _ = chatty.accept()
        with client:
            client.sendall(b"HTTP/1.1 200 OK\r\n")
            while not enough.wait(0.1):
                client.sendall(b"X-More: 1\r\n")

    address = ("127.0.0.1", 0)
    with socket.create_server(address) as silent, socket.create_server(address) as chatty:
        with socket.create_server(address) as closed:
            ports = [s.getsockname()[1] for s in (silent, chatty, closed)]
        enough = threading.Event()
        thread = threading.Thread(target=trickle)
        thread.start()
        started = time.monotonic()
        assert find_servers(ports) == []
        assert time.monotonic() - started < 8
        enough.set()
        thread.join()


# The command.


def _settings(home: Path, text: str) -> None:
    folder = home / ".config" / "codegate"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(text)


def _heed(server: HTTPServer, refuses: str) -> list[Request]:
    """Answer as a server that heeds a JSON object's schema, ignores a grammar, and refuses one form."""
    asked: list[Request] = []

    def answer(request: Request) -> Response:
        asked.append(request)
        form = json.loads(request.data).get("response_format", {}).get("type", "")
        if form == refuses:
            return refused(server, 400)
        return stream(event('{"colour": "red"}' if form else "hello", "stop"))

    server.expect_request("/v1/chat/completions").respond_with_handler(answer)
    return asked


def test_a_server_is_named_with_the_lines_to_copy(httpserver: HTTPServer, tmp_path: Path, home: Path) -> None:
    """The lines are settings that hold; nothing is asked but for names."""
    _imitate(httpserver, ['tiny"quoted', "other"], api__tags={"models": []})
    asked = _heed(httpserver, "")
    _settings(home, '[endpoints.ollama]\nbase_url = "https://models.example.com/v1"\nmodel = "m"\n')
    done = codegate(tmp_path, "doctor", "--port", str(httpserver.port))
    assert re.search(
        rf'✓ server +Ollama at http://127\.0\.0\.1:{httpserver.port}/v1: tiny"quoted, other', done.stdout
    )
    assert "--model remote:ollama-2" in done.stdout
    lines = re.findall(r"^ {15}(\[.*|\w+ = .*)$", done.stdout, re.MULTILINE)
    endpoint = UserConfig.model_validate(tomllib.loads("\n".join(lines))).endpoint("ollama-2")
    assert (endpoint.model, endpoint.base_url) == ('tiny"quoted', f"http://127.0.0.1:{httpserver.port}/v1")
    assert asked == []


def test_what_a_server_says_cannot_act_on_a_terminal(httpserver: HTTPServer, tmp_path: Path) -> None:
    """Names are escaped, cut, and counted; one that hides something is not offered for copying."""
    _imitate(
        httpserver,
        ["\x1b]0;pwned\x07\u202e", "x" * 5000, *map(str, range(20))],
        version={"version": "\x9b2J"},
    )
    done = codegate(tmp_path, "doctor", "--port", str(httpserver.port))
    assert r"vLLM \x9b2J at" in done.stdout
    assert r"\x1b]0;pwned\x07\u202e" in done.stdout
    assert "and 14 more" in done.stdout
    assert not re.search("[\x1b\x07\x9b\u202e]", done.stdout)
    assert "x" * 100 not in done.stdout
    assert "[endpoints" not in done.stdout


def test_trying_says_which_forms_hold(httpserver: HTTPServer, tmp_path: Path, home: Path) -> None:
    """Refused, ignored and heeded are told apart; a key goes to who names it; who is gone is said."""
    asked = _heed(httpserver, "json_schema")
    with socket.create_server(("127.0.0.1", 0)) as closed:
        gone = closed.getsockname()[1]
    with HTTPServer(host="127.0.0.1") as found:
        _imitate(found, ["tiny"])
        also = _heed(found, "json_object")
        mine = f'base_url = "{httpserver.url_for("/v1")}"\nmodel = "m"\napi_key_env = "SOME_KEY"\n'
        lost = f'[endpoints.lost]\nbase_url = "http://127.0.0.1:{gone}/v1"\nmodel = "m"\n'
        _settings(home, f"[endpoints.mine]\n{mine}{lost}")
        port = str(found.port)
        done = codegate(tmp_path, "doctor", "--try", "--port", port, env={"SOME_KEY": _KEY})
    assert (
        "mine, m: json_schema is refused; json_object with a schema works; grammar is ignored" in done.stdout
    )
    assert "a server, tiny: json_schema works; json_object with a schema is refused" in done.stdout
    assert {request.headers.get("Authorization") for request in asked} == {f"Bearer {_KEY}"}
    assert {request.headers.get("Authorization") for request in also} == {None}
    assert (len(asked), len(also)) == (4, 4)
    assert _KEY not in done.stdout
    assert re.search(r"– try +lost: .* cannot be reached", done.stdout)
    assert "mend: is it running?" in done.stdout


def test_only_models_of_chat_are_asked() -> None:
    """A server with nothing but embeddings has no model to ask."""
    assert Server("Ollama", "ollama", "", ("nomic-embed-text",)).chat_model is None
    assert Server("Ollama", "ollama", "", ()).chat_model is None
