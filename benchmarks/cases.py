"""What is promised, a function a promise. Each makes what it measures in an empty folder that it is given."""

from __future__ import annotations

import sys
from pathlib import Path

from benchmarks import projects
from benchmarks.history import STATIC
from benchmarks.measure import Cost, Row, in_turn, rows, run
from benchmarks.wide import of_library

_CODEGATE = (sys.executable, "-m", "codegate")
_STATIC = [word for gate in STATIC for word in ("--gate", gate)]


def startup(folder: Path) -> list[Row]:
    """`codegate --version` against importing typer alone."""
    script = Path(sys.executable).with_name("codegate")
    pairs = in_turn(
        lambda _: run([script, "--version"], folder),
        lambda _: run([sys.executable, "-c", "import typer"], folder),
        runs=20,
    )
    times = tuple((ours.seconds, theirs.seconds) for ours, theirs in pairs)
    return [Row("codegate --version", "python -c 'import typer'", "s", times, 1.5)]


def size(folder: Path) -> list[Row]:
    """`check` of a diff of one file with the static gates: 100,000 files against 100."""
    large = projects.of_size(folder / "large", 100_000)
    small = projects.of_size(folder / "small", 100)
    patch = folder / "patch.diff"

    def check(repository: Path, version: int) -> Cost:
        patch.write_bytes(projects.diff_of_one_file(version + 1))  # another diff each time: no cache helps
        return run([*_CODEGATE, "-C", repository, "check", patch, *_STATIC])

    pairs = in_turn(lambda n: check(large, n), lambda n: check(small, n), runs=10)
    return rows("check, 100,000 files", "check, 100 files", pairs, 1.5)


def wide(folder: Path) -> list[Row]:
    """`check` of a diff of 1,000 files with the static gates, against ruff asked of these files alone."""
    project = of_library(folder)
    check: list[str | Path] = [
        *_CODEGATE,
        "-C",
        project.base,
        "check",
        project.diff,
        "--origin",
        "person",
        *_STATIC,
    ]
    ruff = [sys.executable, "-m", "ruff", "check", "--no-cache", "--exit-zero", "--output-format", "json"]

    def lint(top: Path) -> Cost:
        return run([*ruff, f"@{project.paths}"], top)

    pairs = in_turn(lambda _: run(check), lambda _: (lint(project.result), lint(project.base)), runs=3)
    one = [(ours, result) for ours, (result, _) in pairs]
    both = [(ours, _sum(result, base)) for ours, (result, base) in pairs]
    return [
        *rows("check, 1,000 files", "ruff, as they are left", one, None),
        *rows("check, 1,000 files", "ruff, found and left", both, None),
    ]


def _sum(one: Cost, other: Cost) -> Cost:
    return Cost(one.seconds + other.seconds, one.processor + other.processor, max(one.peak, other.peak))


def suite(folder: Path) -> list[Row]:
    """The tests gate against the bare command, with a baseline that is known and one that is not."""
    repository = projects.with_suite(folder / "suite")
    patch = folder / "patch.diff"

    def gate(version: int) -> Cost:
        patch.write_bytes(projects.diff_of_work(version + 1))
        return run([*_CODEGATE, "-C", repository, "check", patch, "--gate", "tests"])

    def bare(_: int) -> Cost:
        return run(projects.COMMAND, repository)

    def cold(version: int) -> Cost:
        """Give the gate a base commit that it never saw."""
        (repository / "NOTES").write_text(f"{version}\n")
        projects.git(repository, "add", "NOTES")
        projects.git(repository, "commit", "-q", "-m", "another base")
        return gate(version)

    first = in_turn(cold, bare, runs=3, warm=False)
    later = in_turn(lambda n: gate(n + 100), bare, runs=3)
    return [
        *rows("tests gate, base seen before", "the bare command", later, 1.15),
        *rows("tests gate, base never seen", "the bare command", first, None),
    ]


def generation(folder: Path) -> list[Row]:
    """The embedded model asked by codegate, against llama-cpp-python asked directly, in tokens per second."""
    from benchmarks.generation import tokens_per_second

    return [Row("local generation", "llama-cpp-python", "tokens/s", tokens_per_second(runs=9), 0.95)]


def prefix(folder: Path) -> list[Row]:
    """The first token of a prompt that an earlier run read, against that of a new one."""
    from benchmarks import speed

    return [speed.first_token(folder, runs=9)]


def lookup(folder: Path) -> list[Row]:
    """An answer that copies its prompt, several tokens a step against token by token."""
    from benchmarks import speed

    return [speed.lookup(folder, runs=5)]


def candidates(folder: Path) -> list[Row]:
    """Eight answers side by side against one."""
    from benchmarks import speed

    return [speed.candidates(folder, runs=5)]


def grammar(folder: Path) -> list[Row]:
    """The same answer under a grammar and without."""
    from benchmarks import speed

    return [speed.grammar(folder, runs=5)]


_ALL = (startup, size, wide, suite, generation, prefix, lookup, candidates, grammar)
CASES = {case.__name__: case for case in _ALL}
