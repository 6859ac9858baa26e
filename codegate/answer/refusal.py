"""Why a text cannot become a file: told as a refusal of the answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from codegate.errors import PatchRefused, UsageError


@contextmanager
def refusing(path: str) -> Iterator[None]:
    """Refuse an answer for a symbol that is not there, or with characters that its file cannot hold."""
    try:
        yield
    except UsageError as error:
        raise PatchRefused("answer/outside", error.message, error.hint, path) from error
    except UnicodeError as error:
        encoding = getattr(error, "encoding", "its encoding")
        raise PatchRefused(
            "answer/encoding", f"the answer has characters that {encoding} cannot hold",
            "convert the file to UTF-8", path,
        ) from error  # fmt: skip
