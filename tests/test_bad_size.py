"""However large, deep or oddly named: an answer within bounds of time and memory, and a clean exit."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from typing import Any, Final

import pytest
from conftest import GitRepo
from driver import CODEGATE

_STATIC: Final = ("scope", "syntax", "lint", "imports", "secrets")
_MEMORY: Final = 2_500  # MB, of the largest of its processes
_SECONDS: Final = 250.0
# Runs a program and tells its exit code and the largest of its processes.
_MEASURED: Final = """
import json, resource, subprocess, sys
done = subprocess.run(sys.argv[1:], capture_output=True)
memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
print(json.dumps([done.returncode, memory, done.stdout.decode(), done.stderr.decode(errors="replace")]))
"""


def _checked(repo: GitRepo, origin: str = "model") -> tuple[int, dict[str, Any]]:
    """Stage all there is, ask the static gates as a user does, and return exit code and report."""
    repo.git("add", "-A")
    gates = [part for name in _STATIC for part in ("--gate", name)]
    asked = [CODEGATE, "check", "--staged", "--origin", origin, "--format", "json", *gates]
    started = time.monotonic()
    done = subprocess.run(
        [sys.executable, "-c", _MEASURED, *asked], cwd=repo.path, capture_output=True, check=True, timeout=280
    )
    code, memory, out, err = json.loads(done.stdout)
    assert "Traceback" not in err
    assert code in (0, 1), err
    assert time.monotonic() - started < _SECONDS
    assert memory < _MEMORY
    report = json.loads(out)
    assert [g["gate"] for g in report["gates"]] == list(_STATIC)
    assert not [g["summary"] for g in report["gates"] if g["outcome"] == "broken"]
    return code, report


def _rules(report: dict[str, Any]) -> set[str]:
    return {f["rule"] for gate in report["gates"] for f in gate["findings"]}


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    git_repo.commit({"readme": "x\n"})
    return git_repo


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("big.txt", lambda: (b"x" * 99 + b"\n") * 1_000_000),
        ("big.py", lambda: (b"x = 1  # " + b"y" * 90 + b"\n") * 1_000_000),
        ("lines.py", lambda: b"x = 1\n" * 1_000_000),
        ("lines.json", lambda: b"1,\n" * 1_000_000),
        ("line.js", lambda: b"x=1;" * 12_500_000),
        ("line.txt", lambda: "é".encode() * 25_000_000),
    ],
)
def test_a_huge_file_is_answered(repo: GitRepo, name: str, make: Callable[[], bytes]) -> None:
    """100 MB, a million lines, 50 MB in one line: refused from a model, by its size."""
    repo.write(name, make())
    code, report = _checked(repo)
    assert (code, "scope/size" in _rules(report)) == (1, True)


@pytest.mark.slow
def test_ten_thousand_files_are_answered(repo: GitRepo) -> None:
    """And what is wrong in one of them is found."""
    for number in range(10_000):
        repo.write(f"d{number // 100}/f{number}.py", "import os\n\n\ndef f():\n    return os.sep\n")
    repo.write("d7/f777.py", "def f(:\n")
    code, report = _checked(repo)
    assert code == 1
    assert {"scope/size", "syntax/python"} <= _rules(report)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "text", "rule"),
    [
        ("a.py", "x = " + "(" * 100_000 + ")" * 100_000 + "\n", "syntax/python"),
        ("a.json", "[" * 500_000 + "]" * 500_000, "syntax/json"),
        ("a.yaml", "[" * 300_000 + "]" * 300_000, "syntax/yaml"),
        ("a.toml", "a = " + "[" * 300_000 + "]" * 300_000, "syntax/toml"),
        ("a.js", "(" * 300_000, "syntax/javascript"),
        ("a.go", "@ ( { ]\n" * 60_000, "syntax/go"),
        ("a.css", "url(" * 250_000, "syntax/doubtful"),
        ("a.php", "<?php { ( [ $\n" * 30_000, "syntax/php"),
    ],
)
def test_deep_and_senseless_text_is_answered(repo: GitRepo, name: str, text: str, rule: str) -> None:
    """Nesting beyond what a parser bears, and errors by the ten thousand, are errors of syntax."""
    repo.write(name, text)
    code, report = _checked(repo)
    assert (code, rule in _rules(report)) == (1, True)


def test_a_path_of_four_thousand_bytes_is_answered(repo: GitRepo) -> None:
    """It is longer than any system call takes when the folder of the checkout stands before it."""
    path = "/".join(["d" * 199] * 19 + ["f" * 190 + ".py"])
    repo.write("blob", "x = 1\n")
    blob = repo.git("hash-object", "-w", "blob").strip()
    (repo.path / "blob").unlink()
    repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{path}")
    gates = [part for name in _STATIC for part in ("--gate", name)]
    done = subprocess.run(
        [CODEGATE, "check", "--staged", *gates], cwd=repo.path, capture_output=True, check=False, timeout=120
    )
    assert done.returncode in (0, 1), done.stderr
    assert b"Traceback" not in done.stderr


def test_hostile_names_are_answered(repo: GitRepo) -> None:
    """Options, globs, shell, terminal codes, line feeds, bytes that are no text: names, and nothing else."""
    names = (
        "-rf.py", "--help.json", "$(x).py", "*?.py", "a b'\".py", "a\nb.py", "\x1b]0;x\x07.py", "é\u202e.py",
        "by\udcffte.py",
    )  # fmt: skip
    for name in names:
        repo.write(name, "x = 1\n")
    code, report = _checked(repo)
    assert code == 1
    assert {"scope/hidden-name", "scope/name"} <= _rules(report)
    assert len(report["candidate"]["files"]) == len(names)
