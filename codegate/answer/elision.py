"""Places where a model left out code that it was to write whole."""

from __future__ import annotations

import re
from typing import Final

from codegate.source import Language, parse, symbols

_LEFT_OUT: Final = r"""(?:
    rest|remaining|remainder|existing|other|previous|original|unchanged|omitted|same|here|above|before
)"""
_MAX_LENGTH: Final = 200  # of a comment; more is prose, and would keep the expression busy
_ELISION: Final = re.compile(
    rf"""\W*(?:
    (?:\.\.\.|…).*\b{_LEFT_OUT}\b.*                             # … the rest of the code
    |(?:\S+\s+){{0,6}}?{_LEFT_OUT}\b[^.…]*(?:\.\.\.|…)\W*         # other methods …
    |(?:the\s+)?(?:rest|remainder)\s+of\s+(?:the|your|this)\s+(?:\w+\s+){{0,3}}?
        (?:code|class|file|function|methods?|module|implementation|body)\b.*
    |(?:your\s+|the\s+)?(?:existing|remaining|previous|original|other)\s+(?:\w+\s+)?
        (?:code|methods?|functions?|implementation|logic|imports|attributes|fields)
        (?:\s+(?:(?:goes\s+)?here|unchanged|as\s+before|(?:remains?|stays?|omitted)\b.*|(?:are|is)\b.*unchanged))?\W*
    |(?:\w+\s+){{0,4}}(?:remains?|stays?|is|are|left)\s+(?:unchanged|the\s+same)\W*
    |(?:unchanged|same\s+as\s+(?:before|above)|omitted\s+for\s+brevity)\W*
    |(?:\.\.\.|…)\W*
    )$""",
    re.IGNORECASE | re.VERBOSE,
)


def elision(language: Language, new: bytes, old: bytes) -> str | None:
    """Return the text of the first place in `new` that stands for code left out; None if there is none.

    Such places are comments like `# ... rest of the code`, a lone `...` among other statements of Python, and
    a Python function that had a body in `old` and has only `...` in `new`. What `old` says too is no elision.
    """
    known = {_squeezed(c) for c in _comments(language, old)}
    for comment in _comments(language, new):
        text = comment.strip("/*#-<!> \t\n")
        if len(text) <= _MAX_LENGTH and _squeezed(comment) not in known and _ELISION.match(text):
            return comment
    return _ellipsis(language, new, old) if language.name == "python" else None


def _comments(language: Language, text: bytes) -> list[str]:
    found: list[tuple[int, str]] = []
    waiting = [parse(language, text).root_node]
    while waiting:
        node = waiting.pop()
        if node.type in language.comments:
            found.append((node.start_byte, (node.text or b"").decode("utf-8", "replace")))
        waiting.extend(node.children)
    return [comment for _, comment in sorted(found)]


def _ellipsis(language: Language, new: bytes, old: bytes) -> str | None:
    if _lone_ellipses(language, new) > _lone_ellipses(language, old):
        return "..."
    stubs = _stubs(language, new)
    had = {s.name for s in symbols(language, old)} - _stubs(language, old)
    return f"the body of {min(stubs & had)}" if stubs & had else None


def _lone_ellipses(language: Language, text: bytes) -> int:
    """Count the `...` that stand among other statements, where one does nothing but mark a gap."""
    count = 0
    waiting = [parse(language, text).root_node]
    while waiting:
        node = waiting.pop()
        waiting.extend(node.children)
        if node.type not in ("block", "module"):
            continue
        statements = [n for n in node.named_children if n.type != "comment" and not _is_docstring(n)]
        count += sum(n.text == b"..." for n in statements) if len(statements) > 1 else 0
    return count


def _is_docstring(node: object) -> bool:
    children = getattr(node, "named_children", [])
    return (
        getattr(node, "type", "") == "expression_statement"
        and bool(children)
        and children[0].type == "string"
    )


def _stubs(language: Language, text: bytes) -> set[str]:
    bodies = {s.name: text[s.body : s.end] for s in symbols(language, text) if s.kind == "function"}
    return {name for name, body in bodies.items() if re.sub(rb"#.*", b"", body).strip() == b"..."}


def _squeezed(text: str) -> str:
    return re.sub(r"\W+", "", text).lower()
