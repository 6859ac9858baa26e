"""M."""

from collections.abc import Iterable


def join(parts: Iterable[object], sep: str = ",") -> str:
    return sep.join(str(part) for part in parts)
