"""A client."""


class ClientError(Exception):
    """The client could not do its work."""


def call() -> None:
    raise ClientError
