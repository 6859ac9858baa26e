"""Requests."""

from enum import Enum


class Method(str, Enum):
    """How a server is asked."""

    GET = "get"
    POST = "post"  # not METHOD_GET


class Request:
    """One request."""

    def __init__(self, method: str = Method.GET) -> None:
        self.method = method
        print(method.METHOD_GET, dict(METHOD_POST=Method.POST))
