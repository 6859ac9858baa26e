"""Nothing that a model or a repository holds becomes Markdown: a parser finds what we wrote, and code."""

from __future__ import annotations

from collections.abc import Iterator

from hypothesis import given, settings
from markdown_it import MarkdownIt
from markdown_it.token import Token
from reporting import a_report, an_unstaged_report, reports, texts

from codegate.report import Report
from codegate.report.markdown import inert, to_markdown
from codegate.visible import visible_block

# CommonMark with HTML, and what GitHub adds to it.
_GITHUBS = ("table", "strikethrough", "linkify")
_PARSER = MarkdownIt("commonmark", {"html": True, "linkify": True}).enable(_GITHUBS)

_OURS = {
    *("heading_open", "heading_close", "paragraph_open", "paragraph_close", "strong_open", "strong_close"),
    *("bullet_list_open", "bullet_list_close", "list_item_open", "list_item_close"),
    *("inline", "text", "softbreak", "hardbreak", "code_inline"),
}
_WORDS = {
    *("codegate: accepted", "codegate: refused", "codegate: broken", "passed", "failed", "broken", "skipped"),
    *("error", "warning", "note", "Hint:", "Not judged:", "Tree", "Diff", "Rules", "(", ")", "()", ",", ""),
}
# The third is what reviewdog puts before a message (`MarkdownComment` in its `commentutil.go`).
_BEFORE = ("", "word ", "🚫 **[codegate]** <lint/F401> <sub>reported by x</sub><br>", "- ", "> ")


def _tokens(text: str) -> Iterator[Token]:
    for token in _PARSER.parse(text):
        yield token
        yield from token.children or ()


def _codes(text: str) -> list[str]:
    return [token.content for token in _tokens(text) if token.type == "code_inline"]


def test_the_summary_is_what_a_person_reads() -> None:
    """Verdict, gates, findings with their places and hints, what was not judged, digests."""
    report = a_report()
    assert report.candidate is not None
    assert to_markdown(report) == (
        "## codegate: refused\n"
        "\n"
        "`judged as a model's; 2 files, +3 -1; base cccccccccccc`\n"
        "\n"
        "- **passed** `scope` `1 file`\n"
        "  - **warning** `much` (`scope/size`)\n"
        "- **failed** `lint` `3 new`\n"
        "  - **error** `src/a b.py:3:8` `` `os` unused `` (`lint/F401`)\n"
        "\n"
        "    Hint: `Remove it.`\n"
        "  - **error** `src/a b.py:9:8` `` `os` unused `` (`lint/F401`)\n"
        "\n"
        "    Hint: `Remove it.`\n"
        "  - **note** `src/é.py` `two`\n"
        "    `lines` (`lint/suppression`)\n"
        "- **failed** `secrets` `a gate with nothing to show`\n"
        "- **skipped** `types` `no checker`\n"
        "- **broken** `tests` `no sandbox`\n"
        "\n"
        "Not judged: `types`, `tests`\n"
        "\n"
        f"Tree `{report.candidate.tree}`  \n"
        f"Diff `{report.candidate.diff_sha256}`  \n"
        f"Rules `{report.rules_sha256}`\n"
    )
    assert "`leaves the repository`" in to_markdown(an_unstaged_report())


@settings(max_examples=100, deadline=None)
@given(report=reports)
def test_a_parser_finds_nothing_but_ours(report: Report) -> None:
    """No HTML, link, image, table or heading of theirs: all their text is code, in order and complete."""
    text = to_markdown(report)
    assert {token.type for token in _tokens(text)} <= _OURS
    assert [t.tag for t in _tokens(text) if t.type == "heading_open"] == ["h2"]
    assert {t.content.strip() for t in _tokens(text) if t.type == "text"} <= _WORDS
    findings = [finding for gate in report.gates for finding in gate.findings]
    assert text.count("**") // 2 >= len(findings) + len(report.gates)
    codes = iter(_codes(text))
    for gate in report.gates:
        for said in (gate.gate, gate.summary, *(f.message for f in gate.findings)):
            for line in visible_block(said).split("\n"):
                assert not line or line in codes


@settings(max_examples=100, deadline=None)
@given(text=texts)
def test_inert_text_is_shown_as_it_is_wherever_it_stands(text: str) -> None:
    """At the start of a paragraph, in it and in a list: each line comes back whole, and as code alone."""
    lines = [line for line in visible_block(text).split("\n") if line]
    for before in _BEFORE:
        further = {"- ": "  ", "> ": "> "}.get(before, "")
        wrapped = before + inert(text).replace("\n", "\n" + further)
        kinds = {token.type for token in _tokens(wrapped)}
        assert _codes(wrapped) == lines
        assert not kinds & {"link_open", "image", "fence", "code_block", "html_block", "table_open", "hr"}
