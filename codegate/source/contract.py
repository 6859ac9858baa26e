"""What a contract can say: the words for what may change of a target, and the names of what must hold."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import Final

from codegate.errors import ConfigError
from codegate.source.grammars import LANGUAGES, Language
from codegate.source.languages import grammar_of

PARTS: Final = ("docstring", "annotations", "decorators", "bases", "body")
PATTERNED: Final = ("member", "removal", "definition", "assign", "query")
CHECKS: Final = ("docstring-true", "types", "round-trip", "kills-mutants", "tests-run")
# What a query calls the nodes that may be replaced.
CAPTURE: Final = "change"
_PYTHON: Final = next(language for language in LANGUAGES if language.name == "python")


@dataclass(frozen=True, slots=True)
class Word:
    """One word of a contract, such as `docstring` or `member:__*__`: its kind, and the pattern behind it."""

    kind: str
    pattern: str = ""

    def fits(self, name: str) -> bool:
        return fnmatchcase(name, self.pattern)


def read_changes(words: Iterable[str]) -> tuple[Word, ...]:
    """Return the words of `Scope.changes`. Raises ConfigError for one that there is not, with the nearest."""
    return tuple(_read(word) for word in words)


def validate_changes(words: Iterable[str], language: Language | None = None) -> None:
    """Raise ConfigError for a word that there is not, or a query that is none of the language (or Python)."""
    for word in read_changes(words):
        if word.kind == "query":
            _compile(word.pattern, language or _PYTHON)


def validate_checks(names: Iterable[str]) -> None:
    """Raise ConfigError for a check that there is not, naming the nearest."""
    for name in names:
        if name not in CHECKS:
            raise ConfigError(f"checks: there is no check `{name}`", _nearest(name, CHECKS))


def _read(text: str) -> Word:
    kind, colon, pattern = text.partition(":")
    if kind in PARTS and not colon:
        return Word(kind)
    if kind in PATTERNED and pattern.strip():
        return Word(kind, pattern.strip())
    if kind in PARTS:
        raise ConfigError(f"changes: `{kind}` takes nothing behind it, and `{text}` has", f"Write `{kind}`.")
    if kind in PATTERNED:
        wanted = "a tree-sitter query" if kind == "query" else "a name or a pattern of names"
        raise ConfigError(f"changes: `{text}` lacks {wanted}", f"Write it behind the colon: `{kind}:…`.")
    raise ConfigError(f"changes: there is no word `{text}`", _nearest(kind, [*PARTS, *PATTERNED]))


def _nearest(word: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(word, known, 1, cutoff=0.5)
    shown = [f"{kind}:…" if kind in PATTERNED else kind for kind in near or known]
    return f"Did you mean `{shown[0]}`?" if near else f"Those are: {', '.join(shown)}."


def _compile(text: str, language: Language) -> None:
    import tree_sitter

    try:
        query = tree_sitter.Query(grammar_of(language), text)
    except (tree_sitter.QueryError, ValueError) as error:
        raise ConfigError(
            f"changes: the query is none of {language.name}: {error}", "Mend the query, or its language."
        ) from error
    captures = [query.capture_name(at) for at in range(query.capture_count)]
    if CAPTURE not in captures:
        raise ConfigError(
            "changes: the query captures nothing as @change", "Write @change behind the node that may change."
        )
