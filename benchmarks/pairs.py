"""Whether the gates tell a bug from its fix, where the tests can.

`python -m benchmarks.pairs REPOSITORY…` makes pairs of commits that differ in code alone, the tests being
the same: of QuixBugs' programs, and of fixes that came with a test in a library's history, or that
`--bugs-in-py` lists. A pair counts if the tests, run plainly and without codegate, pass with the fix and not
without it. Then `codegate check` is asked twice: of the bug, as a person's change of the right code, which
must be refused; and of the fix, as a model's change of the wrong code, which must be accepted.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path

from benchmarks.history import name_of, said_by_git
from benchmarks.projects import git

_LIBRARIES = Path(__file__).with_suffix(".toml")
_FIXES = "fix|bug|regress|crash|wrong|incorrect|broken"
_TEST = re.compile(r"(^|/)(test_[^/]*|[^/]*_test)\.py$")
_NO_CODE = re.compile(
    r"(^|/)(tests?|testing|docs?|examples?|benchmarks?|tools|scripts)/|(^|/)(setup|conftest)\.py$"
)
_NOT_COLLECTED = (2, 4)  # pytest's exit status where a test file, or a conftest, cannot be imported
_PYTEST = ("-m", "pytest", "-q", "-p", "no:cacheprovider")


@dataclass(frozen=True, slots=True)
class Pair:
    """Two commits of one checkout that differ in code alone; `command` runs the tests of both."""

    source: str
    name: str
    checkout: Path
    fixed: str
    buggy: str
    command: tuple[str, ...]
    seconds: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What `codegate check` said: its verdict, each failed or broken gate, and the rules of all errors."""

    verdict: str
    gates: list[str]
    rules: list[str]
    says: str


@dataclass(frozen=True, slots=True)
class Result:
    """One pair: how many tests tell the bug, and the answers to the bug and to its fix."""

    source: str
    name: str
    told: int
    bug: Answer
    fix: Answer

    @property
    def is_right(self) -> bool:
        return self.bug.verdict == "refused" and self.fix.verdict == "accepted"


def measure(pair: Pair) -> Result | None:
    """Return what came of a pair; None if its tests, run plainly, do not tell the bug.

    Nor is it a pair if without the fix they cannot be collected: then something is new, and nothing mended.
    """
    right, status = _plain(pair, pair.fixed)
    if status != 0:
        return None
    wrong, status = _plain(pair, pair.buggy)
    told = right - wrong
    if not told or status in _NOT_COLLECTED:
        return None
    bug = _checked(pair, pair.fixed, pair.buggy, "person")
    return Result(pair.source, pair.name, len(told), bug, _checked(pair, pair.buggy, pair.fixed, "model"))


def _plain(pair: Pair, commit: str) -> tuple[set[str], int]:
    """Return the tests that pass at a commit, and the exit status, asked of pytest alone; -1 if it hangs."""
    git(pair.checkout, "checkout", "-q", "--force", "--detach", commit)
    with tempfile.TemporaryDirectory(prefix="codegate-bench-") as folder:
        report = Path(folder) / "report.xml"
        # Of two versions within a second Python could take one's bytecode for the other's.
        env = os.environ | {"PYTHONDONTWRITEBYTECODE": "1", "PYTHONHASHSEED": "0"}
        child = subprocess.Popen(
            [*pair.command, f"--junitxml={report}"], cwd=pair.checkout, env=env, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            status = child.wait(pair.seconds)
        except subprocess.TimeoutExpired:
            os.killpg(child.pid, signal.SIGKILL)
            child.wait()
            return set(), -1
        return _passed(report), status


def _passed(report: Path) -> set[str]:
    if not report.exists():
        return set()
    cases = ET.parse(report).getroot().iter("testcase")
    return {f"{case.get('classname')}::{case.get('name')}" for case in cases if not len(case)}


def _checked(pair: Pair, base: str, result: str, origin: str) -> Answer:
    git(pair.checkout, "checkout", "-q", "--force", "--detach", base)
    done = subprocess.run(
        [sys.executable, "-m", "codegate", "-C", pair.checkout, "check", "--range", f"{base}..{result}",
         "--origin", origin, "--format", "json"],
        capture_output=True, text=True,
    )  # fmt: skip
    if not done.stdout:
        return Answer(f"no answer, exit code {done.returncode}", [], [], done.stderr[-1000:])
    report = json.loads(done.stdout)
    gates = [gate for gate in report["gates"] if gate["outcome"] in ("failed", "broken")]
    errors = [f for gate in gates for f in gate["findings"] if f["severity"] == "error"]
    says = [f["message"] for f in errors] or [gate["summary"] for gate in gates]
    rules = list(dict.fromkeys(finding["rule"] for finding in errors))
    named = [gate["gate"] for gate in gates]
    return Answer(report["verdict"], named, rules, " ".join(says[0].split())[:300] if says else "")


def pairs(repository: Path, folder: Path, listing: Path | None) -> Iterator[Pair]:
    """Yield the pairs of a repository, made in an empty folder; of the bugs that BugsInPy lists, if given."""
    if _listed(repository, "HEAD", "python_testcases"):
        return _of_quixbugs(repository, folder)
    return _of_history(repository, folder, listing)


def _of_quixbugs(repository: Path, folder: Path) -> Iterator[Pair]:
    """Yield a pair for each program with tests, in a repository of its own."""
    command = (sys.executable, *_PYTEST)
    for test in _listed(repository, "HEAD", "python_testcases"):
        found = re.fullmatch(r"python_testcases/test_(\w+)\.py", test)
        if found is None:
            continue
        name, top = found[1], folder / found[1]
        program, data = f"python_programs/{name}.py", f"json_testcases/{name}.json"
        kept = ["conftest.py", test, "python_testcases/load_testdata.py", "python_testcases/node.py",
                "python_programs/node.py", data]  # fmt: skip
        top.mkdir()
        git(top, "init", "-q", "-b", "main")
        _configure(top, command, seconds := 30)
        for path in kept:
            _write(top / path, _blob(repository, "HEAD", path))
        fixed = _committed(top, {program: _blob(repository, "HEAD", f"correct_{program}")})
        buggy = _committed(top, {program: _blob(repository, "HEAD", program)})
        yield Pair("QuixBugs", name, top, fixed, buggy, command, seconds)


def _of_history(repository: Path, folder: Path, listing: Path | None) -> Iterator[Pair]:
    """Yield a pair for each fix with tests, the newest first, in a clone with an environment of its own."""
    name = name_of(repository)
    known = tomllib.loads(_LIBRARIES.read_text("utf-8"))
    if name not in known:
        raise SystemExit(f"{_LIBRARIES.name} does not say what the tests of {name} need")
    top = folder / name
    git(folder, "clone", "-q", "--shared", str(repository), str(top))
    (top / ".git/info/exclude").write_text(".venv/\n*.egg-info/\n__pycache__/\n")
    subprocess.run([sys.executable, "-m", "venv", ".venv"], cwd=top, check=True)
    subprocess.run(
        [".venv/bin/python", "-m", "pip", "install", "-q", *known[name]["install"]], cwd=top, check=True
    )
    for commit in _bugs_in_py(listing, name) if listing else _fixes(top):
        if (pair := _of_commit(top, name, commit)) is not None:
            yield pair


def _fixes(top: Path) -> list[str]:
    """Return the commits whose message tells of a fix, the newest first."""
    told = ("--no-merges", "--min-parents=1", "-i", "-E", f"--grep={_FIXES}", "--format=%H")
    return said_by_git(top, "log", *told, "HEAD").split()


def _bugs_in_py(listing: Path, project: str) -> list[str]:
    """Return the commits that fix the bugs of a project that BugsInPy lists."""
    infos = [path for path in _listed(listing, "HEAD", f"projects/{project}") if path.endswith("/bug.info")]
    texts = [(_blob(listing, "HEAD", path) or b"").decode() for path in infos]
    found = [re.search(r'fixed_commit_id="(\w+)"', text) for text in texts]
    return [match[1] for match in found if match is not None]


def _of_commit(top: Path, source: str, commit: str) -> Pair | None:
    """Return a commit with its tests as the fixed one, and without its code as the buggy one."""
    changes = said_by_git(top, "diff-tree", "-r", "--no-renames", "--name-status", f"{commit}^", commit)
    listed = [line.split("\t") for line in changes.splitlines()]
    tests = [path for status, path in listed if status != "D" and _TEST.search(path)]
    code = [path for _, path in listed if path.endswith(".py") and not _NO_CODE.search(path)
            and not _TEST.search(path)]  # fmt: skip
    if not tests or not code:
        return None
    git(top, "checkout", "-q", "--force", "--detach", commit)
    command = (str(top / ".venv/bin/python"), *_PYTEST, *tests)
    _configure(top, command, seconds := 120)
    fixed = _committed(top, {})
    before = {path: _blob(top, f"{commit}^", path) for path in code}
    return Pair(source, commit[:10], top, fixed, _committed(top, before), command, seconds)


def _configure(top: Path, command: Sequence[str], seconds: int) -> None:
    text = f"[tests]\ncommand = {json.dumps(shlex.join(command))}\ntimeout = {seconds}\n"
    (top / "codegate.toml").write_text(text)


def _committed(top: Path, files: dict[str, bytes | None]) -> str:
    """Write or take away these files, commit what is there, and return the commit."""
    for path, data in files.items():
        _write(top / path, data)
    git(top, "add", "-A")
    git(top, "commit", "-q", "--allow-empty", "--no-verify", "-m", "one of a pair")
    return said_by_git(top, "rev-parse", "HEAD").strip()


def _write(path: Path, data: bytes | None) -> None:
    if data is None:
        path.unlink(missing_ok=True)
    else:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def _listed(repository: Path, commit: str, folder: str) -> list[str]:
    return said_by_git(repository, "ls-tree", "-r", "--name-only", commit, folder).splitlines()


def _blob(repository: Path, commit: str, path: str) -> bytes | None:
    """Return a file of a commit; None where there is none."""
    done = subprocess.run(
        ["git", "-C", repository, "cat-file", "blob", f"{commit}:{path}"], stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    return None if done.returncode else done.stdout


def results(repository: Path, most: int, tried: int, listing: Path | None) -> list[Result]:
    """Return what came of the first pairs of a repository, at most so many, among so many candidates."""
    found: list[Result] = []
    with tempfile.TemporaryDirectory(prefix="codegate-bench-") as folder:
        for pair in islice(pairs(repository, Path(folder), listing), tried):
            if (result := measure(pair)) is not None:
                found.append(result)
                print(_row(result), file=sys.stderr, flush=True)
            if len(found) == most:
                break
    return found


def main() -> int:
    given = _arguments()
    os.environ.pop("VIRTUAL_ENV", None)
    found: list[Result] = []
    with ProcessPoolExecutor(given.jobs) as pool:
        work = partial(results, most=given.pairs, tried=given.tried, listing=given.bugs_in_py)
        for part in pool.map(work, given.repository):
            found += part
            if given.json:
                text = json.dumps([dataclasses.asdict(result) for result in found], indent=2)
                given.json.write_text(text + "\n", encoding="utf-8")
    print("\n".join(report(found)))
    return 0 if all(result.is_right for result in found) else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pairs", description=__doc__)
    parser.add_argument("repository", nargs="+", type=lambda path: Path(path).resolve())
    parser.add_argument("--pairs", type=int, default=50, metavar="N", help="at most, of each repository (50)")
    parser.add_argument("--tried", type=int, default=200, metavar="N", help="candidates for them (200)")
    parser.add_argument(
        "--bugs-in-py", type=lambda path: Path(path).resolve(), metavar="REPOSITORY",
        help="take the commits that it lists, instead of those whose message tells of a fix",
    )  # fmt: skip
    parser.add_argument("--jobs", type=int, default=1, metavar="N", help="repositories at once (1)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write every answer there, too")
    return parser.parse_args()


def report(found: Sequence[Result]) -> list[str]:
    """Return the table of what came of all pairs, and each that went another way than it must."""
    parts = {
        source: [r for r in found if r.source == source] for source in dict.fromkeys(r.source for r in found)
    }
    lines = [
        "| source | pairs | bugs refused | of them by `tests` | fixes accepted |",
        "| --- | ---: | ---: | ---: | ---: |",
        *(_counted(source, part) for source, part in parts.items()),
        _counted("in all", found),
        "",
    ]
    return lines + [_row(result) for result in found if not result.is_right]


def _counted(source: str, part: Sequence[Result]) -> str:
    refused = [result.bug for result in part if result.bug.verdict == "refused"]
    accepted = sum(result.fix.verdict == "accepted" for result in part)
    by_tests = sum("tests" in bug.gates for bug in refused)
    return f"| {source} | {len(part)} | {len(refused)} | {by_tests} | {accepted} |"


def _row(result: Result) -> str:
    told = f"{result.told} test{'' if result.told == 1 else 's'} tell"
    said = [
        f"{what} {answer.verdict} {', '.join(answer.rules or answer.gates)}".rstrip()
        for what, answer in (("bug", result.bug), ("fix", result.fix))
    ]
    why = (
        ""
        if result.is_right
        else f": {result.fix.says if result.bug.verdict == 'refused' else result.bug.says}"
    )
    return f"- {result.source} {result.name}: {told}; {'; '.join(said)}{why}"


if __name__ == "__main__":
    sys.exit(main())
