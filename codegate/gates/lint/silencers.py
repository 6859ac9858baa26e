"""The comments and attributes of a text that tell some checker to look away, of whatever language."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from codegate.source import Language

# By families of tools: linters, type checkers and formatters of Python; of the web; of C, the JVM, Go, Swift,
# Ruby, PHP; of shells, documents and infrastructure; coverage; security; others.
_COMMENT: Final = re.compile(
    rb"\bnoqa\b|\b(ruff|flake8)\s*:\s*(noqa|disable|ignore|file-ignore|isort)|pylint\s*:\s*(disable|skip-file)"
    rb"|\btype\s*:\s*ignore|\b(ty|pyrefly|zuban)\s*:\s*ignore|pyre-(ignore|fixme)|\bpyright\s*:|\bmypy\s*:"
    rb"|\bfmt\s*:\s*(off|skip)|\bisort\s*:\s*(skip|off)|yapf\s*:\s*disable|autopep8\s*:\s*off|pytype\s*:\s*disable"
    rb"|(es|ox|style|text)lint-disable|\b(tslint|jshint|standard|biome|deno)[-: ]+((lint-)?ignore|disable)"
    rb"|(biome|prettier|deno-lint)-ignore|@ts-(ignore|nocheck|expect)|\$flow(fixme|ignore)"
    rb"|\bnolint(nextline|begin)?\b|clang-format\s+off|cppcheck-suppress|checkstyle:off|@formatter:off|\bnopmd\b"
    rb"|resharper\s+disable|noinspection|spotless:off|(swiftlint|ktlint|revive)[-:]disable|scalastyle:off"
    rb"|\blint:(file-)?ignore|rubocop\s*:\s*(disable|todo)|standard:disable|phpcs\s*:\s*(ignore|disable)"
    rb"|codingstandardsignore|phpstan-ignore|psalm-suppress|phan-(file-)?suppress"
    rb"|(yamllint|shellcheck)\s+disable|(markdownlint|djlint)[-:]\s?(disable|off)|hadolint\s+(global\s+)?ignore"
    rb"|(tflint|tfsec|trivy|checkov|zizmor|kics-scan)[-: ]+(ignore|skip)|(code|c)spell\s*:\s*(ignore|disable)"
    rb"|pragma\s*:?\s*no\s?(cover|branch|mutate)|\b(istanbul|c8|v8)\s+ignore|codecoverageignore|:nocov:"
    rb"|(l|g)cov[a-z]?_excl|coverage:ignore|\bnosec\b|no-?semgrep|semgrep-ignore|nosonar|\blgtm\s*\[|skipcq"
    rb"|allowlist\s+secret|gitleaks:allow",
    re.IGNORECASE,
)
_ATTRIBUTE: Final = re.compile(
    rb"\b(allow|expect)\s*\(|rustfmt::skip|\bcoverage\s*\(\s*off|@\w*Suppress|\b(Suppress|gsl::suppress)"
    rb"|ExcludeFromCodeCoverage|pragma\s+warning\s*\(?\s*(push\s*,\s*\d\s*\)\s*)?(disable|suppress)"
    rb"|diagnostic\s+ignored"
)
# Of Python's decorators: what silences type checkers for a whole function.
_DECORATOR: Final = re.compile(rb"\bno_type_check\b")
_ANY: Final = re.compile(b"%s|(?-i:%s)" % (_COMMENT.pattern, _ATTRIBUTE.pattern), re.IGNORECASE)
# What grammars call them: Rust's, Java's, C#'s and the preprocessor's.
_ATTRIBUTES: Final = frozenset(
    ("attribute_item", "inner_attribute_item", "annotation", "marker_annotation", "attribute_list",
     "attribute_declaration", "preproc_pragma", "preproc_call")
)  # fmt: skip
# It holds for a range or for the whole file, so the line under it says nothing.
_WIDE: Final = re.compile(
    rb"\b(ruff|flake8|mypy|pyright|pylint|isort|jscpd)\s*:|\boff\b|nocheck|skip[-_]file|(begin|start)\b"
    rb"|((es|ox|style|text|markdown)lint|rubocop\s*:|phpcs\s*:|tslint:|swiftlint:|resharper)[- ]*"
    rb"disable(?!-(next|line))"
    rb"|pragma\s+warning|diagnostic\s+ignored|:nocov:",
    re.IGNORECASE,
)
_END: Final = re.compile(
    rb"\b(fmt|isort|autopep8|djlint|checkstyle|@formatter|spotless|scalastyle|clang-format)\s*:?\s*on\b"
    rb"|\b(ruff|pylint|yapf|(es|ox|style|text|ts)lint|rubocop|phpcs|pytype|swiftlint|ktlint|revive|yamllint"
    rb"|markdownlint)\s*[-: ]\s*(enable|restore)|nolintend|resharper\s+restore|(l|g)cov[a-z]?_excl_stop"
    rb"|ignore-end|ignoreend|pragma\s+warning\s*\(?\s*(restore|default|pop)|diagnostic\s+pop",
    re.IGNORECASE,
)
# Each pattern needs one of these: a text is searched for them first, which takes a hundredth of the time.
_WORDS: Final = (
    b"noqa", b"ruff", b"flake8", b"pylint", b"ignore", b"fixme", b"pyright", b"mypy", b"fmt", b"isort",
    b"yapf", b"autopep8", b"disable", b"skip", b"@ts-", b"nolint", b"clang-format", b"suppress",
    b"checkstyle", b"@formatter", b"nopmd", b"noinspection", b"spotless", b"scalastyle", b"rubocop",
    b"djlint", b"markdownlint", b"pragma", b"cover", b"nocov", b"_excl", b"nosec", b"semgrep",
    b"nosonar", b"lgtm", b"allow", b"expect", b"gitleaks", b"diagnostic", b"enable", b"restore",
    b"no_type_check",
)  # fmt: skip
_WINDOW: Final = 200
# Here a comment is what follows a `#` on its line, and there are no others.
_HASHED: Final = frozenset(("python", "bash", "yaml", "toml", "dockerfile"))
_HASH: Final = re.compile(rb"#[^\n]*")
# Code of languages without a grammar here: what follows such a mark on its line counts as a comment.
_UNPARSED: Final = (
    ".clj", ".cljs", ".cfg", ".dart", ".ex", ".exs", ".gradle", ".groovy", ".hs", ".ini", ".jl", ".kt",
    ".kts", ".less", ".lua", ".m", ".mm", ".mk", ".nix", ".pl", ".pm", ".r", ".scala", ".scss",
    ".svelte", ".swift", ".tf", ".vue",
)  # fmt: skip
# Prose quotes what silences; in a comment of its own it does.
_IN_PROSE: Final = re.compile(rb"<!--.*?(?=-->|$)")
_MARK: Final = re.compile(rb"//|/\*|<!--|--|(?:^|(?<=\s))[#*;%]|@\w")
# Each tool reads its own part of `# type: ignore`.
_PART: Final = re.compile(rb".+?(?=\s#\s|\Z)", re.DOTALL)
_TOOL: Final = re.compile(rb"nolint|co(deCoverage|dingStandards)Ignore|[a-z][a-z0-9]+", re.IGNORECASE)
# A text that takes longer to parse than it is worth: every line of it counts as a comment.
_MAX_PARSED: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Silencer:
    """A line of a comment, or an attribute, that silences a checker, or ends a range that one began.

    `line` and `column` count from 1, the column in bytes. `code` is what it silences: the rest of its line,
    else the next line that is not empty; nothing where it holds for more.
    """

    line: int
    column: int
    text: bytes
    code: bytes
    ends: bool = False

    @property
    def tool(self) -> str:
        """The first word: what begins a range and what ends it have it in common."""
        found = _TOOL.search(self.text)
        return found[0].decode().lower() if found else ""


def silencers(path: str, data: bytes) -> Iterator[Silencer]:
    """Yield what silences in a file, in order; in one too large to parse every line that could.

    Costs what parsing costs: nodes without any of the words in them are not entered. Data, which has no
    comments, yields nothing.
    """
    from codegate.source import language_of

    language = language_of(path, data)
    if language is not None and language.name == "markdown":
        yield from _of_prose(data)
        return
    is_code = path.lower().endswith(_UNPARSED) if language is None else bool(language.comments)
    matches = _matches(data) if is_code and _mentions(language, data) else []
    if not matches:
        return
    lines = data.split(b"\n")
    if language is None or len(data) > _MAX_PARSED:
        for row, line in enumerate(lines):
            mark = _MARK.search(line) if language is None else None
            if mark or language is not None:
                column = mark.start() if mark else 0
                yield from _told(lines, row, column, line[column:], _ANY)
        return
    for row, column, text, kind in _nodes(language, data, matches):
        if kind is not _COMMENT:
            yield from _told(lines, row, column, text, kind)
            continue
        for offset, line in enumerate(text.split(b"\n")):
            yield from _told(lines, row + offset, 0 if offset else column, line, _COMMENT)


def _of_prose(data: bytes) -> Iterator[Silencer]:
    lines = data.split(b"\n") if b"<!--" in data else []
    for row, line in enumerate(lines):
        for comment in _IN_PROSE.finditer(line):
            yield from _told(lines, row, comment.start(), comment[0], _COMMENT)


def _mentions(language: Language | None, data: bytes) -> bool:
    """Say, in a small part of the time that looking closer takes, whether a text may silence anything."""
    if language is None or language.name not in _HASHED:
        folded = data.lower()
        return any(word in folded for word in _WORDS)
    if language.name == "python" and _DECORATOR.search(data):
        return True
    comments = _HASH.findall(data)
    folded = b"\n".join(comments).lower()
    words = [word for word in _WORDS if word in folded]
    told = (c for c in comments if words and any(word in c.lower() for word in words))
    return any(_COMMENT.search(comment) or _END.search(comment) for comment in told)


def _matches(data: bytes) -> list[int]:
    """Return where something may stand, in a comment or not."""
    folded = data.lower()
    lines: dict[int, int] = {}
    for word in _WORDS:
        at = folded.find(word)
        while at >= 0:
            end = folded.find(b"\n", at)
            end = len(data) if end < 0 else end
            lines[folded.rfind(b"\n", 0, at) + 1] = end
            at = folded.find(word, end)
    found = {
        match.start()
        for start, end in lines.items()
        for kind in (_COMMENT, _ATTRIBUTE, _DECORATOR, _END)
        for match in kind.finditer(data, start, end + _WINDOW)
    }
    return sorted(found)


def _told(
    lines: list[bytes], row: int, column: int, text: bytes, kind: re.Pattern[bytes]
) -> Iterator[Silencer]:
    last = row + text.count(b"\n")
    beside = (lines[row][:column] + (lines[last][column + len(text) :] if last == row else b"")).strip()
    for part in _PART.finditer(text):
        words = part[0].strip()
        ends = bool(_END.search(words))
        if not ends and not kind.search(words):
            continue
        code = beside
        if not code and not ends and not _WIDE.search(words):
            code = next((line for at in range(last + 1, len(lines)) if (line := lines[at].strip())), b"")
        at = column + part.start() + len(part[0]) - len(part[0].lstrip())
        yield Silencer(row + 1, at + 1, words, code, ends)


def _nodes(
    language: Language, data: bytes, matches: list[int]
) -> Iterator[tuple[int, int, bytes, re.Pattern[bytes]]]:
    """Yield row, column and text of each comment and attribute with a match in it, and what to seek there."""
    from codegate.source import parse

    kinds = dict.fromkeys(_ATTRIBUTES, _ATTRIBUTE) | dict.fromkeys(language.comments, _COMMENT)
    if language.name == "python":
        kinds["decorator"] = _DECORATOR
    cursor = parse(language, data).walk()
    while True:
        node = cursor.node
        assert node is not None
        start, end = node.start_byte, node.end_byte
        at = bisect_left(matches, start)
        enter = at < len(matches) and matches[at] < end
        if enter and (kind := kinds.get(node.type)):
            place = node.start_point
            yield place.row, place.column, data[start:end], kind
            enter = False
        if enter and cursor.goto_first_child():
            continue
        while not cursor.goto_next_sibling():
            if not cursor.goto_parent():
                return
