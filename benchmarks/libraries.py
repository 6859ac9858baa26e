"""What comes of ten requests for boilerplate in three real libraries, made as a person makes them.

`python -m benchmarks.libraries` takes the libraries' source distributions, makes each a git repository
with an environment that its own tests pass in, and runs `codegate suggest` there in a terminal, once a
request: one greedy answer, approved whenever codegate offers it. Whether what was applied is right is then
asked of a check that no gate knows, of the library's own tests, and of git. The table is the figure,
whatever it is.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.person import Sitting, approve
from benchmarks.projects import git, unpack

MODEL = "qwen2.5-coder-1.5b"
_TASKS = Path(__file__).with_suffix(".toml")
_SILENCE = 1800.0  # seconds in which codegate shows nothing new: it hangs
_GATE = re.compile(r"^  [✓✗!–] (\w+)\s[^✓✗]*?\((\d+\.\d+)\s+s\)", re.MULTILINE)
_RULE = re.compile(r"^ +error .*?\[([\w-]+/[\w-]+)\]", re.DOTALL | re.MULTILINE)
# What a check finds beside `before`, `after` and `path`.
_PRELUDE = '''
import ast

def adds_only(before, after):
    """Say whether each line of `before` stands in `after`, in its order."""
    lines = iter(after.splitlines())
    return all(line in lines for line in before.splitlines())

def function(text, name):
    return next(n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.FunctionDef) and n.name == name)

def code(node):
    """Return the statements of a function but its docstring, to compare."""
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return [ast.dump(statement) for statement in body]
'''


@dataclass(frozen=True, slots=True)
class Library:
    """A source distribution: its name, version and digest, and what pip installs so that its tests run."""

    name: str
    version: str
    sha256: str
    install: list[str]


@dataclass(frozen=True, slots=True)
class Task:
    """A request, how it is checked, and one right change by hand, as replacements in the target."""

    library: str
    target: str
    instruction: str
    check: str
    by_hand: list[list[str]]

    @property
    def path(self) -> str:
        return self.target.partition("::")[0]


@dataclass(frozen=True, slots=True)
class Suite:
    """One bare run of a library's own tests."""

    passed: bool
    summary: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """What became of a request; `wrong` is empty for a right change, and None where nothing was applied.

    `seconds` holds everything from the command to its end, `gates` each gate's own; gates run side by side.
    `load` is the machine's over the last minute, at the end: on a busy one the seconds say little.
    """

    library: str
    target: str
    instruction: str
    outcome: str
    wrong: str | None
    gates: dict[str, float]
    seconds: float
    load: float
    diff: str
    written: str

    @property
    def right(self) -> str:
        return "–" if self.wrong is None else f"**no**: {self.wrong}" if self.wrong else "yes"

    @property
    def row(self) -> str:
        gates = f"{max(self.gates.values()):.1f}" if self.gates else "–"
        cells = (self.library, self.instruction, f"`{self.target}`", self.outcome, self.right, gates)
        return f"| {' | '.join(cells)} | {self.seconds:.0f} |"


class Checkout:
    """A library as its developers have it: a git repository with an environment of its own, in `.venv`."""

    def __init__(self, library: Library, sdist: Path, folder: Path) -> None:
        unpack(sdist, folder)
        self.top = folder / f"{library.name}-{library.version}"
        self.python = self.top / ".venv/bin/python"
        _run([sys.executable, "-m", "venv", ".venv"], self.top)
        # The version that a build would read off a tag; a source distribution has no history.
        version = {"SETUPTOOLS_SCM_PRETEND_VERSION": library.version}
        _run([self.python, "-m", "pip", "install", "-q", *library.install], self.top, os.environ | version)
        git(self.top, "init", "-q", "-b", "main")
        (self.top / ".git/info/exclude").write_text(".venv/\n__pycache__/\n.pytest_cache/\n")
        git(self.top, "add", "-A")
        git(self.top, "commit", "-q", "-m", f"{library.name} {library.version}")

    def reset(self) -> None:
        git(self.top, "reset", "-q", "--hard")
        git(self.top, "clean", "-fdq")

    def read(self, path: str) -> str:
        file = self.top / path
        return file.read_text("utf-8") if file.exists() else ""

    def suite(self) -> Suite:
        started = time.monotonic()
        done = self._python("-m", "pytest", "-q")
        return Suite(done.returncode == 0, _last_line(done), time.monotonic() - started)

    def changed(self) -> list[str]:
        listed = _run(["git", "status", "--porcelain", "-uall"], self.top)
        return [line[3:] for line in listed.splitlines()]

    def diff(self) -> str:
        git(self.top, "add", "-A", "-N")
        return _run(["git", "diff"], self.top)

    def fault(self, task: Task, before: str) -> str:
        """Return what the task's check says against the checkout as it is; "" if nothing."""
        given = f"before, after, path = {(before, self.read(task.path), task.path)!r}\n"
        done = self._python("-", program=given + _PRELUDE + task.check)
        return "" if done.returncode == 0 else _last_line(done) or f"ended with {done.returncode}"

    def _python(self, *args: str, program: str = "") -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.python, *args], cwd=self.top, input=program, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip


def _last_line(done: subprocess.CompletedProcess[str]) -> str:
    return done.stdout.strip().rpartition("\n")[2]


def measure(checkout: Checkout, task: Task, model: str | None) -> Result:
    """Make one request and return what became of it. Without a model the answer by hand is played."""
    checkout.reset()
    before = checkout.read(task.path)
    if not checkout.fault(task, before):
        raise SystemExit(f"the check of {task.target} takes the untouched code for right")
    with tempfile.TemporaryDirectory(prefix="codegate-bench-") as folder:
        script = Path(folder) / "answer.toml"
        script.write_text(f"[[answer]]\ntext = {json.dumps(_answer_by_hand(task, before))}\n")
        argv = [sys.executable, "-m", "codegate", "suggest", task.instruction, task.target]
        env = os.environ | {"TERM": "xterm-256color", "XDG_CONFIG_HOME": folder}
        env.pop("COLUMNS", None)
        sitting = approve([*argv, "--model", model or f"scripted:{script}"], checkout.top, env, _SILENCE)
    load = os.getloadavg()[0]
    outcome = _outcome(sitting)
    if outcome != "applied" and (changed := checkout.changed()):
        raise SystemExit(f"{outcome}, and yet {changed[0]} changed in {checkout.top}")
    return Result(
        library=task.library,
        target=task.target,
        instruction=task.instruction,
        outcome=outcome,
        wrong=_wrong(checkout, task, before) if outcome == "applied" else None,
        gates={gate: float(seconds) for gate, seconds in _GATE.findall(sitting.written)},
        seconds=sitting.seconds,
        load=load,
        diff=checkout.diff(),
        written=sitting.written,
    )


def _outcome(sitting: Sitting) -> str:
    if sitting.approved and sitting.status == 0:
        return "applied"
    if sitting.status != 1 or sitting.approved:
        return f"error, exit code {sitting.status}"
    rules = dict.fromkeys(_RULE.findall(sitting.written))
    return f"refused: {', '.join(rules) or 'no rule is named'}"


def _wrong(checkout: Checkout, task: Task, before: str) -> str:
    """Return the first thing that is wrong with what was applied; "" if it is right."""
    others = [path for path in checkout.changed() if path != task.path]
    if others:
        return f"it changed {others[0]}"
    suite = checkout.suite()
    return checkout.fault(task, before) or ("" if suite.passed else f"the suite: {suite.summary}")


def _answer_by_hand(task: Task, before: str) -> str:
    """Return the target with the replacements made, in a fence, as a model that makes no mistake answers."""
    after = before
    for old, new in task.by_hand:
        if before and after.count(old) != 1:
            raise SystemExit(f"not once in {task.path}: {old!r}")
        after = after.replace(old, new) if before else new
    symbol = task.target.partition("::")[2]
    nodes = [n for n in ast.parse(after).body if getattr(n, "name", None) == symbol]
    lines = after.splitlines()[nodes[0].lineno - 1 : nodes[0].end_lineno] if nodes else after.splitlines()
    return "```python\n" + "\n".join(lines) + "\n```\n"


@contextmanager
def _sdists(given: Path | None, libraries: Sequence[Library]) -> Iterator[dict[str, Path]]:
    """Yield the source distributions by library, from a folder or by pip; a wrong digest ends the program."""
    with tempfile.TemporaryDirectory(prefix="codegate-bench-") as folder:
        found = {}
        for library in libraries:
            name = f"{library.name}-{library.version}"
            if given is None:
                pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--no-binary", ":all:"]
                _run([*pip, "-d", folder, f"{library.name}=={library.version}"], Path(folder))
            sdist = (given or Path(folder)).resolve() / f"{name}.tar.gz"
            if hashlib.sha256(sdist.read_bytes()).hexdigest() != library.sha256:
                raise SystemExit(f"{sdist} is not the {name} that was measured")
            found[library.name] = sdist
        yield found


def _run(argv: Sequence[str | Path], folder: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        argv, cwd=folder, env=env, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, argv))} in {folder}:\n{done.stdout}")
    return done.stdout


def main() -> int:
    given = _arguments()
    listed: dict[str, Any] = tomllib.loads(_TASKS.read_text("utf-8"))
    tasks = [Task(**task) for task in listed["task"]][given.only]
    libraries = [Library(**one) for one in listed["library"] if any(t.library == one["name"] for t in tasks)]
    suites: dict[str, Suite] = {}
    results: list[Result] = []
    with _sdists(given.sdists, libraries) as sdists:
        for library in libraries:
            with tempfile.TemporaryDirectory(prefix="codegate-bench-") as folder:
                checkout = Checkout(library, sdists[library.name], Path(folder))
                suite = suites[library.name] = checkout.suite()
                print(f"{library.name}: {suite.summary}, {suite.seconds:.1f} s", file=sys.stderr, flush=True)
                if not suite.passed:
                    raise SystemExit("its own tests fail before anything was changed")
                for task in tasks:
                    if task.library == library.name:
                        results.append(measure(checkout, task, given.model))
                        print(results[-1].row, file=sys.stderr, flush=True)
                        _write(given.json, suites, results)
    print(_table(results))
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.libraries", description=__doc__)
    answers = parser.add_mutually_exclusive_group()
    answers.add_argument("--model", default=MODEL, metavar="ID", help=f"who answers ({MODEL})")
    answers.add_argument(
        "--by-hand", dest="model", action="store_const", const=None,
        help="play right answers, written by hand: what gates and checks make of them",
    )  # fmt: skip
    parser.add_argument("--sdists", type=Path, metavar="DIR", help="where they are; without it pip fetches")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all there, too: screens and diffs")
    parser.add_argument(
        "--only", type=lambda n: slice(int(n) - 1, int(n)), default=slice(None), metavar="N",
        help="just the Nth request, from 1",
    )  # fmt: skip
    return parser.parse_args()


def _table(results: list[Result]) -> str:
    applied = [result for result in results if result.wrong is not None]
    right = sum(result.wrong == "" for result in applied)
    refused = sum(result.outcome.startswith("refused") for result in results)
    return "\n".join(
        (
            "| library | request | target | outcome | right | gates, s | in all, s |",
            "| --- | --- | --- | --- | --- | ---: | ---: |",
            *(result.row for result in results),
            "",
            f"Of {len(results)}: {right} approved and right, {len(applied) - right} approved and wrong, "
            f"{refused} refused, {len(results) - len(applied) - refused} errors.",
        )
    )


def _write(file: Path | None, suites: dict[str, Suite], results: list[Result]) -> None:
    if file is not None:
        record = {
            "suites": {name: dataclasses.asdict(suite) for name, suite in suites.items()},
            "results": [dataclasses.asdict(result) for result in results],
        }
        file.write_text(json.dumps(record, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
