"""The remote model: a real llama_cpp.server on loopback, and a small real server for all that goes wrong."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from conftest import need
from driver import codegate
from hypothesis import given, settings
from hypothesis import strategies as st
from pytest_httpserver import HTTPServer
from serving import GOOD, event, prompt_of, refused, remote, serve, stream
from werkzeug import Response

from codegate.config import Endpoint, UserConfig
from codegate.core.prompt import Hole, Message, Prompt, Sampling
from codegate.errors import ConfigError, ModelError
from codegate.grammar import from_choices, shipped
from codegate.models import open_model
from codegate.models.answering import read_answer
from codegate.models.credentials import find_key, is_loopback
from codegate.models.remote import Remote
from codegate.models.weights import Store, find_known

_KEY = "sk-very-secret-0123456789"
_SCHEMA = {"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}


# What goes well.


def test_an_answer_streams_and_names_its_model(httpserver: HTTPServer) -> None:
    """The text comes as it is written; identity names model and host, and is never pinned."""
    bodies = serve(httpserver, stream(*GOOD[:-1], 'data: {"choices": [], "usage": {"prompt_tokens": 9, '
                                        '"completion_tokens": 4}}\n\n', GOOD[-1]))  # fmt: skip
    heard: list[str] = []
    with remote(httpserver) as model:
        proposal = model.generate(prompt_of(), temperature=0.3, seed=5, on_text=heard.append)
    assert heard == ["def ", "f(): ..."]
    assert proposal.text == "def f(): ..."
    assert (proposal.prompt_tokens, proposal.answer_tokens, proposal.truncated) == (9, 4, False)
    assert proposal.model.id == f"m@{httpserver.host}:{httpserver.port}"
    assert (proposal.model.kind, proposal.model.sha256, proposal.model.pinned) == ("remote", None, False)
    assert bodies[0]["temperature"] == 0.3
    assert bodies[0]["seed"] == 5
    assert bodies[0]["messages"][1] == {"role": "user", "content": "Add two numbers."}


def test_a_server_that_does_not_stream_is_understood(httpserver: HTTPServer) -> None:
    """A whole chat completion in one piece is an answer too."""
    whole = {"choices": [{"message": {"content": "hello"}, "finish_reason": "length"}]}
    serve(httpserver, Response(json.dumps(whole), content_type="application/json"))
    proposal = remote(httpserver).generate(prompt_of())
    assert (proposal.text, proposal.truncated, proposal.answer_tokens) == ("hello", True, None)


def test_bytes_that_are_no_utf8_can_be_asked_about(httpserver: HTTPServer) -> None:
    """A surrogate, which stands for such a byte, does not stop a request."""
    bodies = serve(httpserver, stream(*GOOD))
    remote(httpserver).generate(Prompt((Message("user", "x\udcffy"),), 10))
    assert bodies[0]["messages"][0]["content"] == "x?y"


def test_a_schema_is_asked_for_in_the_strongest_form_offered(httpserver: HTTPServer) -> None:
    """json_schema, else json_object with the schema, else nothing; what was refused is not asked again."""
    bodies = serve(httpserver, refused(httpserver, 500), refused(httpserver, 400), stream(*GOOD))
    model = remote(httpserver)
    model.generate(prompt_of(schema=_SCHEMA))
    model.generate(prompt_of(schema=_SCHEMA))
    forms = [b.get("response_format", {}).get("type") for b in bodies]
    assert forms == ["json_schema", "json_object", None, None]
    assert bodies[0]["response_format"]["json_schema"]["schema"] == _SCHEMA
    assert bodies[1]["response_format"]["schema"] == _SCHEMA


def test_a_grammar_goes_to_servers_that_take_it(httpserver: HTTPServer) -> None:
    """GBNF is llama.cpp's own: another server may refuse it, and is asked without."""
    bodies = serve(httpserver, refused(httpserver, 400), stream(*GOOD))
    remote(httpserver).generate(prompt_of(grammar='root ::= "a"'))
    assert [b.get("grammar") for b in bodies] == ['root ::= "a"', None]


def test_what_a_server_names_as_unwanted_is_left_out(httpserver: HTTPServer) -> None:
    """Models without a temperature, or with a newer name for the limit, are answered what they want."""
    bodies = serve(
        httpserver, refused(httpserver, 400, "unsupported", "max_tokens"),
        refused(httpserver, 400, "unsupported", "temperature"), stream(*GOOD),
    )  # fmt: skip
    remote(httpserver).generate(prompt_of(7))
    assert "max_tokens" not in bodies[-1]
    assert bodies[-1]["max_completion_tokens"] == 7
    assert "temperature" not in bodies[-1]


def test_what_a_server_needs_is_not_left_out(httpserver: HTTPServer) -> None:
    """A refusal that names the messages is final."""
    bodies = serve(httpserver, refused(httpserver, 400, "too long", "messages"))
    with pytest.raises(ModelError, match="400: too long"):
        remote(httpserver).generate(prompt_of())
    assert len(bodies) == 1


def test_a_busy_server_is_asked_again(httpserver: HTTPServer) -> None:
    """429 and 503 are retried, after as long as the server asked for, and then answered."""
    wait = refused(httpserver, 429)
    wait.headers["Retry-After"] = "1"
    bodies = serve(httpserver, wait, refused(httpserver, 503), stream(*GOOD))
    started = time.monotonic()
    assert remote(httpserver, retries=2).generate(prompt_of()).text
    assert len(bodies) == 3
    assert time.monotonic() - started >= 1.0


# What goes wrong.


@pytest.mark.parametrize(
    ("status", "hint"),
    [(400, "did not accept"), (401, "check the key"), (403, "may not use"), (404, "base_url"),
     (413, "path::symbol"), (429, "quota"), (500, "try again later"), (503, "try again later")],
)  # fmt: skip
def test_each_refusal_says_what_to_do(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, status: int, hint: str
) -> None:
    """Status, the server's own words and a hint; the key is not in it even if the server quotes it."""
    monkeypatch.setenv("SOME_KEY", _KEY)
    bodies = serve(httpserver, refused(httpserver, status, f"not with {_KEY}"))
    with pytest.raises(ModelError) as caught:
        remote(httpserver, api_key_env="SOME_KEY").generate(prompt_of())
    assert f"answers {status}: not with (the key)" in caught.value.message
    assert hint in caught.value.hint
    assert _KEY not in caught.value.message + caught.value.hint
    assert bodies[0]["_headers"]["Authorization"] == f"Bearer {_KEY}"


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (stream(event("half a ")), "breaks off"),
        (stream(event("half a "), "data: [DONE]\n\n"), "breaks off"),
        (stream(), "breaks off"),
        (stream("data: {not json\n\n"), "not JSON"),
        (stream("data: [1]\n\n"), "not JSON"),
        (Response("<html>hello</html>", content_type="text/html"), "not JSON"),
        (Response("", content_type="application/json"), "not JSON"),
        (stream('data: {"choices": 3}\n\n'), "no chat completion"),
        (stream('data: {"choices": [{"delta": {"content": 3}}]}\n\n'), "no chat completion"),
        (stream('data: {"choices": [[]]}\n\n'), "no chat completion"),
        (stream('data: {"error": {"message": "out of memory"}}\n\n'), "out of memory"),
        (stream('data: {"error": {"message": "not with ' + _KEY + '"}}\n\n'), "not with .the key."),
        (stream(event("  \n"), event(finish="stop")), "answered nothing"),
        (stream(event(finish="length")), "answered nothing"),
        (stream(event(finish="content_filter")), "answered nothing"),
        (stream(event("x" * (11 << 20)), event(finish="stop")), "longer than 10 MB"),
        (stream(*[event("x" * 1000)] * 11_000, event(finish="stop")), "longer than 10 MB"),
        (Response("x" * (11 << 20), content_type="application/json"), "longer than 10 MB"),
    ],
)
def test_each_broken_answer_is_an_error_with_a_hint(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch, answer: Response, says: str
) -> None:
    """Cut, not JSON, of another shape, an error in mid-stream, empty, endless: never a wrong answer."""
    serve(httpserver, answer)
    monkeypatch.setenv("SOME_KEY", _KEY)
    with pytest.raises(ModelError, match=says) as caught:
        remote(httpserver, api_key_env="SOME_KEY").generate(prompt_of())
    assert caught.value.hint
    assert _KEY not in caught.value.message


def test_a_connection_that_is_cut_is_an_error() -> None:
    """The server promises more than it sends, and goes."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n"
    with _OneAnswer(head + event("half").encode()) as url, pytest.raises(ModelError, match="breaks off"):
        Remote(Endpoint(base_url=url, model="m", retries=0)).generate(prompt_of())


def test_a_silent_server_is_given_up() -> None:
    """Silence is bounded by the endpoint's timeout, before the answer and within it."""
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: 9999\r\n\r\n"
    for said, says in ((b"", "did not answer in time"), (head + event("half").encode(), "breaks off")):
        with _OneAnswer(said, hold=10) as url, pytest.raises(ModelError, match=says):
            Remote(Endpoint(base_url=url, model="m", retries=0, timeout=0.5)).generate(prompt_of())


class _OneAnswer:
    """A server in a process of its own that sends given bytes to whoever connects, holds, and hangs up."""

    _SERVER = """
import socket, sys, time
with socket.create_server(("127.0.0.1", 0)) as server:
    print(server.getsockname()[1], flush=True)
    said, hold = sys.stdin.buffer.read(), float(sys.argv[1])
    while True:
        client, _ = server.accept()
        client.recv(1 << 16)
        client.sendall(said)
        time.sleep(hold)
        client.close()
"""

    def __init__(self, said: bytes, hold: float = 0.2) -> None:
        self._said, self._hold = said, hold

    def __enter__(self) -> str:
        self._server = subprocess.Popen(
            [sys.executable, "-c", self._SERVER, str(self._hold)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        assert self._server.stdin
        assert self._server.stdout
        port = int(self._server.stdout.readline())
        self._server.stdin.write(self._said)
        self._server.stdin.close()
        return f"http://127.0.0.1:{port}/v1"

    def __exit__(self, *_: object) -> None:
        self._server.kill()
        self._server.wait()
        assert self._server.stdout
        self._server.stdout.close()


def test_nobody_there_is_an_error() -> None:
    """A port where nothing listens, and a name that does not exist."""
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    for host in (f"127.0.0.1:{port}", "no-such-host.invalid"):
        with pytest.raises(ModelError, match="cannot be reached") as caught:
            Remote(Endpoint(base_url=f"http://{host}/v1", model="m", retries=0)).generate(prompt_of())
        assert caught.value.hint


def test_an_exception_of_the_listener_is_passed_on(httpserver: HTTPServer) -> None:
    """What `on_text` raises is not taken for the server's fault."""
    serve(httpserver, stream(*GOOD))

    def enough(_: str) -> None:
        raise KeyError("enough")

    with pytest.raises(KeyError, match="enough"):
        remote(httpserver).generate(prompt_of(), on_text=enough)


def test_a_run_spends_no_more_than_its_budget(httpserver: HTTPServer) -> None:
    """What a question could cost is compared with what is left before it is sent."""
    usage = {"usage": {"prompt_tokens": 30, "completion_tokens": 50}}
    bodies = serve(httpserver, stream(event("x", "stop", **usage)))
    model = remote(httpserver, token_budget=150)
    model.generate(prompt_of(50))
    with pytest.raises(ModelError, match="70 of this run's token budget are left") as caught:
        model.generate(prompt_of(69))
    assert "token_budget" in caught.value.hint
    assert len(bodies) == 1
    model.generate(prompt_of(50))


def test_the_endpoints_limit_bounds_the_prompts(httpserver: HTTPServer) -> None:
    """The smaller of both is asked for."""
    bodies = serve(httpserver, stream(*GOOD))
    remote(httpserver, max_tokens=5).generate(prompt_of(50))
    assert bodies[0]["max_tokens"] == 5


# Keys.


def test_a_key_that_is_not_there_is_asked_for() -> None:
    """The variable is named, and how to set it; nothing is sent without."""
    with pytest.raises(ModelError, match="SOME_KEY is not set") as caught:
        Remote(Endpoint(base_url="https://api.example.com/v1", model="m", api_key_env="SOME_KEY"))
    assert "export SOME_KEY" in caught.value.hint


def test_the_clients_own_key_goes_nowhere_else(
    httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """$OPENAI_API_KEY is for who named it: another endpoint never gets it, nor any key where none is set."""
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY"):
        monkeypatch.setenv(name, _KEY)
    bodies = serve(httpserver, stream(*GOOD))
    remote(httpserver).generate(prompt_of())
    assert _KEY not in json.dumps(bodies)
    assert "Authorization" not in bodies[0]["_headers"]


@pytest.mark.parametrize(
    "url", ["http://api.example.com/v1", "http://10.0.0.1:8000", "http://localhost.example.com"]
)
def test_a_key_never_crosses_a_network_in_clear(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    """http:// with a key is for this machine only."""
    monkeypatch.setenv("SOME_KEY", _KEY)
    with pytest.raises(ModelError, match="in clear") as caught:
        Remote(Endpoint(base_url=url, model="m", api_key_env="SOME_KEY"))
    assert _KEY not in caught.value.message + caught.value.hint
    assert find_key("https" + url[4:], "SOME_KEY") == _KEY


def test_this_machine_is_known_by_its_names() -> None:
    """Loopback in all its spellings, and nothing that a resolver could turn into another machine."""
    assert all(is_loopback(host) for host in ("localhost", "127.0.0.1", "127.8.8.8", "::1"))
    assert not any(
        is_loopback(host) for host in ("", "localhost.com", "127.0.0.1.example.com", "0.0.0.0", "10.0.0.1")
    )


@pytest.mark.parametrize("key", ["two words", "line\nbreak", "schlüssel"])
def test_a_key_that_cannot_be_one_is_refused(monkeypatch: pytest.MonkeyPatch, key: str) -> None:
    """It would break the request's head, or be a mistake of copying; it is not quoted."""
    monkeypatch.setenv("SOME_KEY", key)
    with pytest.raises(ModelError, match="no key has") as caught:
        find_key("https://api.example.com/v1", "SOME_KEY")
    assert key not in caught.value.message


def test_an_endpoint_is_found_by_name() -> None:
    """`remote` is the only one, or the default; `remote:NAME` is that one; another is an error."""
    here = Endpoint(base_url="http://127.0.0.1:1/v1", model="m")
    assert open_model("remote", UserConfig(endpoints={"a": here})).identity.id == "m@127.0.0.1:1"
    assert open_model("remote:b", UserConfig(endpoints={"a": here, "b": here})).identity.kind == "remote"
    with pytest.raises(ConfigError):
        open_model("remote:c", UserConfig(endpoints={"a": here}))


# Properties of the reader.

_NAMES = st.sampled_from(["choices", "delta", "message", "content", "usage", "error", "finish_reason"])


@settings(max_examples=100, deadline=None)
@given(texts=st.lists(st.text(min_size=1), min_size=1), cuts=st.lists(st.integers(1, 40)), crlf=st.booleans())
def test_it_does_not_matter_how_the_bytes_arrive(texts: list[str], cuts: list[int], crlf: bool) -> None:
    """Cut anywhere, in mid-character too, with either line ending, with comments: the same answer."""
    events = [event(t) for t in texts]
    body = ": a comment\n\n".join([*events, event("x", "stop"), "data: [DONE]\n\n"]).encode()
    body = body.replace(b"\n", b"\r\n") if crlf else body
    pieces = []
    for cut in cuts:
        pieces.append(body[:cut])
        body = body[cut:]
    assert read_answer([*pieces, body], "text/event-stream", 60).text == "".join(texts) + "x"


@settings(max_examples=100, deadline=None)
@given(body=st.binary(max_size=300), kind=st.sampled_from(["text/event-stream", "application/json"]))
def test_any_bytes_are_an_answer_or_an_error(body: bytes, kind: str) -> None:
    """No body of a response is a traceback."""
    with pytest.raises(ModelError):
        read_answer([body], kind, 60)


@settings(max_examples=100, deadline=None)
@given(
    event=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4),
        max_leaves=12,
    )
)
def test_any_json_is_an_answer_or_an_error(event: Any) -> None:
    """Whatever the shape: text with a reason to stop, or a ModelError."""
    with contextlib.suppress(ModelError):
        assert read_answer([json.dumps(event).encode()], "application/json", 60).text.strip()


def test_a_trickle_is_bounded() -> None:
    """An answer that never ends is given up after the time it was given, however alive it seems."""

    def trickle() -> Iterator[bytes]:
        while True:
            time.sleep(0.05)
            yield b": still here\n"

    with pytest.raises(ModelError, match=r"takes longer than 0\.3 s"):
        read_answer(trickle(), "text/event-stream", 0.3)


def test_counting_errs_on_the_safe_side() -> None:
    """An estimate that is too low would overrun the context: three bytes are a token."""
    model = Remote(Endpoint(base_url="http://127.0.0.1:1/v1", model="m"))
    assert [model.count(t) for t in ("", "a", "abc", "abcd", "日", "\udcff")] == [0, 1, 1, 2, 1, 1]


# The real thing.


@pytest.fixture(scope="module")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real `llama_cpp.server` with the smallest known model."""
    need("llama_cpp", "starlette_context")
    small = find_known("smollm2-135m")
    if not Store().has(small):
        pytest.skip(f"the weights of {small.id} are not here: codegate model pull {small.id}")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    log = (tmp_path_factory.mktemp("server") / "log").open("wb")
    argv = [sys.executable, "-m", "llama_cpp.server", "--model", str(Store().path(small)), "--n_ctx", "1024"]
    patient = os.environ | {"GOMP_SPINCOUNT": "0"}  # or its threads eat the time of all else that runs
    with log, subprocess.Popen([*argv, "--port", str(port)], stdout=log, stderr=log, env=patient) as server:
        try:
            _wait_for(f"http://127.0.0.1:{port}/v1/models", server)
            yield f"http://127.0.0.1:{port}/v1"
        finally:
            server.kill()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    raise AssertionError("the server did not come up")


@pytest.mark.weights
@pytest.mark.slow
def test_a_real_server_answers(llama_server: str) -> None:
    """Streaming, a grammar and a schema, the latter in the second form: its json_schema answers 500."""
    heard: list[str] = []
    with Remote(Endpoint(base_url=llama_server, model="any")) as model:
        proposal = model.generate(prompt_of(16), seed=1, on_text=heard.append)
        assert "".join(heard) == proposal.text != ""
        assert len(heard) > 1
        said = model.generate(prompt_of(16, grammar='root ::= "yes" | "no"'), temperature=1.5, seed=2).text
        assert said in ("yes", "no")
        assert isinstance(json.loads(model.generate(prompt_of(64, schema=_SCHEMA)).text)["a"], int)


@pytest.mark.weights
@pytest.mark.slow
def test_a_real_server_fills_a_skeleton(llama_server: str) -> None:
    """All holes, and nothing else, as an object of strings: from the smallest model, several times."""
    what = Hole("what", shipped("line"), 20, "one word that names what is computed")
    holes = (what, Hole("type", from_choices(["int", "float"]), 5, "its type"))
    skeleton = ('def f(a):\n    """The ', holes[0], " of a, a ", holes[1], '."""\n    return a * a\n')
    with Remote(Endpoint(base_url=llama_server, model="any", retries=0)) as model:
        samplings = [Sampling(), Sampling(0.9, 1)]
        found = list(model.generate_all(prompt_of(120, skeleton=skeleton), samplings))
    whole = [json.loads(proposal.text) for proposal in found if not proposal.truncated]
    assert whole, [proposal.text for proposal in found]
    for answer in whole:
        assert set(answer) == {"what", "type"}
        assert isinstance(answer["what"], str)
        assert answer["type"] in ("int", "float")
    assert all(0 < (p.first_token_seconds or 0) <= p.seconds for p in found)


@pytest.mark.weights
@pytest.mark.slow
def test_the_doctor_knows_a_real_server_and_what_it_holds_to(llama_server: str, tmp_path: Path) -> None:
    """llama_cpp.server refuses json_schema, and heeds the older form and a grammar."""
    port = str(urlsplit(llama_server).port)
    said = codegate(tmp_path, "doctor", "--try", "--port", port).stdout
    assert f"llama_cpp.server at {llama_server}" in said
    assert "json_schema is refused; json_object with a schema works; grammar works" in said


@pytest.mark.weights
@pytest.mark.slow
def test_a_real_server_that_is_asked_too_much_is_an_error(llama_server: str) -> None:
    """A prompt beyond its context cuts the stream: the hint says that this may be why."""
    with Remote(Endpoint(base_url=llama_server, model="any")) as model:
        with pytest.raises(ModelError, match="breaks off") as caught:
            model.generate(Prompt((Message("user", "a b c d " * 1000),), 10))
        assert "too long" in caught.value.hint
