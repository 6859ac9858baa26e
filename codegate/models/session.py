"""What all models share: a block that closes them."""

from __future__ import annotations

from types import TracebackType
from typing import Self


class Session:
    """A context manager that calls `close` when its block ends."""

    def close(self) -> None:
        """Free what the model holds; it may be asked again, and then takes it again."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
