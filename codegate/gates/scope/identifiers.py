"""Can every new name be told by eye from the others of its file?"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Finding, Severity
from codegate.errors import UsageError
from codegate.gates.lines import new_lines
from codegate.visible import visible

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.source import Language
    from codegate.workspace import Workspace

    Places = dict[str, list[tuple[int, int]]]

# A larger text is not parsed: every word of it counts as a name.
_MAX_PARSED: Final = 2_000_000
_MAX_FINDINGS: Final = 20
_SHOWN: Final = 60
_RENAME: Final = "Write the name in the letters of one script, or choose another."


def lookalikes(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each new identifier that passes for another one (Unicode's UTS #39).

    An error from both where another identifier of the file looks the same, or is the same to Python, which
    folds what Unicode calls compatible (PEP 3131). A warning where accents, letters such as æ or small Greek
    ones make all the difference. By hand where letters of two scripts stand in one name. Comments and strings
    hold no names.
    """
    from codegate.source import language_of

    for change in workspace.candidate.changes:
        after = workspace.after(change.path)
        if after is None or after.isascii() or not change.new_mode.startswith("100"):
            continue
        language = language_of(change.path, after)
        if language is not None:
            before = workspace.before(change.path) or b""
            found = list(_in_file(change.path, language, before, after, rules))
            yield from sorted(found, key=lambda f: (f.line or 0, f.column or 0))[:_MAX_FINDINGS]


def _in_file(path: str, language: Language, before: bytes, after: bytes, rules: Rules) -> Iterator[Finding]:
    text = _text(path, after)
    words = _words(text)
    alike = _alike(words, language)
    suspects = {word for word in words if word in alike or _passing(word, language)}
    if not suspects:
        return
    names = _places(language, text, suspects)
    known = _places(language, _text(path, before), suspects)
    fresh = {number for number, _ in new_lines(before, after)}
    for name in names.keys() - known.keys():
        others = [other for other in alike.get(name, ()) if other in names]
        line, column = next((place for place in names[name] if place[0] in fresh), names[name][0])
        if others:
            if not (name.isascii() and all(other not in known for other in others)):  # told of the other
                yield _collision(path, line, column, name, others, language)
        elif reads := _passing(name, language):
            message = f"`{_shown(name)}` {reads}"
            yield Finding("scope/mixed-script", rules.by_hand, message, path, line, column, _RENAME)


def _collision(
    path: str, line: int, column: int, name: str, others: list[str], language: Language
) -> Finding:
    from codegate.source.confusables import skeleton

    looks, folds = skeleton(name, familiar=True), _folded(name, language)
    same = [o for o in others if skeleton(o, familiar=True) == looks or _folded(o, language) == folds]
    other = min(same or others)
    odd = next((c for c in name + other if not c.isascii() and (c in name) != (c in other)), name[0])
    message = f"`{_shown(name)}` looks like `{_shown(other)}`: one has {_named(odd)}"
    if same:
        return Finding("scope/confusable", Severity.ERROR, message, path, line, column, _RENAME)
    return Finding("scope/look-alike", Severity.WARNING, message, path, line, column, _RENAME)


def _alike(words: Iterable[str], language: Language) -> dict[str, set[str]]:
    """Return for each word those that it can be taken for, by more than characters of ASCII (`l1`, `ll`)."""
    from codegate.source.confusables import skeleton

    groups: dict[str, set[str]] = {}
    for word in words:
        groups.setdefault(skeleton(word), set()).add(word)
        groups.setdefault(_folded(word, language), set()).add(word)
    alike: dict[str, set[str]] = {}
    for group in groups.values():
        for word in group if len(group) > 1 else ():
            if others := {other for other in group if _foreign(other) != _foreign(word)}:
                alike.setdefault(word, set()).update(others)
    return alike


def _passing(word: str, language: Language) -> str | None:
    """Say what is wrong with a name by itself: letters of two scripts, or that Python reads another name."""
    from codegate.source.confusables import mixed_script

    if word.isascii():
        return None
    if (letter := mixed_script(word)) is not None:
        return f"holds {_named(letter)} between Latin letters"
    folded = _folded(word, language)
    return f"is `{folded}` to Python" if folded.isascii() else None


def _folded(word: str, language: Language) -> str:
    return unicodedata.normalize("NFKC", word) if language.name == "python" else word


def _foreign(word: str) -> str:
    return "".join(c for c in word if not c.isascii())


def _text(path: str, data: bytes) -> bytes:
    from codegate.source import read_document

    try:
        return read_document(path, data).text
    except UsageError:
        return data


def _words(text: bytes) -> set[str]:
    from codegate.source.identifiers import WORD

    return set(WORD.findall(text.decode("utf-8", "replace")))


def _places(language: Language, text: bytes, wanted: set[str]) -> Places:
    from codegate.source.identifiers import identifiers

    if len(text) > _MAX_PARSED:
        return {word: [(1, 1)] for word in _words(text) & wanted}
    return identifiers(language, text, wanted)


def _shown(name: str) -> str:
    return visible(name if len(name) <= _SHOWN else f"{name[:_SHOWN]}…")


def _named(character: str) -> str:
    return f"U+{ord(character):04X} {unicodedata.name(character, 'of an unknown name')}"
