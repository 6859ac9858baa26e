"""Does a diff let the tests say less than before? Told from the two texts of each changed test file alone."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codegate import process
from codegate.core import Finding, Severity
from codegate.errors import CodegateError
from codegate.gates.syntax import MAX_FILE, MAX_TOTAL
from codegate.gates.weakening.files import is_test_file, test_file_patterns
from codegate.gates.weakening.others import compare_others, speaks
from codegate.gates.weakening.weakness import Weakness
from codegate.source import Language, language_of

if TYPE_CHECKING:
    from codegate.core import Change
    from codegate.gates import Rules
    from codegate.workspace import Workspace

# The paths of changed test files, with what they hold before and after.
_Texts = dict[str, tuple[bytes | None, bytes | None]]

_TIMEOUT: Final = 60.0
_HINTS: Final = {
    "removed": "Keep the test, under a name and in a place where it is run; a person may take it out.",
    "collection": "Leave what is collected and reported as it was.",
    "skip": "Let the test run, and mend what makes it fail.",
    "assertion": "Put the assertion back where it always runs.",
    "loosened": "Put the stronger assertion back.",
    "vacuous": "Let it assert something of the code under test.",
    "tolerance": "Put the old bound back.",
    "parameters": "Put the cases back.",
    "fixture": "Put it back, or say what does the same now.",
    "expectation": "Make sure that the new value is the one that is wanted.",
    "rewritten": "Make sure that it still asserts what the old one did.",
    "mock": "Make sure that what is replaced is not what is tested.",
    "decorator": "Make sure that the test still runs with it.",
}


def weakenings(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding, named `tests/…`, for whatever the changed tests no longer do or say.

    Nothing of the diff is run or imported. A weakening weighs `rules.by_hand`. What is another test and not
    provably a weaker one (`expectation`, `rewritten`, `mock`, `decorator`) is a warning from a model, and a
    mere note from a person, since whoever changes what code does changes what its tests expect.
    """
    patterns = test_file_patterns(workspace)
    texts: _Texts = {}
    others: dict[str, Language] = {}
    for change in workspace.candidate.changes:
        language = language_of(change.path)
        if is_test_file(change.path, patterns):
            texts[change.path] = _texts(workspace, change)
        elif language is not None and speaks(language, change.path):
            texts[change.path] = _texts(workspace, change)
            others[change.path] = language
    for path in _too_large(texts):
        message = f"its tests were not compared: more than {MAX_FILE:,} bytes, or {MAX_TOTAL:,} in all"
        del texts[path]
        yield Finding("tests/not-judged", rules.by_hand, message, path)
    mild = Severity.WARNING if rules.by_hand is Severity.ERROR else Severity.NOTE
    python = {path: pair for path, pair in texts.items() if path not in others}
    found = _compared(python, patterns) if any(before is not None for before, _ in python.values()) else []
    found += compare_others([(path, others[path], *texts[path]) for path in others if path in texts])
    for said in found:
        yield Finding(
            f"tests/{said.rule}", mild if said.mild else rules.by_hand, said.message, said.path or None,
            said.line, None, _HINTS.get(said.rule, ""),
        )  # fmt: skip


def _texts(workspace: Workspace, change: Change) -> tuple[bytes | None, bytes | None]:
    before = workspace.before(change.path) if change.old_mode.startswith("100") else None
    after = workspace.after(change.path) if change.new_mode.startswith("100") else None
    if before is None and change.path.endswith("conftest.py"):
        before = b""  # a new one steers tests that were there before
    return before, after


def _too_large(texts: _Texts) -> list[str]:
    total = 0
    found = []
    for path, pair in texts.items():
        sizes = [len(text) for text in pair if text is not None]
        total += sum(sizes)
        if max(sizes, default=0) > MAX_FILE or total > 2 * MAX_TOTAL:
            found.append(path)
    return found


def _compared(texts: _Texts, patterns: tuple[str, ...]) -> list[Weakness]:
    """Return what the comparison says, made in a child: Python's parser can be made to crash or to hang."""
    asked = {
        "patterns": patterns,
        "texts": [[path, _encoded(before), _encoded(after)] for path, (before, after) in texts.items()],
    }
    done = process.run(
        [sys.executable, "-I", "-m", "codegate.gates.weakening"], stdin=json.dumps(asked).encode(),
        env=process.environment(), timeout=_TIMEOUT,
    )  # fmt: skip
    if done.returncode == 0 and not done.truncated:
        return [Weakness(**weakness) for weakness in json.loads(done.stdout)]
    said = done.stderr.decode(errors="replace").splitlines()
    if done.returncode > 0:
        raise CodegateError(f"the tests could not be compared: {said[-1] if said else done.returncode}")
    reading = said[-1] if said and said[-1] in texts else ""
    why = "takes too long" if done.timed_out else "brings Python's parser down"
    message = f"no tests were compared: one file {why}"
    return [Weakness("not-judged", reading, None, message)]


def _encoded(text: bytes | None) -> str | None:
    return None if text is None else base64.b64encode(text).decode("ascii")
