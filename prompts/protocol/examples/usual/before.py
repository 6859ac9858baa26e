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


def f():
    pass
