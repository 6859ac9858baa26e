"""The hook, as people get it: installed by the real pre-commit from a repository, run by `git commit`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from conftest import GitRepo

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
EXAMPLE = ROOT / "examples/hook/.pre-commit-config.yaml"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """This work tree, committed or not, as a repository that a hook can be had from; and its commit."""
    path = tmp_path_factory.mktemp("published") / "codegate"
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True
    ).stdout.decode()
    for name in filter(None, listed.split("\0")):
        if (ROOT / name).is_file():
            (path / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, path / name)
    repo = GitRepo(path)
    repo.git("init", "-q", "-b", "main")
    return path, repo.commit()


@pytest.fixture(scope="module")
def hooks_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where pre-commit keeps the environment it makes for the hook: made once for all tests here."""
    return tmp_path_factory.mktemp("pre-commit")


@pytest.fixture
def guarded(
    git_repo: GitRepo, published: tuple[Path, str], hooks_home: Path, monkeypatch: pytest.MonkeyPatch
) -> GitRepo:
    """A repository with one commit whose later commits the hook guards, set up as the example says."""
    monkeypatch.setenv("PRE_COMMIT_HOME", str(hooks_home))
    config = yaml.safe_load(EXAMPLE.read_text())
    config["repos"][0] |= {"repo": str(published[0]), "rev": published[1]}
    git_repo.commit({".pre-commit-config.yaml": yaml.safe_dump(config), "bank.py": "rate = 3\n"})
    done = subprocess.run(
        [BIN / "pre-commit", "install", "--install-hooks"],
        cwd=git_repo.path, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return git_repo


def commit(repo: GitRepo, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["git", "commit", "-m", "a change", *options],
        cwd=repo.path, env=os.environ, capture_output=True, text=True, check=False,
    )  # fmt: skip


def head(repo: GitRepo) -> str:
    return repo.git("rev-parse", "HEAD")


@pytest.mark.slow
@pytest.mark.timeout(900)
class TestHook:
    def test_a_sound_commit_passes(self, guarded: GitRepo) -> None:
        """What every gate passes is committed, just as it was staged."""
        before = head(guarded)
        guarded.write("bank.py", "rate = 4\n")
        guarded.git("add", "bank.py")
        done = commit(guarded)
        assert done.returncode == 0, done.stdout + done.stderr
        assert "codegate check" in done.stderr + done.stdout
        assert guarded.git("rev-parse", "HEAD~") == before
        assert guarded.git("show", "HEAD:bank.py") == "rate = 4\n"

    def test_a_broken_commit_is_stopped(self, guarded: GitRepo) -> None:
        """A staged file that no longer parses is not committed, and the report names gate and file."""
        before = head(guarded)
        guarded.write("bank.py", "rate = (\n")
        guarded.git("add", "bank.py")
        done = commit(guarded)
        assert done.returncode != 0
        assert "syntax" in done.stdout + done.stderr
        assert "bank.py" in done.stdout + done.stderr
        assert head(guarded) == before
        assert guarded.git("show", ":bank.py") == "rate = (\n"

    def test_what_is_staged_is_judged_and_nothing_else(self, guarded: GitRepo) -> None:
        """A sound checkout does not excuse a broken index."""
        before = head(guarded)
        guarded.write("bank.py", "rate = (\n")
        guarded.git("add", "bank.py")
        guarded.write("bank.py", "rate = 5\n")
        done = commit(guarded)
        assert done.returncode != 0
        assert "syntax" in done.stdout + done.stderr
        assert head(guarded) == before
        assert (guarded.path / "bank.py").read_text() == "rate = 5\n"

    def test_a_commit_of_everything_is_judged_too(self, guarded: GitRepo) -> None:
        """`git commit -a` stages in an index of its own: that one is judged."""
        before = head(guarded)
        guarded.write("bank.py", "rate = (\n")
        done = commit(guarded, "-a")
        assert done.returncode != 0
        assert "syntax" in done.stdout + done.stderr
        assert head(guarded) == before
