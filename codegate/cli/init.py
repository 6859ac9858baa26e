"""`codegate init`: a starting configuration, and the hook for those who want it."""

from __future__ import annotations

import sys
from pathlib import Path

from codegate.errors import ConfigError

CONFIGURATION = """\
# codegate: the rules that every diff is judged by. They count from the commit they are in.

[scope]
# allow = ["docs/**"]          # lifts the default protection of these paths
# protect = ["migrations/**"]  # adds to it
max_files = 50
max_lines = 2000

[tests]
# command = ["python", "-m", "pytest"]  # how the tests are run; pytest is found by itself
timeout = 600
"""

HOOK = """\
repos:
  - repo: local
    hooks:
      - id: codegate-check
        name: codegate (staged diff, quick gates)
        entry: codegate check --staged --gate scope --gate syntax --gate lint --gate imports --gate secrets
        language: system
        always_run: true
        pass_filenames: false
"""


def init() -> None:
    """Write a starting codegate.toml, and offer the pre-commit hook."""
    from codegate.cli.terminal import confirm
    from codegate.config import load
    from codegate.repo import Repository

    top = Repository.discover(Path.cwd()).top
    load(lambda path: _read(top / path))
    if (top / "codegate.toml").exists() or b"[tool.codegate" in (_read(top / "pyproject.toml") or b""):
        print("this project is configured already", file=sys.stderr)
    else:
        _create(top / "codegate.toml", CONFIGURATION)
    hooks = top / ".pre-commit-config.yaml"
    if hooks.exists():
        print(f"to gate every commit, add this to {hooks.name}:\n\n{HOOK}", file=sys.stderr)
    elif confirm(f"gate every commit by a pre-commit hook? writes {hooks.name}"):
        _create(hooks, HOOK)
        print("then run once: pre-commit install", file=sys.stderr)
    else:
        print(f"to gate every commit, put this into {hooks.name}:\n\n{HOOK}", file=sys.stderr)
    print("rules count from the commit they are in: commit them, then try `codegate doctor`", file=sys.stderr)


def _create(path: Path, text: str) -> None:
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        if not isinstance(error, FileExistsError):
            path.unlink(missing_ok=True)  # half a configuration is worse than none
        raise ConfigError(f"cannot write {path}: {error.strerror}") from error
    print(path.name)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise ConfigError(f"cannot read {path}: {error.strerror}") from error
