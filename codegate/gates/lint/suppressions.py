"""Does the change tell a checker to look away?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Finding
from codegate.gates.lines import new_lines
from codegate.visible import visible_bytes

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.source import Language
    from codegate.workspace import Workspace

# One alternative for each family of tools: linters, type checkers, formatters, coverage, security, others.
_SUPPRESSION: Final = re.compile(
    rb"\bno\s?qa\b|\b(ruff|flake8)\s*:\s*(noqa|disable|ignore|file-ignore|isort)|pylint\s*:\s*(disable|skip-file)"
    rb"|eslint-disable|\b(tslint|jshint|standard|biome|deno)[-: ]+(disable|ignore|lint-ignore)|biome-ignore"
    rb"|deno-lint-ignore|\bnolint\b|yamllint\s+disable|shellcheck\s+disable"
    rb"|\btype\s*:\s*ignore|\b(ty|pyrefly|zuban)\s*:\s*ignore|pyre-(ignore|fixme)|pyright\s*:|mypy\s*:|@ts-(ignore|nocheck|expect)"
    rb"|\bfmt\s*:\s*(off|skip)|\bisort\s*:\s*(skip|off)|yapf\s*:\s*disable|autopep8\s*:\s*off|prettier-ignore"
    rb"|pragma\s*:?\s*no\s?(cover|branch)|\b(istanbul|c8|v8)\s+ignore"
    rb"|\bno\s?sec\b|nosemgrep|semgrep-ignore|nosonar|\blgtm\s*\[|allowlist\s+secret|gitleaks:allow"
    rb"|codespell\s*:\s*ignore|noinspection",
    re.IGNORECASE,
)
# A text that takes longer to parse than it is worth: every line of it counts as a comment.
_MAX_PARSED: Final = 2_000_000


def mentions(before: bytes | None, after: bytes) -> bool:
    """Say whether a new line holds what may be a suppression, in a comment or not."""
    return any(_SUPPRESSION.search(line) for _, line in new_lines(before, after))


def suppressions(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each comment that silences a checker and was not in the file as often before."""
    from codegate.source import language_of

    for change in workspace.candidate.changes:
        before, after = workspace.before(change.path), workspace.after(change.path)
        if after is None or not mentions(before, after):
            continue
        language = language_of(change.path, after)
        if language is not None and language.comments:
            yield from _new(change.path, language, before or b"", after, rules)


def _new(path: str, language: Language, before: bytes, after: bytes, rules: Rules) -> Iterator[Finding]:
    fresh = {number for number, _ in new_lines(before, after)}
    known = Counter(text for _, _, text in _silencing(language, before))
    # Old lines use up what was known first, so that the finding stands on the new one.
    for line, column, text in sorted(_silencing(language, after), key=lambda c: (c[0] in fresh, c)):
        if known[text] > 0:
            known[text] -= 1
            continue
        message = f"this silences a checker: {visible_bytes(text)[:120]}"
        hint = "Mend what it complains of; a person may add the comment by hand."
        yield Finding("lint/suppression", rules.by_hand, message, path, line, column, hint)


def _silencing(language: Language, data: bytes) -> Iterator[tuple[int, int, bytes]]:
    """Yield line, column and text of each comment that silences a checker; one of many lines by its lines."""
    for row, column, comment in _comments(language, data):
        for offset, text in enumerate(comment.split(b"\n")):
            if _SUPPRESSION.search(text):
                yield row + offset + 1, 1 if offset else column + 1, text.strip()


def _comments(language: Language, data: bytes) -> Iterator[tuple[int, int, bytes]]:
    if len(data) > _MAX_PARSED or not _SUPPRESSION.search(data):
        yield from ((row, 0, line) for row, line in enumerate(data.split(b"\n")) if _SUPPRESSION.search(line))
        return
    import tree_sitter

    from codegate.source import parse
    from codegate.source.languages import grammar_of

    query = tree_sitter.Query(
        grammar_of(language), " ".join(f"({kind}) @comment" for kind in language.comments)
    )
    found = tree_sitter.QueryCursor(query).captures(parse(language, data).root_node).get("comment", [])
    for node in sorted(found, key=lambda n: n.start_byte):
        yield node.start_point.row, node.start_point.column, data[node.start_byte : node.end_byte]
