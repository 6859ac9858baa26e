"""What must hold for any bytes: of the parser of diffs, of the splicer, and of the escaper."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Final

from hostile import make_base

from codegate.answer import parse
from codegate.cli.drawing import draw_diff
from codegate.context import Context, gather
from codegate.core import Base, ModelIdentity, Origin, Patch, Proposal, Request, Scope, Target
from codegate.errors import PatchRefused
from codegate.gates.scope.agreement import disagreements
from codegate.pipeline import open_project
from codegate.visible import is_hidden, visible, visible_block, visible_bytes
from codegate.workspace import Workspace

CORPUS: Final = Path(__file__).parent / "corpus"
Holds = Callable[[bytes], None]

_ANSWERED: Final = {
    "bank.py": b'''"""Accounts."""\n\nimport sys\nfrom typing import Any\n\n\nclass Account:\n    """One."""\n
    def __init__(self, owner: str) -> None:\n        self.owner = owner\n\n    @property
    def rich(self) -> bool:\n        return self.balance > 10\n\n\ndef total(accounts: Any) -> int:
    # every account counts\n    print(file=sys.stderr)\n    return sum(a.balance for a in accounts)\n''',
    "tabs.py": b"class A:\r\n\tdef f(self):\r\n\t\treturn 1\r\n\r\n\tdef g(self):\r\n\t\treturn 2\r\n",
    "app.js": b"export class Cart {\n  total() {\n    return 1;\n  }\n}\n\nexport function run() {}\n",
    "types.ts": b'import { a } from "./a";\n\nexport interface Item {\n  b: a;\n}\n\nconst f = () => a;\n',
    "main.go": b'package main\n\nimport "fmt"\n\nfunc main() {\n\tfmt.Println("x")\n}\n',
    "lib.rs": b"use std::fmt;\n\nstruct S;\n\nimpl S {\n    fn f(&self) -> u8 {\n        1\n    }\n}\n",
    "notes.md": b"# Notes\n\ntext",
}
_TARGETS: Final = (
    "bank.py::total", "bank.py::Account", "bank.py::Account.rich", "tabs.py::A.f", "tabs.py::A", "bank.py",
    "app.js::Cart.total", "app.js::run", "types.ts::Item", "types.ts::f", "main.go::main", "lib.rs::S.f",
    "notes.md", "tabs.py",
)  # fmt: skip


@contextmanager
def diff() -> Iterator[Holds]:
    """Yield what stages any bytes as a diff: refused, or read by git and by unidiff as the same change."""
    with tempfile.TemporaryDirectory() as folder:
        top = Path(folder) / "project"
        commit = make_base(top)
        before = _contents(top)
        with open_project(top) as project:
            base = Base(commit, project.repository.tree(commit))
            _, rules = project.rules(commit, Origin.MODEL, Scope(), ["scope"])

            def holds(data: bytes) -> None:
                try:
                    candidate = project.stage.stage(base, Patch(diff=data))
                except PatchRefused as refusal:
                    _named(refusal, "scope/")
                    return
                workspace = Workspace(project.repository, project.stage, candidate)
                assert not list(disagreements(workspace, rules))
                again = project.stage.stage(base, Patch(diff=candidate.diff))
                assert again.tree == candidate.tree, "git's own diff gives another tree"

            yield holds
        assert _contents(top) == before, "the user's repository is another one"


@contextmanager
def splice() -> Iterator[Holds]:
    """Yield what takes any text for a model's answer: refused, or new text for the one target's file.

    The first byte says which target of which language it answers.
    """

    def holds(data: bytes) -> None:
        request, context = _asked(_TARGETS[data[0] % len(_TARGETS) if data else 0])
        path = request.targets[0].path
        answer = data[1:].decode("utf-8", "surrogateescape")
        proposal = Proposal(answer, ModelIdentity("fuzz", "scripted"), "", truncated=data[:1] > b"\x7f")
        try:
            patch = parse(proposal, request, context, _ANSWERED.get)
        except PatchRefused as refusal:
            _named(refusal, "answer/")
            return
        assert patch.files is not None
        assert list(patch.files) == [path]
        assert patch.files[path] != _ANSWERED[path]

    yield holds


@contextmanager
def escape() -> Iterator[Holds]:
    """Yield what shows any bytes: nothing in them can act on a terminal, hide, or add a line."""

    def holds(data: bytes) -> None:
        text = data.decode("utf-8", "surrogateescape")
        line, block, shown = visible(text), visible_block(text), visible_bytes(data)
        assert not any(is_hidden(c) for c in line)
        assert not any(is_hidden(c) for c in block + shown if c not in "\n\t")
        assert len(line.splitlines()) <= 1
        assert block.count("\n") == shown.count("\n") == data.count(b"\n")
        assert visible(line) == line
        assert visible_block(block) == block
        (line + block + shown).encode("utf-8")
        for row in draw_diff(data):
            assert not any(is_hidden(c) for c in row.plain.replace("\n", "")), row.plain

    yield holds


TARGETS: Final = {"diff": diff, "splice": splice, "escape": escape}


def _named(refusal: PatchRefused, gate: str) -> None:
    assert refusal.rule.startswith(gate), refusal.rule


@cache
def _asked(target: str) -> tuple[Request, Context]:
    path, _, symbol = target.partition("::")
    request = Request("change it", (Target(path, symbol or None),))
    return request, gather(request, _ANSWERED.get, len, 100_000)


def _contents(folder: Path) -> dict[str, bytes]:
    return {str(p): p.read_bytes() for p in folder.rglob("*") if p.is_file() and not p.is_symlink()}
