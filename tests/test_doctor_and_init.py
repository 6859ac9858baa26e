"""`codegate doctor` says what works and mends what a crash left; `codegate init` writes a start, and asks."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import GitRepo
from driver import codegate, terminal

from codegate.config import load


def test_a_healthy_project_is_said_so(git_repo: GitRepo) -> None:
    """Everything that codegate needs is named, with a tick."""
    git_repo.commit({"a.py": "x = 1\n"})
    done = codegate(git_repo.path, "doctor")
    assert done.returncode == 0, done.stdout
    for word in ("codegate", "git", "sandbox", "ruff", "repository", "state", "rules", "tests"):
        assert f"✓ {word}" in done.stdout


def test_what_is_wrong_comes_with_its_mending(tmp_path: Path) -> None:
    """Outside a repository the rest still answers, and the exit code says that something is missing."""
    done = codegate(tmp_path, "doctor")
    assert done.returncode == 3
    assert "✗ repository" in done.stdout
    assert "mend:" in done.stdout
    assert "✓ ruff" in done.stdout


def test_rules_with_a_mistake_and_weakened_ones_are_named(git_repo: GitRepo) -> None:
    """A mistake in the base's rules is found here too; a rule that is weakened is said."""
    git_repo.commit({"codegate.toml": '[tests]\nsandbox = "none"\n'})
    assert "tests.sandbox" in codegate(git_repo.path, "doctor").stdout
    git_repo.commit({"codegate.toml": "[tets]\n"})
    done = codegate(git_repo.path, "doctor")
    assert done.returncode == 3
    assert "tests" in done.stdout


def test_init_writes_rules_that_load_and_offers_the_hook(git_repo: GitRepo) -> None:
    """Without a terminal it writes codegate.toml alone and prints the hook; a second time nothing."""
    git_repo.commit({"a.py": "x = 1\n"})
    done = codegate(git_repo.path, "init")
    assert (done.returncode, done.stdout) == (0, "codegate.toml\n")
    load(lambda name: (git_repo.path / name).read_bytes() if (git_repo.path / name).exists() else None)
    assert "codegate check --staged" in done.stderr
    assert not (git_repo.path / ".pre-commit-config.yaml").exists()
    text = (git_repo.path / "codegate.toml").read_bytes()
    again = codegate(git_repo.path, "init")
    assert (again.returncode, again.stdout) == (0, "")
    assert (git_repo.path / "codegate.toml").read_bytes() == text


@pytest.mark.parametrize(("answer", "written"), [("y", True), ("n", False), ("", False)])
def test_init_writes_the_hook_only_on_yes(git_repo: GitRepo, answer: str, written: bool) -> None:
    """At a terminal the hook is a question."""
    git_repo.commit({"a.py": "x = 1\n"})
    with terminal(git_repo.path, "init") as session:
        session.expect(r"\[y/N\] ")
        session.type(answer)
        assert session.ends() == 0
    assert (git_repo.path / ".pre-commit-config.yaml").exists() is written
