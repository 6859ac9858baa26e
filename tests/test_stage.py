"""What a patch becomes, on real repositories: exactly what git makes of it, or a refusal."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import GitRepo
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from staging import DIFF, FILES, base_of, head, paths, refusal, settle, tree_of

from codegate.core import Patch
from codegate.errors import PatchRefused, RepositoryError
from codegate.repo import Repository, Stage


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    """A repository with one commit of `FILES`, whose stat cache is not in doubt."""
    git_repo.commit(FILES)
    settle(git_repo)
    return git_repo


@pytest.fixture
def stage(repo: GitRepo) -> Iterator[Stage]:
    with Stage(Repository.discover(repo.path)) as stage:
        yield stage


def applied_by_git(repo: GitRepo, diff: bytes) -> str:
    """The tree that plain git makes of HEAD and a diff, in an index of its own."""
    index = {"GIT_INDEX_FILE": str(repo.path.parent / "plain-index")}
    repo.git("read-tree", "HEAD", **index)
    file = repo.path.parent / "plain.diff"
    file.write_bytes(diff)
    repo.git("apply", "--cached", str(file), **index)
    return repo.git("write-tree", **index).strip()


# A diff becomes a candidate


def test_a_diff_becomes_the_tree_that_git_makes_of_it(repo: GitRepo, stage: Stage) -> None:
    """Tree, canonical diff and counted changes are git's own."""
    candidate = stage.stage(base_of(repo), Patch(diff=DIFF))
    assert candidate.tree == applied_by_git(repo, DIFF)
    (change,) = candidate.changes
    assert (change.path, change.added, change.removed) == ("a.py", 1, 1)
    assert (change.old_mode, change.new_mode) == ("100644", "100644")
    assert change.old_blob == repo.git("rev-parse", "HEAD:a.py").strip()
    assert not change.is_new
    assert not change.is_deletion
    assert stage.read(candidate.tree, "a.py") == b"one\ntwo\nTHREE\nfour\nfive\n"
    canonical = repo.git(
        "diff-tree", "-p", "--no-renames", "--no-ext-diff", "--no-textconv", "--no-color", "--binary",
        "--full-index", tree_of(repo), applied_by_git(repo, DIFF),
    )  # fmt: skip
    assert candidate.diff == canonical.encode()


CHANGES = {
    "a new file in a new directory": ["new/deep/x.py"],
    "a deletion that empties a directory": ["src/b.py"],
    "a rename": ["a.py", "moved/a.py"],
    "a program": ["a.py"],
    "a binary": ["blob.bin"],
    "a symlink": ["link"],
    "a directory for a file": ["a.py", "a.py/inner"],
    "a file for a directory": ["src", "src/b.py"],
    "all at once": ["a.py", "blob.bin", "crlf.txt", "new.py", "src/b.py"],
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_kind_of_change_is_staged_as_git_stages_it(repo: GitRepo, stage: Stage, what: str) -> None:
    """What `git diff` writes of a change, staged, gives the tree that `git add` gave, on the same paths."""
    top = repo.path
    if what == "a new file in a new directory":
        repo.write("new/deep/x.py", "x\n")
    elif what == "a deletion that empties a directory":
        (top / "src/b.py").unlink()
    elif what == "a rename":
        (top / "moved").mkdir()
        (top / "a.py").rename(top / "moved/a.py")
    elif what == "a program":
        (top / "a.py").chmod(0o755)
    elif what == "a binary":
        repo.write("blob.bin", b"\0\xff" * 500)
    elif what == "a symlink":
        (top / "link").symlink_to("a.py")
    elif what == "a directory for a file":
        (top / "a.py").unlink()
        repo.write("a.py/inner", "x\n")
    elif what == "a file for a directory":
        (top / "src/b.py").unlink()
        (top / "src").rmdir()
        repo.write("src", "now a file\n")
    else:
        (top / "src/b.py").unlink()
        for name in ("a.py", "blob.bin", "crlf.txt", "new.py"):
            repo.write(name, b"other\r\n\0" if name == "blob.bin" else b"other\r\n")
    repo.git("add", "-A")
    diff = repo.git("diff", "--cached", "--binary", "-M", "HEAD").encode("utf-8", "surrogateescape")
    candidate = stage.stage(base_of(repo), Patch(diff=diff))
    assert candidate.tree == repo.git("write-tree").strip()
    assert paths(candidate) == CHANGES[what]


def test_a_diff_is_shown_the_same_whatever_is_configured(repo: GitRepo, stage: Stage, home: Path) -> None:
    """Neither attributes nor configuration, the repository's or the user's, change a byte of the diff."""
    plain = stage.stage(base_of(repo), Patch(diff=DIFF))
    for text in ("*.py -diff", "*.py diff=hide", "*.py binary"):
        repo.write(".git/info/attributes", text + "\n")
        repo.write(".gitattributes", text + "\n")
        (home / ".config/git").mkdir(parents=True, exist_ok=True)
        (home / ".config/git/attributes").write_text(text + "\n")
        (home / ".gitconfig").write_text(
            '[diff]\nnoprefix = true\ncontext = 0\nrenames = copies\nexternal = false\nalgorithm = patience\n'
            'suppressBlankEmpty = true\n[core]\nquotePath = false\n[color]\nui = always\n'
            '[diff "hide"]\ntextconv = true\ncommand = true\nbinary = true\n'
        )  # fmt: skip
        with Stage(Repository.discover(repo.path)) as other:
            assert other.stage(base_of(repo), Patch(diff=DIFF)) == plain


def test_a_patch_that_adds_attributes_hides_nothing(repo: GitRepo, stage: Stage) -> None:
    """The result's own `.gitattributes` does not turn its text into a binary."""
    candidate = stage.stage(base_of(repo), Patch(files={".gitattributes": b"* -diff\n", "a.py": b"evil()\n"}))
    assert b"+evil()" in candidate.diff
    assert {change.path: change.added for change in candidate.changes} == {".gitattributes": 1, "a.py": 1}


def test_a_users_whitespace_setting_does_not_edit_content(repo: GitRepo, stage: Stage, home: Path) -> None:
    """`apply.whitespace = fix` would strip what was judged; here trailing blanks stay."""
    for where in (home / ".gitconfig", repo.path / ".git/config"):
        with where.open("a") as config:
            config.write("[apply]\nwhitespace = fix\nignoreWhitespace = change\n")
    candidate = stage.stage(base_of(repo), Patch(diff=DIFF.replace(b"+THREE", b"+THREE \t ")))
    assert stage.read(candidate.tree, "a.py") == b"one\ntwo\nTHREE \t \nfour\nfive\n"


def test_a_diff_in_prose_counts_only_as_its_result(repo: GitRepo, stage: Stage) -> None:
    """Prose around a diff and a mail's signature below do not matter: the shown diff is the result's."""
    mail = b"From: someone\n\nHere is my fix:\n\n" + DIFF + b"-- \n2.39.5\n\nBye\n"
    assert stage.stage(base_of(repo), Patch(diff=mail)) == stage.stage(base_of(repo), Patch(diff=DIFF))


def test_a_second_diff_after_the_signature_is_seen(repo: GitRepo, stage: Stage) -> None:
    """What git applies from below a signature is in the changes, so that gates judge it."""
    more = DIFF + b"-- \n2.39.5\n\n--- /dev/null\n+++ b/evil.py\n@@ -0,0 +1 @@\n+evil\n"
    assert paths(stage.stage(base_of(repo), Patch(diff=more))) == ["a.py", "evil.py"]


def test_the_paths_in_a_diff_are_those_that_git_reads(repo: GitRepo, stage: Stage) -> None:
    """Both sides of a rename and what a copy is of; nothing that only a header pretends."""
    diff = b"diff --git a/docs/x b/docs/y\nrename from a.py\nrename to conftest.py\n" + DIFF.replace(
        b"a.py", b"b.py"
    )
    assert stage.paths_in(diff) == {"a.py", "conftest.py", "b.py"}
    assert stage.paths_in(b"diff --git a/a.py b/c.py\ncopy from a.py\ncopy to c.py\n") == {"a.py", "c.py"}
    with pytest.raises(PatchRefused):
        stage.paths_in(b"nothing")


STEERING = {
    "names that differ from the first line": (
        b"diff --git a/docs/x b/docs/y\nsimilarity index 100%\nrename from a.py\nrename to conftest.py\n",
        ["a.py", "conftest.py"],
    ),
    "an escaped name": (
        b'diff --git "a/conft\\145st.py" "b/conft\\145st.py"\nnew file mode 100644\n--- /dev/null\n'
        b'+++ "b/conft\\145st.py"\n@@ -0,0 +1 @@\n+x\n',
        ["conftest.py"],
    ),
    "doubled slashes": (b"--- /dev/null\n+++ b/src//c.py\n@@ -0,0 +1 @@\n+x\n", ["src/c.py"]),
    "a copy": (b"diff --git a/a.py b/c.py\nsimilarity index 100%\ncopy from a.py\ncopy to c.py\n", ["c.py"]),
    "an old-style rename": (
        b"diff --git a/a.py b/c.py\nsimilarity index 100%\nrename old a.py\nrename new c.py\n",
        ["a.py", "c.py"],
    ),
    "an epoch's time stamp": (
        b"--- a/crlf.txt\n+++ b/crlf.txt\t1970-01-01 00:00:00 +0000\n@@ -1,2 +0,0 @@\n-one\r\n-two\r\n",
        ["crlf.txt"],
    ),
    "one file twice": (DIFF + DIFF.replace(b"THREE", b"3").replace(b"three", b"THREE"), ["a.py"]),
}


@pytest.mark.parametrize("what", STEERING)
def test_git_alone_says_which_files_a_diff_touches(repo: GitRepo, stage: Stage, what: str) -> None:
    """Headers made to mislead other parsers give just what git would write."""
    diff, touched = STEERING[what]
    candidate = stage.stage(base_of(repo), Patch(diff=diff))
    assert paths(candidate) == touched
    assert candidate.tree == applied_by_git(repo, diff)


# A patch that is refused


UNPARSED = {
    "prose": b"Sure! Here is the change you asked for.\n",
    "code alone": b"def f():\n    return 2\n",
    "a hunk without its file": b"@@ -1,3 +1,3 @@\n one\n-two\n+2\n three\n",
    "too few lines": b"--- a/a.py\n+++ b/a.py\n@@ -1,9 +1,9 @@\n one\n-two\n+2\n three\n",
    "no line counts": b"--- a/a.py\n+++ b/a.py\n@@ @@\n one\n-two\n+2\n",
    "a fence": b"```diff\n--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n one\n-two\n+2\n```\n",
    "contradicting names": b"diff --git a/a.py b/a.py\nrename from x\nrename to a.py\n--- a/z\n+++ b/q\n",
    "NUL bytes": b"\0" * 100,
    "what git itself breaks down at": b"diff --git a/n b/n\n+\n--- /dev/null\n+++ b/n\n@@ -0,0 +1 @@\n+x\n",
}


@pytest.mark.parametrize("what", UNPARSED)
def test_what_is_no_diff_is_refused_as_such(repo: GitRepo, stage: Stage, what: str) -> None:
    """Rule `scope/unparsed`, with git's own words and a hint."""
    refused = refusal(stage, repo, Patch(diff=UNPARSED[what]))
    assert refused.rule == "scope/unparsed"
    assert "a/ and b/" in refused.hint


UNAPPLIED = {
    "another context": DIFF.replace(b" two", b" zwei"),
    "no context after the change": b"--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n one\n two\n-three\n+THREE\n",
    "a file that is not there": DIFF.replace(b"a.py", b"nowhere.py"),
    "a file that is there already": b"--- /dev/null\n+++ b/a.py\n@@ -0,0 +1 @@\n+x\n",
    "a file below a file": b"--- /dev/null\n+++ b/a.py/x\n@@ -0,0 +1 @@\n+x\n",
    "a file in the place of a directory": b"--- /dev/null\n+++ b/src\n@@ -0,0 +1 @@\n+x\n",
    "a rename onto a file": b"diff --git a/a.py b/crlf.txt\nrename from a.py\nrename to crlf.txt\n",
    "a copy of a file outside": b"diff --git a/../x b/y\ncopy from ../secret\ncopy to y\n",
    "a copy of an absolute name": b"diff --git a/x b/y\ncopy from /etc/passwd\ncopy to y\n",
    "a copy of the configuration": b"diff --git a/x b/y\ncopy from .git/config\ncopy to y\n",
    "a rename of an untracked file": b"diff --git a/loose b/y\nrename from loose\nrename to y\n",
    "no prefixes": b"--- src/b.py\n+++ src/b.py\n@@ -1 +1 @@\n-import os\n+import re\n",
    "LF for CRLF": b"--- a/crlf.txt\n+++ b/crlf.txt\n@@ -1,2 +1,2 @@\n-one\n+ONE\n two\n",
    "a mode that it has": b"diff --git a/a.py b/a.py\nold mode 100644\nnew mode 100644\n",
    "a binary without its bytes": (
        b"diff --git a/blob.bin b/blob.bin\nindex 1111111..2222222 100644\n"
        b"Binary files a/blob.bin and b/blob.bin differ\n"
    ),
}


@pytest.mark.parametrize("what", UNAPPLIED)
def test_a_diff_that_does_not_fit_the_base_is_refused(repo: GitRepo, stage: Stage, what: str) -> None:
    """Rule `scope/unapplied`, by git's own strictness: nothing is guessed, and no file outside is read."""
    repo.write("loose", "untracked\n")
    (repo.path.parent / "secret").write_text("secret\n")
    refused = refusal(stage, repo, Patch(diff=UNAPPLIED[what]))
    assert refused.rule == "scope/unapplied", refused.message
    assert refused.hint


BAD_PATHS = [
    "../x", "/tmp/x", "a/../../x", ".git/config", ".GIT/hooks/pre-commit", "src/.git/x", "git~1/config",
    ".git",     ".g\u200cit/config", ".git /config", "x//y", "./x", "src/", "", "a\0b", "..", ".",
]  # fmt: skip


@pytest.mark.parametrize("path", BAD_PATHS)
def test_files_at_a_path_that_git_refuses_are_refused(repo: GitRepo, stage: Stage, path: str) -> None:
    """Rule `scope/path`: out of the tree, into `.git` in any spelling of any file system, or crooked."""
    assert refusal(stage, repo, Patch(files={path: b"x\n"})).rule == "scope/path"


@pytest.mark.parametrize("path", [p for p in BAD_PATHS if p not in ("x//y", "a\0b", "", "/tmp/x")])
def test_a_diff_with_a_path_that_git_refuses_is_refused(repo: GitRepo, stage: Stage, path: str) -> None:
    """The same holds for a diff."""
    diff = (
        f"diff --git a/{path} b/{path}\nnew file mode 100644\n"
        f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n"
    )
    assert refusal(stage, repo, Patch(diff=diff.encode())).rule in ("scope/path", "scope/unparsed")


@pytest.mark.parametrize("form", ["files", "diff"])
def test_nothing_is_written_through_a_symlink(repo: GitRepo, stage: Stage, form: str) -> None:
    """A link to a directory in the base is no way to another place."""
    (repo.path / "link").symlink_to("/tmp")
    repo.commit()
    diff = b"--- /dev/null\n+++ b/link/x\n@@ -0,0 +1 @@\n+x\n"
    patch = Patch(files={"link/x": b"x\n"}) if form == "files" else Patch(diff=diff)
    assert refusal(stage, repo, patch).rule in ("scope/path", "scope/unapplied")


def test_a_link_made_by_the_diff_is_no_way_either(repo: GitRepo, stage: Stage) -> None:
    """One diff that makes a link and then writes through it is refused."""
    diff = (
        b"diff --git a/l b/l\nnew file mode 120000\n--- /dev/null\n+++ b/l\n@@ -0,0 +1 @@\n+/tmp\n"
        b"\\ No newline at end of file\n"
        b"diff --git a/l/x b/l/x\nnew file mode 100644\n--- /dev/null\n+++ b/l/x\n@@ -0,0 +1 @@\n+x\n"
    )
    assert refusal(stage, repo, Patch(diff=diff)).rule == "scope/path"


def test_files_do_not_turn_into_link_targets(repo: GitRepo, stage: Stage) -> None:
    """New text for a symlink would become where it points: rule `scope/symlink`."""
    (repo.path / "link").symlink_to("a.py")
    repo.commit()
    assert refusal(stage, repo, Patch(files={"link": b"/etc/passwd"})).rule == "scope/symlink"


@pytest.mark.parametrize("path", ["sub", "sub/x"])
def test_files_do_not_reach_into_a_submodule(repo: GitRepo, stage: Stage, path: str) -> None:
    """Neither the submodule itself nor a path below is given a file."""
    repo.git("update-index", "--add", "--cacheinfo", f"160000,{'1' * 40},sub")
    repo.git("commit", "-qm", "sub")
    assert refusal(stage, repo, Patch(files={path: b"x\n"})).rule in ("scope/submodule", "scope/path")


def test_files_do_not_replace_a_directory(repo: GitRepo, stage: Stage) -> None:
    """A file cannot stand where the base has a directory, not even next to a file in it."""
    assert refusal(stage, repo, Patch(files={"src": b"x\n"})).rule == "scope/unapplied"
    assert refusal(stage, repo, Patch(files={"src": b"x\n", "src/b.py": b"y\n"})).rule == "scope/path"


EMPTY = {
    "no text": Patch(diff=b""),
    "blanks": Patch(diff=b" \n\n"),
    "no files": Patch(files={}),
    "the same bytes": Patch(files={"a.py": b"one\ntwo\nthree\nfour\nfive\n"}),
    "there and back": Patch(
        diff=DIFF + DIFF.replace(b"THREE", b"T").replace(b"three", b"THREE").replace(b"T\n", b"three\n")
    ),
}


@pytest.mark.parametrize("what", EMPTY)
def test_a_patch_without_effect_is_refused(repo: GitRepo, stage: Stage, what: str) -> None:
    """Rule `scope/empty`: there is nothing to judge or to show."""
    refused = refusal(stage, repo, EMPTY[what])
    assert refused.rule == "scope/empty", refused.message


@pytest.mark.parametrize("form", ["files", "diff"])
def test_too_much_is_refused(repo: GitRepo, stage: Stage, form: str) -> None:
    """Rule `scope/size`, from 64 MB on."""
    much = b"x" * ((64 << 20) + 1)
    patch = Patch(files={"a.py": much}) if form == "files" else Patch(diff=much)
    assert refusal(stage, repo, patch).rule == "scope/size"


def test_twenty_megabytes_in_one_line_are_staged(repo: GitRepo, stage: Stage) -> None:
    """A long line costs space and no more."""
    long = b"x" * (20 << 20)
    candidate = stage.stage(base_of(repo), Patch(files={"a.py": long}))
    assert stage.read(candidate.tree, "a.py") == long
    assert stage.stage(base_of(repo), Patch(diff=candidate.diff)) == candidate


@pytest.mark.parametrize("form", ["files", "diff"])
def test_a_full_temporary_directory_is_not_the_patchs_fault(
    repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    """A store that cannot be written gives no verdict: it is an error of the machine, with a hint."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    patch = Patch(diff=DIFF) if form == "diff" else Patch(files={"a.py": b"x\n"})
    with Stage(Repository.discover(repo.path)) as stage:
        (store,) = tmp_path.glob("codegate-*/objects")
        for folder in range(256):
            (store / f"{folder:02x}").write_text("in the way")
        with pytest.raises(RepositoryError) as caught:
            stage.stage(base_of(repo), patch)
    assert "TMPDIR" in caught.value.hint


def test_no_temporary_directory_at_all_is_an_error(
    repo: GitRepo, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message says what is missing."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "nowhere"))
    with pytest.raises(RepositoryError, match="temporary directory"):
        Stage(Repository.discover(repo.path))


def test_a_missing_git_is_an_error_with_a_hint(repo: GitRepo, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without git on the PATH nothing works, and it is said which one is needed."""
    repository = Repository.discover(repo.path)
    monkeypatch.setenv("PATH", str(repo.path))
    with pytest.raises(RepositoryError) as caught:
        repository.head()
    assert "git 2.38" in caught.value.hint


# Files become a candidate


def test_files_keep_their_mode_and_new_ones_are_plain(repo: GitRepo, stage: Stage) -> None:
    """The exec bit stays with a program; a new file has none."""
    (repo.path / "a.py").chmod(0o755)
    repo.commit()
    candidate = stage.stage(base_of(repo), Patch(files={"a.py": b"x\n", "new/x.py": b"y\n"}))
    assert {c.path: (c.old_mode, c.new_mode) for c in candidate.changes} == {
        "a.py": ("100755", "100755"), "new/x.py": ("000000", "100644")
    }  # fmt: skip


names = st.text(
    st.characters(blacklist_categories=["Cs"], blacklist_characters="/\0"), min_size=1, max_size=8
).filter(lambda name: name not in (".", "..") and "git" not in name.lower())
contents = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from([b"a", b"", b" ", b"\t", b"\r", b"\0", b"\f", b"\xe9", b"\\", b"-- "]), max_size=8
    ).map(b"\n".join),
    st.lists(st.sampled_from([b"a\r\n", b"b\n", b"c\r", b"\n"]), max_size=6).map(b"".join),
)


@pytest.fixture(scope="module")
def playground(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[GitRepo, Stage]]:
    """One repository for many examples; nothing that a stage does can change it."""
    path = tmp_path_factory.mktemp("playground")
    repo = GitRepo(path)
    repo.git("init", "-q", "-b", "main")
    repo.git("config", "core.autocrlf", "true")
    repo.write(".gitattributes", "* text=auto eol=crlf filter=evil\n")
    repo.git("-c", "core.autocrlf=false", "add", ".gitattributes")
    for name, data in FILES.items():
        blob = repo.write(name, data)
        repo.git(
            "update-index",
            "--add",
            "--cacheinfo",
            f"100644,{repo.git('hash-object', '-w', '--no-filters', str(blob)).strip()},{name}",
        )
    repo.git("update-index", "--add", "--cacheinfo", f"120000,{repo.git('rev-parse', ':a.py').strip()},link")
    repo.git("commit", "-q", "-m", "base")
    with Stage(Repository.discover(path)) as stage:
        yield repo, stage


@given(
    files=st.dictionaries(
        st.one_of(names, names.map("src/{}".format), st.sampled_from(list(FILES))), contents, max_size=5
    )
)
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_files_are_staged_byte_for_byte(
    playground: tuple[GitRepo, Stage], files: dict[str, bytes]
) -> None:
    """The tree has exactly these bytes, git writes the same, and its diff gives the same tree again."""
    repo, stage = playground
    base = base_of(repo)
    try:
        candidate = stage.stage(base, Patch(files=files))
    except PatchRefused as refused:
        event(refused.rule)
        assume(False)
    assert {path: stage.read(candidate.tree, path) for path in files} == files
    blobs = stage.blobs([c.new_blob for c in candidate.changes if c.new_blob])
    assert all(files[c.path] == blobs[c.new_blob] for c in candidate.changes if c.new_blob)
    again = stage.stage(base, Patch(diff=candidate.diff))
    assert again.tree == candidate.tree
    assert again.diff == candidate.diff
    assert candidate.tree == written_by_git(repo, stage, files)


HEADERS = [
    b"diff --git a/a.py b/a.py", b"diff --git a/a.py b/src/b.py", b"diff --git a/src/b.py b/new.py",
    b"rename from a.py", b"rename to new.py", b"rename to a.py/x", b"copy from src/b.py", b"copy from a.py",
    b"copy to src", b"copy to new.py", b'rename to "src/\\142.py"', b"rename from src/b.py",
    b"rename to a.py", b"new file mode 100644", b"new file mode 120000", b"new file mode 160000",
    b"deleted file mode 100644", b"old mode 100644", b"new mode 100755", b"similarity index 100%",
    b"similarity index 80%", b"index 1111111..2222222 100644", b"--- a/a.py", b"+++ b/a.py",
    b"--- /dev/null", b"+++ /dev/null", b"--- a/src/b.py", b"+++ b/src/b.py", b"+++ b/src", b"+++ b/a.py/x",
    b"+++ b/src//b.py", b"+++ b/./a.py", b"--- a/src/../a.py", b"+++ b/new.py", b"+++ b/SRC/B.py", b"-- ",
    b"prose", b"",
]  # fmt: skip
HUNKS = [
    b"@@ -1,3 +1,3 @@\n-one\n+ONE\n two\n three",
    b"@@ -1,5 +0,0 @@\n-one\n-two\n-three\n-four\n-five",
    b"@@ -0,0 +1 @@\n+x", b"@@ -1 +1 @@\n-import os\n+import re",
    b"@@ -1,2 +1,2 @@\n-import os\n+import re\n ",
    b"@@ -3,3 +3,4 @@\n three\n+new\n four\n five", b"@@ -0,0 +1 @@\n+a.py\n\\ No newline at end of file",
]  # fmt: skip
entries = st.tuples(
    st.lists(st.sampled_from(HEADERS), max_size=6), st.lists(st.sampled_from(HUNKS), max_size=2)
).map(lambda parts: b"\n".join([*parts[0], *parts[1], b""]))
likely = st.tuples(
    st.sampled_from(HEADERS[:3]), st.lists(st.sampled_from(HEADERS[3:22]), max_size=3),
    st.sampled_from([h for h in HEADERS if h.startswith(b"---")]),
    st.sampled_from([h for h in HEADERS if h.startswith(b"+++")]), st.sampled_from(HUNKS),
).map(lambda p: b"\n".join([p[0], *p[1], p[2], p[3], p[4], b""]))  # fmt: skip
renames = st.tuples(
    st.sampled_from(["rename", "copy"]), st.sampled_from(["a.py", "src/b.py", "none", "src", "link"]),
    st.sampled_from(["a.py", "new.py", "src", "src/b.py", "a.py/x", "a.py/b", "src/c/d", "../x", "link/x"]),
).map(lambda p: f"diff --git a/{p[1]} b/{p[2]}\n{p[0]} from {p[1]}\n{p[0]} to {p[2]}\n".encode())  # fmt: skip
creations = st.sampled_from(["a.py", "new.py", "src", "src/b.py", "a.py/x", "src/c/d", "link/x"]).map(
    lambda path: f"--- /dev/null\n+++ b/{path}\n@@ -0,0 +1 @@\n+x\n".encode()
)
deletions = st.just(b"--- a/a.py\n+++ /dev/null\n" + HUNKS[1] + b"\n")


sound = st.one_of(renames, creations, deletions, st.sampled_from([DIFF, DIFF.replace(b"a.py", b"new.py")]))
diffs = st.one_of(
    st.lists(sound, min_size=1, max_size=4), st.lists(st.one_of(entries, likely, sound), max_size=4)
)


@given(diff=diffs.map(b"".join))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_any_diff_is_staged_as_git_alone_would(playground: tuple[GitRepo, Stage], diff: bytes) -> None:
    """On an index of only the paths in a diff git does, or refuses, just what it does on the whole index."""
    repo, stage = playground
    assume(diff.strip())
    expected: str | None
    try:
        expected = applied_by_git(repo, diff)
    except AssertionError:
        expected = None
    try:
        staged = stage.stage(base_of(repo), Patch(diff=diff)).tree
    except PatchRefused as refused:
        event(refused.rule)
        staged = tree_of(repo) if refused.rule == "scope/empty" else None
    if expected is not None:
        event("applied")
    assert staged == expected


def written_by_git(repo: GitRepo, stage: Stage, files: dict[str, bytes]) -> str:
    """The tree that plain git writes of HEAD and these files."""
    home = repo.path.parent / "plain"
    Path(f"{home}-objects").mkdir(exist_ok=True)
    index = {"GIT_INDEX_FILE": str(home) + "-index", "GIT_OBJECT_DIRECTORY": str(home) + "-objects",
             "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(repo.path / ".git/objects")}  # fmt: skip
    repo.git("read-tree", "HEAD", **index)
    for name, data in files.items():
        home.write_bytes(data)
        blob = repo.git("hash-object", "-w", "--no-filters", str(home), **index).strip()
        repo.git("update-index", "--add", "--cacheinfo", f"100644,{blob},{name}", **index)
    return repo.git("write-tree", **index).strip()


# Ranges, blobs


def test_two_equal_trees_differ_in_nothing(repo: GitRepo, stage: Stage) -> None:
    """A range without effect has no changes and an empty diff."""
    candidate = stage.between(head(repo), tree_of(repo), tree_of(repo))
    assert (candidate.diff, candidate.changes) == (b"", ())


def test_changes_name_odd_paths_as_they_are(repo: GitRepo, stage: Stage) -> None:
    """Spaces, newlines, quotes, tabs and bytes that are no UTF-8 come back decoded by `os.fsdecode`."""
    odd = ["sp ace", "new\nline", 'q"uote', "t\tab", os.fsdecode(b"\xe9"), ":100644 x", "-\t-\tx"]
    candidate = stage.stage(base_of(repo), Patch(files=dict.fromkeys(odd, b"x\n")))
    assert sorted(paths(candidate)) == sorted(odd)
    assert all(change.added == 1 for change in candidate.changes)
    assert stage.stage(base_of(repo), Patch(diff=candidate.diff)) == candidate


def test_a_blob_that_is_gone_is_an_error(repo: GitRepo, stage: Stage) -> None:
    """What cannot be read is not read as empty."""
    with pytest.raises(RepositoryError, match="lacks"):
        stage.blobs(["1" * 40])
    with pytest.raises(RepositoryError, match="lacks"):
        stage.blobs([tree_of(repo)])
    assert stage.blobs([]) == {}
