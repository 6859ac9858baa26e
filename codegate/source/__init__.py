"""Source text: which language it is in, how it parses, and which symbols it defines. Knows no repository."""

from codegate.source.document import MAX_BYTES, Document, read_document
from codegate.source.grammars import Language
from codegate.source.languages import language_of, parse
from codegate.source.symbols import Symbol, find_symbol, imports, symbols

__all__ = [
    "MAX_BYTES", "Document", "Language", "Symbol", "find_symbol", "imports", "language_of", "parse",
    "read_document", "symbols",
]  # fmt: skip
