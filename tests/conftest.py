"""Real git repositories to test on, made by git itself with a pinned identity and an empty configuration."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from codegate.models.local import Local
    from codegate.models.weights import Weights

SMALL_MODEL = "smollm2-135m"

# What is judged there is no test of ours.
collect_ignore = ["hostile"]

# A shell lets what it starts in the background ignore ^C, and so would all that the tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

_IDENTITY = {
    "GIT_AUTHOR_NAME": "A Developer",
    "GIT_AUTHOR_EMAIL": "dev@example.com",
    "GIT_COMMITTER_NAME": "A Developer",
    "GIT_COMMITTER_EMAIL": "dev@example.com",
    "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
    "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
}


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home and no git or codegate setting of the machine's: tests see only what they make.

    The folder of models stays the machine's own: weights are shared, by digest.
    """
    home = tmp_path_factory.mktemp("home")
    for key in list(os.environ):
        if key.startswith(("GIT_", "CODEGATE_", "OPENAI_")) and key != "CODEGATE_MODELS":
            monkeypatch.delenv(key)
    if "CODEGATE_MODELS" not in os.environ:
        data = os.environ.get("XDG_DATA_HOME") or os.path.expanduser("~/.local/share")
        monkeypatch.setenv("CODEGATE_MODELS", os.path.join(data, "codegate", "models"))
    monkeypatch.setenv("HOME", str(home))
    for key in ("XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(key, raising=False)
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    return home


class GitRepo:
    """A real repository: `write` files, `commit` them, `git` anything."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def git(self, *args: str, check: bool = True, **env: str) -> str:
        done = subprocess.run(
            ["git", *args], cwd=self.path, env=os.environ | _IDENTITY | env, capture_output=True, check=False
        )
        if check and done.returncode:
            raise AssertionError(f"git {args}: {done.stderr.decode(errors='replace')}")
        return done.stdout.decode("utf-8", "surrogateescape")

    def write(self, name: str, text: str | bytes) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        return path

    def commit(self, files: dict[str, str | bytes] | None = None, message: str = "work") -> str:
        for name, text in (files or {}).items():
            self.write(name, text)
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", message)
        return self.git("rev-parse", "HEAD").strip()


@pytest.fixture
def git_repo(tmp_path: Path) -> GitRepo:
    """A repository on branch `main` without any commit."""
    path = tmp_path / "project"
    path.mkdir()
    repo = GitRepo(path)
    repo.git("init", "-q", "-b", "main")
    repo.git("config", "user.name", "A Developer")
    repo.git("config", "user.email", "dev@example.com")
    return repo


def need(*modules: str) -> None:
    """Skip where a module is not installed. None is imported here: llama_cpp leaves two files open."""
    if missing := [name for name in modules if find_spec(name) is None]:
        pytest.skip(f"{missing[0]} is not installed")


@pytest.fixture(scope="module")
def weights() -> Weights:
    """The smallest known model; `codegate model pull smollm2-135m` fetches it."""
    need("llama_cpp")
    from codegate.models.weights import Store, find_known

    if not Store().has(find_known(SMALL_MODEL)):
        pytest.skip(f"the weights of {SMALL_MODEL} are not here: codegate model pull {SMALL_MODEL}")
    return Store().open(SMALL_MODEL)


@pytest.fixture(scope="module")
def model(weights: Weights) -> Iterator[Local]:
    """One warm child for the tests that leave it alive."""
    from codegate.models.local import Local

    with Local(weights, context_tokens=2048) as local:
        yield local
