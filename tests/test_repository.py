"""What codegate reads of a repository, on real ones of every shape, with hostile ones among them."""

from __future__ import annotations

import os
import stat
import subprocess
from pathlib import Path

import pytest
from conftest import GitRepo

from codegate.errors import Exit, RepositoryError, UsageError
from codegate.repo import Repository, TreeEntry

ODD_NAMES = [
    "with space.py",
    'quo"te.py',
    "new\nline.py",
    "tab\there",
    "b\\s",
    os.fsdecode(b"latin-\xe9.py"),
    "é.py",
    "-x",
]


def make(path: Path, *options: str) -> GitRepo:
    path.mkdir()
    repo = GitRepo(path)
    repo.git("init", "-q", "-b", "main", *options)
    return repo


def plant(repo: GitRepo, script: Path) -> Path:
    """Make a program that leaves a trace when it is run, and return where the trace would be."""
    trace = script.with_suffix(".ran")
    script.write_text(f"#!/bin/sh\ntouch '{trace}'\ncat\n")
    script.chmod(0o755)
    return trace


# Discovery


def test_a_repository_is_found_from_its_top_and_from_below(git_repo: GitRepo) -> None:
    """Top, git directory and common directory are the same wherever in the checkout one starts."""
    git_repo.commit({"src/deep/a.py": "1\n"})
    found = Repository.discover(git_repo.path)
    assert found == Repository.discover(git_repo.path / "src/deep")
    assert found == Repository(git_repo.path, git_repo.path / ".git", git_repo.path / ".git")


def test_a_symlink_to_a_checkout_leads_to_the_real_one(git_repo: GitRepo, tmp_path: Path) -> None:
    """The top is a real path, so that paths can be compared."""
    (tmp_path / "link").symlink_to(git_repo.path)
    assert Repository.discover(tmp_path / "link").top == git_repo.path


def test_dollar_signs_in_a_path_are_only_dollar_signs(tmp_path: Path) -> None:
    """No environment variable is put into the path of a repository."""
    repo = make(tmp_path / "$HOME")
    assert Repository.discover(repo.path).top == repo.path


def test_a_linked_work_tree_has_its_own_index_and_a_shared_common_directory(git_repo: GitRepo) -> None:
    """`git worktree add` gives a checkout of its own: HEAD differs, state is shared."""
    git_repo.commit({"a.py": "1\n"})
    other = git_repo.path.parent / "other"
    git_repo.git("worktree", "add", "-q", "--detach", str(other))
    found = Repository.discover(other)
    assert found.top == other
    assert found.git_dir == git_repo.path / ".git/worktrees/other"
    assert found.common_dir == git_repo.path / ".git"
    assert found.state() == Repository.discover(git_repo.path).state()


def test_a_work_tree_of_a_bare_repository_is_a_checkout(tmp_path: Path, git_repo: GitRepo) -> None:
    """Only the bare repository itself has nothing to work on."""
    git_repo.commit({"a.py": "1\n"})
    git_repo.git("clone", "-q", "--bare", ".", str(tmp_path / "bare.git"))
    GitRepo(tmp_path / "bare.git").git("worktree", "add", "-q", str(tmp_path / "tree"))
    found = Repository.discover(tmp_path / "tree")
    assert found.top == tmp_path / "tree"
    assert found.head() == git_repo.git("rev-parse", "HEAD").strip()


def test_a_separate_git_directory_is_followed(tmp_path: Path) -> None:
    """`.git` may be a file that names the git directory."""
    repo = make(tmp_path / "project", "--separate-git-dir", str(tmp_path / "elsewhere"))
    head = repo.commit({"a": "1\n"})
    found = Repository.discover(repo.path)
    assert (found.top, found.git_dir) == (repo.path, tmp_path / "elsewhere")
    assert found.head() == head


def test_no_repository_is_an_error_with_a_way_out(tmp_path: Path) -> None:
    """The message names the directory, the hint says how to have a repository."""
    with pytest.raises(RepositoryError, match="not in a git repository") as caught:
        Repository.discover(tmp_path)
    assert str(tmp_path) in caught.value.message
    assert "git init" in caught.value.hint
    assert caught.value.exit_code is Exit.UNABLE


def test_a_directory_that_does_not_exist_is_said_so(tmp_path: Path) -> None:
    """`-C nowhere` is not called a missing repository."""
    with pytest.raises(RepositoryError, match="no directory"):
        Repository.discover(tmp_path / "nowhere")


def test_a_bare_repository_is_refused(tmp_path: Path) -> None:
    """There is no checkout that tests could run in or changes be applied to."""
    repo = make(tmp_path / "bare.git", "--bare")
    with pytest.raises(RepositoryError, match="bare") as caught:
        Repository.discover(repo.path)
    assert "worktree add" in caught.value.hint


@pytest.mark.parametrize("inside", [".git", ".git/objects"])
def test_the_inside_of_a_git_directory_is_refused(git_repo: GitRepo, inside: str) -> None:
    """Started in `.git`, codegate does not take it for a checkout."""
    with pytest.raises(RepositoryError, match="inside a git directory"):
        Repository.discover(git_repo.path / inside)


def test_a_hooks_environment_does_not_steer(
    git_repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`GIT_*` of another repository changes neither what is found nor what is read, and is left as it was."""
    head = git_repo.commit({"a.py": "1\n"})
    other = make(tmp_path / "other")
    other.commit({"b.py": "2\n"})
    theirs = {
        "GIT_DIR": str(other.path / ".git"), "GIT_WORK_TREE": str(other.path),
        "GIT_COMMON_DIR": str(other.path / ".git"), "GIT_OBJECT_DIRECTORY": str(other.path / ".git/objects"),
        "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "user.name", "GIT_CONFIG_VALUE_0": "Mallory",
    }  # fmt: skip
    for key, value in theirs.items():
        monkeypatch.setenv(key, value)
    found = Repository.discover(git_repo.path)
    assert (found.top, found.common_dir, found.head()) == (git_repo.path, git_repo.path / ".git", head)
    assert found.read(head, "a.py") == b"1\n"
    assert found.person() == "A Developer <dev@example.com>"
    assert {key: os.environ[key] for key in theirs} == theirs


# Commits


def test_no_commit_yet_is_an_error_with_a_way_out(git_repo: GitRepo) -> None:
    """A fresh `git init` has nothing to judge against."""
    with pytest.raises(RepositoryError, match="no commit yet") as caught:
        Repository.discover(git_repo.path).head()
    assert "git commit" in caught.value.hint


def test_before_the_first_commit_there_is_the_empty_tree(git_repo: GitRepo) -> None:
    """A first commit is compared with nothing, as git's own sample of a hook does."""
    repository = Repository.discover(git_repo.path)
    nothing = repository.head_or_nothing()
    assert repository.entries(nothing) == {}
    assert git_repo.commit({"a": "1\n"}) == repository.head_or_nothing()


@pytest.mark.parametrize("broken", ["1" * 40 + "\n", "garbage\n", ""])
@pytest.mark.parametrize("where", ["refs/heads/main", "HEAD"])
def test_a_broken_head_is_not_taken_for_none(git_repo: GitRepo, broken: str, where: str) -> None:
    """With no commit there are no rules: a repository that lost its commit must not come to that."""
    git_repo.commit({"a": "1\n"})
    repository = Repository.discover(git_repo.path)
    git_repo.write(f".git/{where}", broken)
    for ask in (repository.head, repository.head_or_nothing):
        with pytest.raises(RepositoryError) as caught:
            ask()
        assert "no commit yet" not in caught.value.message


def test_a_detached_head_is_a_head(git_repo: GitRepo) -> None:
    """Nothing needs a branch."""
    first = git_repo.commit({"a": "1\n"})
    git_repo.commit({"a": "2\n"})
    git_repo.git("checkout", "-q", "--detach", first)
    assert Repository.discover(git_repo.path).head() == first


def test_a_revision_becomes_the_commit_that_it_names(git_repo: GitRepo) -> None:
    """Branches, annotated tags, ancestors and short ids all give the commit's whole id."""
    first = git_repo.commit({"a": "1\n"})
    second = git_repo.commit({"a": "2\n"})
    git_repo.git("tag", "-a", "-m", "one", "v1", first)
    repository = Repository.discover(git_repo.path)
    assert [repository.resolve(r) for r in ("v1", "HEAD~1", first[:12])] == [first] * 3
    assert [repository.resolve(r) for r in ("main", "@", "HEAD")] == [second] * 3


@pytest.mark.parametrize(
    "rev",
    [
        "nowhere",
        "--all",
        "-h",
        "--git-dir=/tmp",
        "^HEAD",
        "HEAD..HEAD",
        "",
        "HEAD:a",
        "a\0b",
        "HEAD HEAD",
        "\n",
    ],
)
def test_what_is_not_one_commit_is_a_wrong_usage(git_repo: GitRepo, rev: str) -> None:
    """An option, a range, a file, nothing at all: none of them is taken for a commit."""
    git_repo.commit({"a": "1\n"})
    with pytest.raises(UsageError):
        Repository.discover(git_repo.path).resolve(rev)


def test_a_name_of_two_commits_is_refused(git_repo: GitRepo) -> None:
    """A tag and a branch of the same name: codegate does not choose, whatever the configuration says."""
    git_repo.commit({"a": "1\n"})
    git_repo.git("tag", "twice")
    git_repo.commit({"a": "2\n"})
    git_repo.git("branch", "twice")
    git_repo.git("config", "core.warnAmbiguousRefs", "false")
    repository = Repository.discover(git_repo.path)
    with pytest.raises(UsageError, match="ambiguous"):
        repository.resolve("twice")
    assert repository.resolve("refs/tags/twice") == repository.resolve("HEAD~1")


def test_a_range_is_two_commits(git_repo: GitRepo) -> None:
    """`A..B` is both, `A...B` starts where they parted, and an empty side is HEAD."""
    first = git_repo.commit({"a": "1\n"})
    second = git_repo.commit({"a": "2\n"})
    git_repo.git("checkout", "-q", "-b", "other", first)
    other = git_repo.commit({"b": "1\n"})
    repository = Repository.discover(git_repo.path)
    assert repository.resolve_range("main..other") == (second, other)
    assert repository.resolve_range("main...") == (first, other)
    assert repository.resolve_range("main..") == (second, other)


@pytest.mark.parametrize(
    "text", ["main", "", "main..nowhere", "--all..main", "main....main", "a\0..main", "main.main"]
)
def test_what_is_no_range_is_a_wrong_usage(git_repo: GitRepo, text: str) -> None:
    """One commit, an option or an unknown name is not guessed about."""
    git_repo.commit({"a": "1\n"})
    with pytest.raises(UsageError):
        Repository.discover(git_repo.path).resolve_range(text)


def test_a_planted_replacement_changes_nothing(git_repo: GitRepo) -> None:
    """`refs/replace` can make git show another commit's tree: rules are read from the real one."""
    git_repo.commit({"rules": "strict\n"})
    head = git_repo.git("rev-parse", "HEAD").strip()
    git_repo.git("checkout", "-q", "--orphan", "evil")
    evil = git_repo.commit({"rules": "none\n"})
    git_repo.git("checkout", "-q", "main")
    git_repo.git("replace", head, evil)
    assert git_repo.git("show", f"{head}:rules") == "none\n"
    repository = Repository.discover(git_repo.path)
    assert repository.read(repository.tree(head), "rules") == b"strict\n"
    assert repository.read(head, "rules") == b"strict\n"


# Trees


def test_files_are_read_raw_and_by_any_name(git_repo: GitRepo) -> None:
    """Names that git quotes, and bytes that it might translate, come back as they are."""
    git_repo.write(".gitattributes", "* text eol=crlf\n")
    git_repo.git("config", "core.quotePath", "true")
    files = {name: f"{number}\r\n\0".encode() for number, name in enumerate(ODD_NAMES)}
    for name, data in files.items():
        git_repo.write(name, data)
    (git_repo.path / ".gitattributes").unlink()
    git_repo.commit()
    repository = Repository.discover(git_repo.path)
    tree = repository.tree("HEAD")
    assert {name: repository.read(tree, name) for name in ODD_NAMES} == files
    assert repository.entries(tree).keys() == set(ODD_NAMES)
    assert repository.entries(tree, ODD_NAMES).keys() == set(ODD_NAMES)


@pytest.mark.parametrize(
    "path", ["src", "none", "a.py/x", "./a.py", "../a.py", "/a.py", "", "src/", "sub", "a\0b"]
)
def test_what_is_no_file_reads_as_none(git_repo: GitRepo, path: str) -> None:
    """Directories, submodules, missing and crooked paths have no bytes."""
    git_repo.commit({"a.py": "1\n", "src/b.py": "2\n"})
    git_repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    git_repo.git("commit", "-qm", "sub")
    repository = Repository.discover(git_repo.path)
    assert repository.read(repository.tree("HEAD"), path) is None


def test_entries_tell_modes_and_kinds(git_repo: GitRepo) -> None:
    """A plain file, a program, a symlink, a directory and a submodule are told apart."""
    git_repo.write("run.sh", "#!/bin/sh\n").chmod(0o755)
    (git_repo.path / "link").symlink_to("run.sh")
    git_repo.commit({"src/a.py": "1\n", "src/b.py": "2\n"})
    git_repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    git_repo.git("commit", "-qm", "sub")
    repository = Repository.discover(git_repo.path)
    tree = repository.tree("HEAD")
    seen = {path: (entry.mode, entry.kind) for path, entry in repository.entries(tree).items()}
    assert seen == {
        "run.sh": ("100755", "blob"), "link": ("120000", "blob"), "src": ("040000", "tree"),
        "sub": ("160000", "commit"),
    }  # fmt: skip
    assert repository.entries(tree, ["src", "src/a.py", "none", "../x"]).keys() == {"src", "src/a.py"}
    assert repository.entries(tree, ["src"], recursive=True).keys() == {"src/a.py", "src/b.py"}
    assert repository.entries(tree, ["none"]) == {}
    assert repository.entries(tree, [""]) == {}
    blob = git_repo.git("rev-parse", "HEAD:src/a.py").strip()
    assert repository.entries(tree, ["src/a.py"]) == {"src/a.py": TreeEntry("100644", "blob", blob)}


def test_a_name_is_no_pattern(git_repo: GitRepo) -> None:
    """`*` and `:(glob)` name a file that is called so, and nothing else."""
    git_repo.commit({"a.py": "1\n", "*": "2\n", ":(glob)**": "3\n"})
    repository = Repository.discover(git_repo.path)
    tree = repository.tree("HEAD")
    assert repository.entries(tree, ["*"]).keys() == {"*"}
    assert repository.entries(tree, [":(glob)**"]).keys() == {":(glob)**"}
    assert repository.read(tree, "*") == b"2\n"


def test_more_paths_than_a_command_line_holds(git_repo: GitRepo) -> None:
    """5,000 paths of 100 characters are looked up all the same."""
    names = [f"{number:05}" + "x" * 100 for number in range(5000)]
    git_repo.commit({names[0]: "first\n", names[-1]: "last\n"})
    repository = Repository.discover(git_repo.path)
    assert repository.entries(repository.tree("HEAD"), names).keys() == {names[0], names[-1]}


def test_find_gives_every_file_of_that_name(git_repo: GitRepo) -> None:
    """Whole last parts count, at any depth; the ends of longer names do not."""
    git_repo.commit(
        {
            "ruff.toml": "",
            "a/ruff.toml": "",
            "a/b/.ruff.toml": "",
            "a/xruff.toml": "",
            "ruff.toml.d/x": "",
            "z\n": "",
        }
    )
    repository = Repository.discover(git_repo.path)
    tree = repository.tree("HEAD")
    assert repository.find(tree, ["ruff.toml", ".ruff.toml"]) == [
        "a/b/.ruff.toml",
        "a/ruff.toml",
        "ruff.toml",
    ]
    assert repository.find(tree, ["z\n"]) == ["z\n"]
    assert repository.find(tree, ["none"]) == []


@pytest.mark.parametrize("shape", ["index v4", "split index", "untracked cache", "sha256", "packed"])
def test_repositories_of_every_shape_are_read(tmp_path: Path, shape: str) -> None:
    """Index version 4, a split index, SHA-256 and packed objects make no difference."""
    repo = make(tmp_path / "project", *(["--object-format=sha256"] if shape == "sha256" else []))
    repo.commit({"a.py": "1\n", "src/b.py": "2\n"})
    if shape == "index v4":
        repo.git("update-index", "--index-version", "4")
    elif shape == "split index":
        repo.git("update-index", "--split-index")
    elif shape == "untracked cache":
        repo.git("update-index", "--force-untracked-cache")
    elif shape == "packed":
        repo.git("gc", "-q")
    repository = Repository.discover(repo.path)
    assert repository.head() == repo.git("rev-parse", "HEAD").strip()
    assert repository.read(repository.tree("HEAD"), "src/b.py") == b"2\n"
    assert len(repository.head()) == (64 if shape == "sha256" else 40)


def test_an_object_that_is_gone_is_an_error_and_not_an_absence(git_repo: GitRepo) -> None:
    """A broken repository is said to be broken, with git's own reason."""
    git_repo.commit({"a.py": "1\n"})
    repository = Repository.discover(git_repo.path)
    tree = repository.tree("HEAD")
    (git_repo.path / ".git/objects" / tree[:2] / tree[2:]).unlink()
    with pytest.raises(RepositoryError, match="ls-tree"):
        repository.entries(tree)
    with pytest.raises(RepositoryError, match="lacks"):
        repository.read(tree, "a.py")


@pytest.mark.parametrize("gone", ["HEAD:pyproject.toml", "HEAD:src/rules.toml", "HEAD:src"])
def test_a_file_whose_bytes_are_gone_is_not_taken_for_absent(git_repo: GitRepo, gone: str) -> None:
    """Rules that cannot be read are an error: taken for absent they would not hold."""
    git_repo.commit({"pyproject.toml": "strict\n", "src/rules.toml": "more\n"})
    lost = git_repo.git("rev-parse", gone).strip()
    repository = Repository.discover(git_repo.path)
    tree = repository.tree("HEAD")
    (git_repo.path / ".git/objects" / lost[:2] / lost[2:]).unlink()
    with pytest.raises(RepositoryError, match="lacks"):
        repository.read(tree, "pyproject.toml" if gone.endswith("pyproject.toml") else "src/rules.toml")


def test_a_partial_clone_fetches_nothing(git_repo: GitRepo, tmp_path: Path) -> None:
    """What a partial clone left out stays out: no program that its configuration names is started."""
    git_repo.commit({"a.py": "1\n"})
    git_repo.git("config", "uploadpack.allowFilter", "true")
    git_repo.git(
        "clone",
        "-q",
        "--no-checkout",
        "--filter=blob:none",
        f"file://{git_repo.path}",
        str(tmp_path / "part"),
    )
    part = GitRepo(tmp_path / "part")
    trace = plant(part, tmp_path / "upload")
    part.git("config", "remote.origin.uploadpack", str(tmp_path / "upload"))
    repository = Repository.discover(part.path)
    with pytest.raises(RepositoryError) as caught:
        repository.read(repository.tree("HEAD"), "a.py")
    assert "partial clone" in caught.value.hint
    assert not trace.exists()


# Paths


def test_paths_are_relative_to_the_top(git_repo: GitRepo) -> None:
    """What a user types in a sub-directory, absolute or not, existing or not, becomes one path."""
    git_repo.commit({"src/a.py": "1\n"})
    repository = Repository.discover(git_repo.path)
    src = git_repo.path / "src"
    assert repository.relative("a.py", src) == "src/a.py"
    assert repository.relative("../src/./a.py", src) == "src/a.py"
    assert repository.relative(src / "a.py", Path("/")) == "src/a.py"
    assert repository.relative("new/b.py", src) == "src/new/b.py"
    assert repository.relative("..", src) == "."
    assert repository.relative(".", git_repo.path) == "."
    assert repository.relative("src/", git_repo.path) == "src"
    assert repository.relative("...", src) == "src/..."


def test_links_on_the_way_are_followed_and_one_at_the_end_is_kept(git_repo: GitRepo, tmp_path: Path) -> None:
    """A link to a directory leads to the real path; a link as the file itself stays, to be refused as one."""
    git_repo.commit({"src/a.py": "1\n"})
    (git_repo.path / "short").symlink_to("src")
    (git_repo.path / "src/l.py").symlink_to("a.py")
    (tmp_path / "outer").symlink_to(git_repo.path)
    repository = Repository.discover(git_repo.path)
    assert repository.relative("short/a.py", git_repo.path) == "src/a.py"
    assert repository.relative("src/l.py", git_repo.path) == "src/l.py"
    assert repository.relative(tmp_path / "outer/src/a.py", tmp_path) == "src/a.py"
    assert repository.relative("src/a.py", tmp_path / "outer") == "src/a.py"


@pytest.mark.parametrize(
    "path",
    [
        "..",
        "../x",
        "/etc/passwd",
        "out/x",
        "src/../../x",
        ".git/config",
        ".GIT/x",
        "src/.git",
        "",
        "a\0b",
        "/",
    ],
)
def test_paths_out_of_the_checkout_or_in_a_git_directory_are_refused(git_repo: GitRepo, path: str) -> None:
    """Not by `..`, not absolute, not through a symlink, and never into `.git` in any case."""
    git_repo.commit({"src/a.py": "1\n"})
    (git_repo.path / "out").symlink_to(git_repo.path.parent)
    with pytest.raises(UsageError):
        Repository.discover(git_repo.path).relative(path, git_repo.path)


@pytest.mark.parametrize("path", ["inner/a.py", "inner", "inner/new/b.py"])
def test_paths_in_another_repository_are_refused(git_repo: GitRepo, path: str) -> None:
    """A submodule or an embedded repository is one of its own, and the hint leads there."""
    make(git_repo.path / "inner").commit({"a.py": "1\n"})
    with pytest.raises(UsageError, match="submodule") as caught:
        Repository.discover(git_repo.path).relative(path, git_repo.path)
    assert str(git_repo.path / "inner") in caught.value.hint


# The person, the state


def test_the_person_is_whom_git_would_name(git_repo: GitRepo, home: Path) -> None:
    """The repository's own configuration comes before the user's."""
    assert Repository.discover(git_repo.path).person() == "A Developer <dev@example.com>"
    git_repo.git("config", "--unset", "user.name")
    (home / ".gitconfig").write_text("[user]\n\tname = From Home\n\temail = other@example.com\n")
    assert Repository.discover(git_repo.path).person() == "From Home <dev@example.com>"


def test_a_name_that_is_no_utf8_is_a_name(git_repo: GitRepo) -> None:
    """A configuration in an old encoding is read as git reads it."""
    with (git_repo.path / ".git/config").open("ab") as config:
        config.write(b"[user]\n\tname = Ren\xe9\n")
    assert Repository.discover(git_repo.path).person() == os.fsdecode(b"Ren\xe9 <dev@example.com>")


def test_without_a_configured_person_the_login_name_serves(tmp_path: Path) -> None:
    """There is always someone to name."""
    repository = Repository.discover(make(tmp_path / "project").path)
    assert repository.person() == subprocess.check_output(["id", "-un"], text=True).strip()


def test_the_state_is_for_this_user_alone(git_repo: GitRepo) -> None:
    """The folder is made with mode 0700, and made so again where it was open."""
    state = Repository.discover(git_repo.path).state()
    assert state == git_repo.path / ".git/codegate"
    assert stat.S_IMODE(state.stat().st_mode) == 0o700
    state.chmod(0o755)
    Repository.discover(git_repo.path).state()
    assert stat.S_IMODE(state.stat().st_mode) == 0o700


@pytest.mark.parametrize("planted", ["file", "symlink"])
def test_a_state_that_is_no_directory_is_refused(git_repo: GitRepo, tmp_path: Path, planted: str) -> None:
    """State is not written where a planted link leads."""
    state = git_repo.path / ".git/codegate"
    (tmp_path / "elsewhere").mkdir()
    state.symlink_to(tmp_path / "elsewhere") if planted == "symlink" else state.write_text("")
    with pytest.raises(RepositoryError):
        Repository.discover(git_repo.path).state()


def test_a_configuration_that_cannot_be_read_is_an_error_with_a_reason(git_repo: GitRepo) -> None:
    """A broken `.git/config` is not taken for an empty one."""
    git_repo.commit({"a": "1\n"})
    git_repo.write(".git/config", "[core\nnonsense")
    with pytest.raises(RepositoryError):
        Repository.discover(git_repo.path).person()


def test_nothing_that_a_configuration_plants_is_run(git_repo: GitRepo, tmp_path: Path) -> None:
    """A file monitor, hooks, aliases and a pager in `.git/config` start nothing."""
    git_repo.commit({"a.py": "1\n"})
    trace = plant(git_repo, tmp_path / "program")
    for key in ("core.fsmonitor", "core.pager", "alias.rev-parse", "core.sshCommand", "diff.external"):
        git_repo.git("config", key, str(tmp_path / "program"))
    repository = Repository.discover(git_repo.path / ".")
    tree = repository.tree(repository.resolve("HEAD"))
    repository.read(tree, "a.py")
    repository.entries(tree)
    repository.find(tree, ["a.py"])
    repository.person()
    repository.relative("a.py", git_repo.path)
    assert not trace.exists()
