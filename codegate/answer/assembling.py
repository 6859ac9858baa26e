"""A draft and what fills its holes, put together: the files that they amount to."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Final

from codegate.answer.filling import fill
from codegate.answer.fixes import fixed
from codegate.answer.placing import placed, text_of
from codegate.answer.refusal import refusing
from codegate.core import Observation, Patch, Target
from codegate.errors import CodegateError, PatchRefused
from codegate.recipes import Draft
from codegate.source import Language, imports, language_of, read_document
from codegate.source.importing import add_imports, drop_imports

Reader = Callable[[str], bytes | None]
Observe = Callable[[str, Sequence[str]], Sequence[Observation]]

_AGAIN: Final = "ask again, with other words or more candidates"


def assembled(
    draft: Draft,
    answer: str,
    targets: Sequence[Target],
    read: Reader,
    observe: Observe | None,
    *,
    truncated: bool,
) -> Patch:
    """Return the files of a draft whose holes an answer fills: spans first, the last of a file first.

    Raises PatchRefused with the rules of `fill`, and `answer/unobservable`, `unchanged`, `outside` and
    `encoding`.
    """
    filled = fill(answer, draft, truncated=truncated)
    seen = _seen(draft, filled, observe)
    contents: dict[str, bytes] = {}
    with refusing(targets[0].path):
        for path in dict.fromkeys(target.path for target in targets):
            old, new = read(path), _file(draft, path, filled, targets, read, seen)
            if new != old:
                contents[path] = new
    if not contents:
        raise PatchRefused("answer/unchanged", "there is nothing to change: the code says it already", _AGAIN)
    return Patch(files=contents)


def _file(
    draft: Draft,
    path: str,
    filled: Mapping[str, str],
    targets: Sequence[Target],
    read: Reader,
    seen: Sequence[Observation],
) -> bytes:
    """Return the new bytes of one file."""
    parts = [part for part in draft.parts if part.target.path == path]
    spans = sorted((p for p in parts if p.span is not None), key=lambda p: p.span or (0, 0), reverse=True)
    document = before = read_document(path, read(path) or b"")
    language = language_of(path, document.text)
    used: list[bytes] = []
    for part in [*spans, *(p for p in parts if p.span is None)]:
        used.append(text_of(part, filled, seen))
        if part.then is not None and not used[-1].strip():
            message = "no call came to anything that could be held to"
            raise PatchRefused("answer/unobservable", message, _AGAIN)
        document = replace(document, text=placed(document, language, part, used[-1]))
    new = document.text
    if language is not None:
        new, _ = add_imports(language, new, draft.imports, used_in=b"\n".join(used), newline=document.newline)
        if language.name == "python" and not path.endswith("__init__.py"):
            new, _ = drop_imports(language, new, used_in=_without_imports(language, before.text))
    if language is not None and draft.fixes is not None:
        for target in (t for t in targets if t.path == path):
            new = fixed(language, new, target, draft.fixes)
    return document.encode(new)


def _seen(draft: Draft, filled: Mapping[str, str], observe: Observe | None) -> Sequence[Observation]:
    """Return what the code shows of the texts in the holes, where the draft asks for it."""
    if draft.question is None:
        return []
    expressions = draft.question.expressions(filled)
    if not any(expressions):  # the recipe has nothing to run this time
        return []
    try:
        seen = observe(draft.question.setup, expressions) if observe is not None else []
    except CodegateError as error:
        raise PatchRefused("answer/unobservable", error.message, error.hint) from error
    if not any(one.is_stable and one.raised != "Timeout" for one in seen):
        raise PatchRefused(
            "answer/unobservable", "nothing that the answer would run can be told twice", _AGAIN
        )
    texts = draft.question.texts(filled)
    return [replace(one, text=text) for one, text in zip(seen, texts, strict=False)]


def _without_imports(language: Language, text: bytes) -> bytes:
    """Return what of a file may use its imports."""
    for start, end in reversed(imports(language, text)):
        text = text[:start] + text[end:]
    return text
