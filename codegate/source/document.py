"""A file's bytes as text that can be parsed and spliced, and back, without a byte changed beside the edit."""

from __future__ import annotations

import codecs
import io
import tokenize
from dataclasses import dataclass
from typing import Final

from codegate.errors import UsageError
from codegate.source.languages import language_of

# Above this a file is no source that a model could be shown, and the worst text takes seconds to parse.
MAX_BYTES: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Document:
    """The text of a file as UTF-8 without a byte order mark, and how to write it back.

    `encode(text)` gives the file's bytes again, for any text that its encoding can hold.
    """

    path: str
    text: bytes
    encoding: str = "utf-8"
    bom: bytes = b""

    @property
    def newline(self) -> bytes:
        """The line ending that most lines have; `\\n` where there are none."""
        crlf = self.text.count(b"\r\n")
        return b"\r\n" if crlf > self.text.count(b"\n") - crlf else b"\n"

    def encode(self, text: bytes) -> bytes:
        """Return `text`, which is UTF-8, as the file has it. Raises UnicodeError for what it cannot hold."""
        if self.encoding == "utf-8":
            return self.bom + text
        return self.bom + text.decode("utf-8").encode(self.encoding)


def read_document(path: str, data: bytes) -> Document:
    """Return the document of a file's bytes; raises UsageError for what is no text that codegate can edit.

    A file is UTF-8, with or without a byte order mark, or Python in the encoding that it declares (PEP 263).
    """
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"{path} has {len(data):,} bytes: too many to be shown to a model (at most {MAX_BYTES:,})",
            "name a smaller file as the target",
        )
    if b"\r" in data and b"\n" not in data:
        raise UsageError(f"{path} ends its lines with CR alone", "convert its line endings to LF or CRLF")
    if b"\0" in data:
        raise UsageError(f"{path} is a binary file", "codegate asks models for text only")
    bom = codecs.BOM_UTF8 if data.startswith(codecs.BOM_UTF8) else b""
    encoding = "utf-8" if bom else _declared_encoding(path, data)
    try:
        text = data[len(bom) :].decode(encoding)
        same = bom + text.encode(encoding) == data
        document = Document(path, text.encode(), encoding, bom)
    except (UnicodeError, LookupError) as error:
        raise _not_text(path, encoding, str(error)) from error
    if not same:
        raise _not_text(path, encoding, "it does not survive being read and written back")
    return document


def _declared_encoding(path: str, data: bytes) -> str:
    language = language_of(path, data)
    if language is None or language.name != "python":
        return "utf-8"
    try:
        return codecs.lookup(tokenize.detect_encoding(io.BytesIO(data).readline)[0]).name
    except (SyntaxError, LookupError) as error:
        raise _not_text(path, "utf-8", str(error)) from error


def _not_text(path: str, encoding: str, why: str) -> UsageError:
    hint = "convert the file to UTF-8; a Python file may also declare its encoding in its first two lines"
    return UsageError(f"{path} is no {encoding} text: {why}", hint)
