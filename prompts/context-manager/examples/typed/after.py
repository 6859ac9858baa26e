from types import TracebackType


class Reader:
    """Reads."""

    def __init__(self, path: str) -> None:
        self.path = path

    def __enter__(self) -> "Reader":
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def read(self, size: int = -1) -> bytes:
        return b""

    @property
    def name(self) -> str:
        return self.path

    def _private(self): ...

    def close(self) -> None:
        pass
