"""Repositories made for measuring: of any number of files, and with a test suite of a wanted length."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

_SUITE_SECONDS = 10.0
_TESTS = 100
_FILES_IN_A_FOLDER = 100
COMMAND = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider")


def git(folder: Path, *args: str, stdin: bytes = b"") -> None:
    settings = ("user.name=A Developer", "user.email=dev@example.com", "commit.gpgsign=false")
    options = [word for setting in settings for word in ("-c", setting)]
    subprocess.run(["git", *options, *args], cwd=folder, input=stdin, stdout=subprocess.DEVNULL, check=True)


def unpack(sdist: Path, folder: Path) -> None:
    """Unpack a source distribution; what would leave the folder is refused where Python can tell (3.11.4)."""
    with tarfile.open(sdist) as archive:
        if hasattr(tarfile, "data_filter"):
            archive.extractall(folder, filter="data")
        else:
            archive.extractall(folder)


def of_size(folder: Path, files: int) -> Path:
    """Make a checkout with that many Python files and no test."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "fast-import", "--quiet", stdin=b"".join(_stream(files)))
    git(folder, "reset", "-q", "--hard", "main")
    return folder


def _stream(files: int) -> Iterator[bytes]:
    yield b"commit refs/heads/main\ncommitter A Developer <dev@example.com> 1767225600 +0000\ndata 5\nstart\n"
    for number in range(files):
        text = _module(number, 0).encode()
        path = f"src/part{number // _FILES_IN_A_FOLDER}/module{number}.py"
        yield b"M 100644 inline %s\ndata %d\n%s\n" % (path.encode(), len(text), text)
    yield b"done\n"


def _module(number: int, version: int) -> str:
    return f'"""Module {number}."""\n\nVERSION = {version}\n\n\ndef number() -> int:\n    return {number}\n'


def diff_of_one_file(version: int) -> bytes:
    """Return a diff of a repository made by `of_size`, another one for each version."""
    return (
        b"--- a/src/part0/module7.py\n+++ b/src/part0/module7.py\n@@ -1,5 +1,5 @@\n"
        b' """Module 7."""\n \n-VERSION = 0\n+VERSION = %d\n \n \n' % version
    )


def with_suite(folder: Path) -> Path:
    """Make a checkout whose tests take about ten seconds of work on this machine."""
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    command = json.dumps(COMMAND)
    _write(folder / "codegate.toml", f"[tests]\ncommand = {command}\n")
    _write(folder / "pyproject.toml", '[tool.pytest.ini_options]\npythonpath = ["src"]\n')
    _write(folder / "src/work.py", _WORK)
    for number in range(_TESTS // 10):
        _write(folder / f"tests/test_part{number}.py", _test_module(_rounds()))
    git(folder, "add", "-A")
    git(folder, "commit", "-q", "-m", "start")
    return folder


_WORK = '''"""Work."""

from hashlib import sha256

VERSION = 0


def work(rounds: int) -> bytes:
    data = b""
    for _ in range(rounds):
        data = sha256(data).digest()
    return data
'''


def diff_of_work(version: int) -> bytes:
    """Return a diff of a repository made by `with_suite`, another one for each version."""
    return (
        b"--- a/src/work.py\n+++ b/src/work.py\n@@ -2,7 +2,7 @@\n \n from hashlib import sha256\n \n"
        b"-VERSION = 0\n+VERSION = %d\n \n \n def work(rounds: int) -> bytes:\n" % version
    )


def _test_module(rounds: int) -> str:
    tests = "\n\n".join(
        f"def test_{number}():\n    assert len(work({rounds})) == 32\n" for number in range(10)
    )
    return f"from work import work\n\n\n{tests}"


def _rounds() -> int:
    """Return how many rounds of work take one test's share of the suite, in processor time."""
    data, rounds, started = b"", 0, time.process_time()
    while time.process_time() - started < 0.05:
        for _ in range(1000):
            data = sha256(data).digest()
        rounds += 1000
    return int(rounds * (_SUITE_SECONDS / _TESTS) / (time.process_time() - started))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
