"""Whatever is wrong: a message that helps, the exit code of its kind, and nothing is written."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from conftest import GitRepo
from driver import codegate
from test_suggest import ACCOUNT, CLASS, GOOD, everything, script


def suggest(
    repo: GitRepo,
    target: str,
    *,
    instruction: str = "add a __repr__",
    answer: str = GOOD,
    cwd: Path | None = None,
):  # type: ignore[no-untyped-def]
    before = everything(repo.path)
    done = codegate(
        cwd or repo.path, "suggest", instruction, target, "--model", script(repo.path, answer), "--no-apply"
    )
    assert everything(repo.path) == before
    assert "Traceback" not in done.stderr
    return done


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    git_repo.commit({"bank.py": ACCOUNT})
    return git_repo


def test_not_a_repository(tmp_path: Path) -> None:
    """A folder that git does not know is said so."""
    done = codegate(tmp_path, "suggest", "x", "a.py")
    assert done.returncode == 3
    assert "git" in done.stderr
    assert "hint:" in done.stderr


def test_a_bare_repository(tmp_path: Path) -> None:
    """Without a checkout there is nothing to write to."""
    subprocess.run(["git", "init", "-q", "--bare", str(tmp_path / "bare.git")], check=True)
    done = codegate(tmp_path / "bare.git", "suggest", "x", "a.py")
    assert done.returncode == 3
    assert "bare" in done.stderr


def test_no_commit_yet(git_repo: GitRepo) -> None:
    """Rules come from a commit, so one must be there."""
    git_repo.write("bank.py", ACCOUNT)
    done = suggest(git_repo, "bank.py::Account")
    assert done.returncode == 3
    assert "commit" in done.stderr


def test_a_detached_head_is_fine(repo: GitRepo) -> None:
    """A branch is not needed."""
    repo.git("checkout", "-q", "--detach")
    assert suggest(repo, "bank.py::Account").returncode == 0


@pytest.mark.parametrize(
    ("target", "says"),
    [
        ("../elsewhere.py", "outside"),
        ("/etc/passwd", "outside"),
        (".git/config", ".git"),
        ("bnak.py", "bank.py"),
        ("bank.py::Acount", "Account"),
        ("bank.py::Account.depositt", "deposit"),
        ("bank.py::", "symbol"),
        ("nowhere/bank.py", "no file"),
    ],
)
def test_targets_that_cannot_be(repo: GitRepo, target: str, says: str) -> None:
    """A path outside, in .git or misspelt, a symbol that is not there: usage errors with the nearest."""
    done = suggest(repo, f"{target}::X" if target == "bnak.py" else target)
    assert done.returncode == 2
    assert says in done.stderr


def test_a_symbol_that_exists_twice(repo: GitRepo) -> None:
    """Which one is meant is asked, with the lines."""
    repo.commit({"twice.py": "def f():\n    return 1\n\n\ndef f():\n    return 2\n"})
    done = suggest(repo, "twice.py::f")
    assert done.returncode == 2
    assert "1" in done.stderr
    assert "5" in done.stderr


def test_a_submodule(repo: GitRepo, tmp_path: Path) -> None:
    """Another repository's files are that repository's to change."""
    other = tmp_path / "other"
    other.mkdir()
    inner = GitRepo(other)
    inner.git("init", "-q", "-b", "main")
    inner.commit({"lib.py": ACCOUNT})
    repo.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(other), "vendor")
    repo.commit()
    done = suggest(repo, "vendor/lib.py::Account")
    assert done.returncode == 2
    assert "submodule" in done.stderr


def test_a_symlink(repo: GitRepo) -> None:
    """Neither a link nor what it leads to is written through it."""
    (repo.path / "link.py").symlink_to("bank.py")
    repo.commit()
    done = suggest(repo, "link.py::Account")
    assert done.returncode in (2, 3)
    assert "symlink" in done.stderr or "symbolic link" in done.stderr


@pytest.mark.parametrize(
    ("data", "says"),
    [(b"\x00\x01\x02class Account: pass\n", "binary"), (b"class Account:\n    x = '\xff\xfe'\n", "UTF-8")],
)
def test_what_is_no_text(repo: GitRepo, data: bytes, says: str) -> None:
    """A binary, and text in no known encoding, are refused before a model is asked."""
    repo.commit({"odd.py": data})
    done = suggest(repo, "odd.py::Account")
    assert done.returncode == 2
    assert says in done.stderr


def test_twenty_megabytes_in_one_line(repo: GitRepo) -> None:
    """Too much is said at once, not after minutes."""
    repo.commit({"huge.py": b"x = '" + b"a" * 20_000_000 + b"'\n"})
    done = suggest(repo, "huge.py")
    assert done.returncode == 2
    assert "huge.py" in done.stderr


@pytest.mark.parametrize("text", [ACCOUNT.replace("\n", "\r\n"), "\ufeff" + ACCOUNT, ACCOUNT.rstrip("\n")])
def test_line_endings_bom_and_missing_newline_are_kept(repo: GitRepo, text: str) -> None:
    """What is not the model's to change stays: CRLF, a byte order mark, no newline at the end."""
    repo.commit({"bank.py": text.encode()})
    done = suggest(repo, "bank.py::Account")
    assert done.returncode == 0, done.stderr
    diff = codegate(repo.path, "show", done.stdout.strip(), "--format", "json").stdout
    assert '"removed": 0' in diff or '"removed": 1' in diff


@pytest.mark.parametrize("instruction", ["", "   ", "\n"])
def test_an_empty_instruction(repo: GitRepo, instruction: str) -> None:
    """Nothing asked is nothing done."""
    assert suggest(repo, "bank.py::Account", instruction=instruction).returncode == 2


@pytest.mark.parametrize(
    "args",
    [
        ["suggest", "x"],
        ["suggest", "x", "bank.py", "bank.py::Account"],
        ["suggest", "x", "bank.py", "bank.py"],
        ["suggest", "x", "bank.py", "--set", "novalue"],
        ["suggest", "x", "bank.py", "--recipe", "edlt"],
        ["suggest", "x", "bank.py", "--candidates", "0"],
        ["suggest", "x", "bank.py", "--yes"],
        ["check"],
        ["check", "--staged", "--worktree"],
        ["check", "--staged", "--base", "HEAD"],
        ["check", "no-such-file.diff"],
        ["check", "--range", "HEAD..nowhere"],
        ["check", "--staged", "--gate", "lnt"],
        ["review", "zzzz"],
        ["show", "zzzz"],
        ["undo"],
        ["-C", "nowhere", "pending"],
    ],
)
def test_wrong_usage_ends_with_two(repo: GitRepo, args: list[str]) -> None:
    """Contradictory, unknown and missing words are usage errors, said in a line."""
    before = everything(repo.path)
    done = (
        codegate(repo.path, *args, "--model", "scripted:none.toml")
        if args[0] == "suggest"
        else codegate(repo.path, *args)
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.strip()
    assert "Traceback" not in done.stderr
    assert everything(repo.path) == before


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("I'm sorry, I cannot help with that.", "answer/"),
        ("```python\nclass Account:\n    def __repr__(self:\n```", "answer/"),
        ("```python\nclass Other:\n    pass\n```", "answer/"),
        (f"```python\n{CLASS}```", "answer/"),
        ("```python\nclass Account:\n    # ... existing code ...\n    pass\n```", "answer/"),
        ("", "answer/"),
    ],
)
def test_answers_that_are_none(repo: GitRepo, answer: str, rule: str, tmp_path: Path) -> None:
    """Refusals, broken code, another symbol, no change and elisions are findings, and end with 1."""
    path = tmp_path / "script.toml"
    path.write_text(f"[[answer]]\ntext = '''\n{answer}'''\n")
    done = codegate(repo.path, "suggest", "add a __repr__", "bank.py::Account", "--model", f"scripted:{path}")
    assert done.returncode == 1
    assert rule in done.stdout


def test_no_model(repo: GitRepo, tmp_path: Path) -> None:
    """A model that is not there ends with 3 and says how to get it."""
    env = {"CODEGATE_MODELS": str(tmp_path / "none")}
    done = codegate(repo.path, "suggest", "x", "bank.py::Account", "--model", "qwen2.5-coder-0.5b", env=env)
    assert done.returncode == 3
    assert "codegate model pull" in done.stderr


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write anywhere")
def test_a_repository_that_cannot_be_written(repo: GitRepo) -> None:
    """Without a place for its state codegate says so."""
    git_dir = repo.path / ".git"
    git_dir.chmod(0o500)
    try:
        done = codegate(repo.path, "pending")
    finally:
        git_dir.chmod(0o700)
    assert done.returncode == 3


def test_rules_with_a_mistake_name_the_key(repo: GitRepo) -> None:
    """An unknown key is an error that names file and nearest key, whatever is asked."""
    repo.commit({"codegate.toml": "[scope]\nmax_filse = 3\n"})
    done = suggest(repo, "bank.py::Account")
    assert done.returncode == 2
    assert "codegate.toml" in done.stderr
    assert "max_files" in done.stderr
