"""Does every changed file still parse? Asked of tree-sitter and, for Python, of Python's own compiler."""

from __future__ import annotations

import base64
import json
import sys
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from codegate import process
from codegate.core import Change, Finding, Severity, Verdict
from codegate.errors import CodegateError, UsageError
from codegate.gates import Rules, conclude
from codegate.source import Language, language_of, parse, read_document

if TYPE_CHECKING:
    import tree_sitter

    from codegate.workspace import Workspace

# The worst text takes 3 s for each megabyte, and three times its size in memory for each byte of a tree.
MAX_FILE: Final = 2_000_000
MAX_TOTAL: Final = 20_000_000
_TIMEOUT: Final = 60.0
_MAX_FINDINGS: Final = 20

# Compiles what it is given and runs none of it. Each answer is flushed, so that a crash tells at which file.
_COMPILER: Final = """
import base64, json, resource, sys, warnings
warnings.simplefilter("ignore")
resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
for line in sys.stdin:
    answer = None
    try:
        compile(base64.b64decode(line), "file", "exec", dont_inherit=True)
    except SyntaxError as error:
        answer = [error.msg or "invalid syntax", error.lineno, error.offset]
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        answer = [f"{type(error).__name__}: {error}", None, None]
    print(json.dumps(answer), flush=True)
"""


@dataclass(frozen=True, slots=True)
class _File:
    """A changed text file in a known language, with its bytes before (None for a new one) and after."""

    path: str
    language: Language
    before: bytes | None
    after: bytes


class Syntax:
    """Passes only if no changed file of a known language has a syntax error that it had not in the base."""

    name: Final = "syntax"

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        """Return what is newly wrong; what could not be judged is an error for a model, else a warning."""
        files: list[_File] = []
        findings: list[Finding] = []
        total = 0
        for change in workspace.candidate.changes:
            after = workspace.after(change.path)
            if after is None or not change.new_mode.startswith("100"):
                continue
            language = language_of(change.path, after)
            total += len(after)
            if language is None:
                findings.append(_unknown(change))
            elif len(after) > MAX_FILE or total > MAX_TOTAL:
                findings.append(_too_large(change, len(after), rules.by_hand))
            else:
                before = workspace.before(change.path)
                files.append(_File(change.path, language, before, after))
        for file in files:
            findings += _by_tree(file)
        findings += _by_compiler([f for f in files if f.language.name == "python"])
        return conclude(self.name, findings, _summary(files, findings))


def _summary(files: list[_File], findings: list[Finding]) -> str:
    wrong = {f.path for f in findings if f.severity is Severity.ERROR}
    parsed = sum(file.path not in wrong for file in files)
    if parsed < len(files):
        return f"{parsed} of {len(files)} files parse"
    return "1 file parses" if parsed == 1 else f"{parsed} files parse"


def _unknown(change: Change) -> Finding:
    return Finding("syntax/not-judged", Severity.NOTE, "not judged: unknown language", change.path)


def _too_large(change: Change, size: int, severity: Severity) -> Finding:
    return Finding(
        "syntax/too-large", severity,
        f"not judged: {size:,} bytes, where a file may have {MAX_FILE:,} and all together {MAX_TOTAL:,}",
        change.path,
    )  # fmt: skip


def _by_tree(file: _File) -> list[Finding]:
    """Return the new errors that tree-sitter sees.

    Where the base was clean, any error is new. Where it was broken already, an error is new if its text,
    kind and surrounding node were not in the base: positions say nothing, as one error may span a file.
    """
    tree = parse(file.language, _text(file.path, file.after))
    if not tree.root_node.has_error:
        return []
    before = parse(file.language, _text(file.path, file.before)) if file.before is not None else None
    known = Counter(_key(n) for n in _errors(before.root_node)) if before is not None else Counter()
    new: list[Finding] = []
    for node in _errors(tree.root_node):
        if known[key := _key(node)] > 0:
            known[key] -= 1
            continue
        new.append(_error(file, node))
    return new[:_MAX_FINDINGS]


def _text(path: str, data: bytes) -> bytes:
    """Return what the parser should see: Python's declared encoding decoded, anything else as it is."""
    try:
        return read_document(path, data).text
    except UsageError:
        return data


def _errors(root: tree_sitter.Node) -> list[tree_sitter.Node]:
    """Return the innermost ERROR and MISSING nodes, in order."""
    found: list[tree_sitter.Node] = []
    waiting = [root]
    while waiting:
        node = waiting.pop()
        inner = [child for child in node.children if child.has_error or child.is_missing]
        if (node.is_error or node.is_missing) and not inner:
            found.append(node)
        waiting.extend(inner)
    return sorted(found, key=lambda n: n.start_byte)


def _key(node: tree_sitter.Node) -> tuple[str, bool, str, bytes]:
    return node.type, node.is_missing, node.parent.type if node.parent else "", (node.text or b"")[:1000]


def _error(file: _File, node: tree_sitter.Node) -> Finding:
    name = node.type.replace("\n", "newline")
    what = f"`{name}` is missing" if node.is_missing else "cannot be parsed"
    shown = (node.text or b"")[:40].decode("utf-8", "replace").splitlines()
    if not node.is_missing and shown and shown[0].strip():
        what = f"cannot be parsed: {shown[0].strip()}"
    where = node.start_point
    return Finding(
        f"syntax/{file.language.name}", Severity.ERROR, what, file.path, where.row + 1, where.column + 1
    )


def _by_compiler(files: list[_File]) -> list[Finding]:
    """Return the first error that Python's compiler sees in each file, where it saw none in the base.

    tree-sitter's Python takes much that Python refuses: bad indentation, `print "x"`, a stray `return`.
    """
    after = _compiled([f.after for f in files])
    failed = [(f, wrong) for f, wrong in zip(files, after, strict=True) if wrong]
    # A new file has an empty base, which compiles.
    before = _compiled([f.before or b"" for f, _ in failed])
    return [
        Finding("syntax/python", Severity.ERROR, str(wrong[0]), f.path, wrong[1], wrong[2])
        for (f, wrong), wrong_before in zip(failed, before, strict=True)
        if not wrong_before
    ]


def _compiled(sources: list[bytes]) -> list[list[Any] | None]:
    """Return for each source None, or message, line and column of the compiler's complaint.

    A source at which the compiler itself dies or hangs is complained of, and those after it are compiled too.
    """
    answers: list[list[Any] | None] = []
    while len(answers) < len(sources):
        lines = b"".join(base64.b64encode(s) + b"\n" for s in sources[len(answers) :])
        done = process.run(
            [sys.executable, "-I", "-c", _COMPILER], stdin=lines, env=process.environment(), timeout=_TIMEOUT
        )
        given = [json.loads(line) for line in done.stdout.splitlines() if line.endswith((b"l", b"]"))]
        answers += given
        if len(answers) < len(sources):
            if not given and done.returncode > 0:
                said = done.stderr[-300:].decode(errors="replace")
                raise CodegateError(f"Python's compiler could not be asked: {said}")
            answers.append(["too deep or too long for Python's compiler", None, None])
    return answers
