"""A client."""


class ClientError(Exception):
    """The client could not do its work."""


def call() -> None:
    raise ClientError


class NetworkError(ClientError):
    """The server could not be reached."""


class SlowError(NetworkError):
    """The server did not answer in time."""
