"""A small real server on loopback that answers as a test wants, and a model that asks it."""

from __future__ import annotations

import json
from typing import Any

from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from codegate.config import Endpoint
from codegate.core.prompt import Message, Prompt
from codegate.models.remote import Remote


def prompt_of(max_tokens: int = 50, **more: Any) -> Prompt:
    return Prompt(
        (Message("system", "You write Python."), Message("user", "Add two numbers.")), max_tokens, **more
    )


def remote(server: HTTPServer, **more: Any) -> Remote:
    fields: dict[str, Any] = {"base_url": server.url_for("/v1"), "model": "m", "retries": 0, "timeout": 5.0}
    return Remote(Endpoint(**fields | more))


def event(text: str | None = None, finish: str | None = None, **more: Any) -> str:
    delta = {} if text is None else {"content": text}
    choice = {"index": 0, "delta": delta, "finish_reason": finish}
    return f"data: {json.dumps({'choices': [choice], **more})}\n\n"


def stream(*events: str) -> Response:
    return Response("".join(events), content_type="text/event-stream")


GOOD = (event("def "), event("f(): ..."), event(finish="stop"), "data: [DONE]\n\n")


def serve(server: HTTPServer, *answers: Response) -> list[dict[str, Any]]:
    """Answer one request after another, the last answer again and again; return the bodies that came."""
    bodies: list[dict[str, Any]] = []

    def answer(request: Request) -> Response:
        bodies.append(json.loads(request.data) | {"_headers": dict(request.headers)})
        return answers[min(len(bodies), len(answers)) - 1]

    server.expect_request("/v1/chat/completions", method="POST").respond_with_handler(answer)
    return bodies


def refused(server: HTTPServer, status: int, message: str = "no", param: str | None = None) -> Response:
    body = {"error": {"message": message, "type": "x", "param": param, "code": None}}
    return Response(json.dumps(body), status=status, content_type="application/json")
