from typing import Protocol, runtime_checkable


class Reader:
    """Reads."""

    def __init__(self, path: str) -> None:
        self.path = path

    def read(self, size: int = -1) -> bytes:
        return b""

    @property
    def name(self) -> str:
        return self.path

    def _private(self): ...

    def close(self) -> None:
        pass


@runtime_checkable
class Readable(Protocol):
    """What `Reader` offers to others."""

    def read(self, size: int = -1) -> bytes: ...

    @property
    def name(self) -> str: ...

    def close(self) -> None: ...


def f():
    pass
