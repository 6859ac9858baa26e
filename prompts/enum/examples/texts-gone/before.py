"""Requests."""

METHOD_GET = "get"
METHOD_POST = "post"  # not METHOD_GET


class Request:
    """One request."""

    def __init__(self, method: str = METHOD_GET) -> None:
        self.method = method
        print(method.METHOD_GET, dict(METHOD_POST=METHOD_POST))
