"""`codegate check` judges a diff that anyone wrote, by the base's rules, and applies nothing, ever."""

from __future__ import annotations

import json

import pytest
from conftest import GitRepo
from driver import codegate
from test_suggest import ACCOUNT, BY_PYTEST, BY_UNITTEST, REPR, TESTS, everything

QUICK = ("--gate", "scope", "--gate", "syntax", "--gate", "lint")


@pytest.fixture
def repo(git_repo: GitRepo) -> GitRepo:
    """A project with a test, whose tests run on this interpreter."""
    git_repo.commit({"bank.py": ACCOUNT, "test_bank.py": TESTS, "codegate.toml": BY_UNITTEST})
    return git_repo


def diff_to(repo: GitRepo, name: str, text: str) -> bytes:
    """Return git's diff from what is committed to `text`, and leave the checkout as it was."""
    before = (repo.path / name).read_bytes()
    repo.write(name, text)
    diff = repo.git("diff").encode()
    repo.write(name, before)
    return diff


def check(repo: GitRepo, *args: str, stdin: bytes = b"") -> tuple[int, dict]:  # type: ignore[type-arg]
    before = everything(repo.path)
    done = codegate(repo.path, "check", *args, "--format", "json", stdin=stdin)
    assert everything(repo.path) == before
    assert "Traceback" not in done.stderr
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def test_a_good_diff_is_accepted_by_every_gate(repo: GitRepo) -> None:
    """From standard input or a file, judged as a model's; all gates pass; nothing is written."""
    repo.commit({"codegate.toml": BY_PYTEST})
    diff = diff_to(repo, "bank.py", ACCOUNT + REPR)
    status, report = check(repo, "-", stdin=diff)
    assert (status, report["verdict"], report["origin"]) == (0, "accepted", "model")
    assert {g["gate"]: g["outcome"] for g in report["gates"]} == dict.fromkeys(
        ["scope", "syntax", "lint", "imports", "secrets", "tests"], "passed"
    )
    assert report["candidate"]["files"] == [{"path": "bank.py", "added": 3, "removed": 0}]
    (repo.path.parent / "a.diff").write_bytes(diff)
    _, again = check(repo, "../a.diff")
    assert again["candidate"] == report["candidate"]
    assert again["rules_sha256"] == report["rules_sha256"]


@pytest.mark.parametrize(
    ("text", "gate"),
    [
        (ACCOUNT.replace("+=", "-="), "tests"),
        (ACCOUNT + "    def broken(self:\n", "syntax"),
        (ACCOUNT.replace("class Account", "import os\n\n\nclass Account"), "lint"),
        (ACCOUNT + "    # \u202e hidden\n", "scope"),
    ],
)
def test_each_gate_says_no_to_its_own(repo: GitRepo, text: str, gate: str) -> None:
    """Broken behaviour, broken syntax, a new diagnostic and hidden text are each refused by their gate."""
    status, report = check(repo, "-", stdin=diff_to(repo, "bank.py", text))
    assert (status, report["verdict"]) == (1, "refused")
    assert gate in {g["gate"] for g in report["gates"] if g["outcome"] == "failed"}


@pytest.mark.parametrize(
    "text", [b"", b"hello\n", b"--- a/bank.py\n+++ b/bank.py\n@@ -1 +1 @@\n-nope\n+x\n", b"\x00"]
)
def test_what_is_no_diff_for_this_base_is_refused_by_scope(repo: GitRepo, text: bytes) -> None:
    """Nothing to parse or to stage: `refused`, `candidate` null, and a finding of the gate `scope`."""
    status, report = check(repo, "-", stdin=text)
    assert (status, report["verdict"], report["candidate"]) == (1, "refused", None)
    (gate,) = report["gates"]
    assert gate["gate"] == "scope"
    assert gate["findings"][0]["rule"].startswith("scope/")


def test_what_steers_a_gate_is_an_error_from_a_model_and_a_warning_from_a_person(repo: GitRepo) -> None:
    """The same diff: refused by a model's hand, shown by a person's."""
    diff = diff_to(repo, "codegate.toml", "[tests]\ncommand = 'true'\n")
    status, report = check(repo, "-", *QUICK, stdin=diff)
    assert (status, report["verdict"]) == (1, "refused")
    status, report = check(repo, "-", *QUICK, "--origin", "person", stdin=diff)
    assert (status, report["verdict"]) == (0, "accepted")
    (scope,) = [g for g in report["gates"] if g["gate"] == "scope"]
    assert {f["severity"] for f in scope["findings"]} == {"warning"}


def test_a_diff_cannot_bring_its_own_rules(repo: GitRepo) -> None:
    """Rules come from the base: a diff that turns the tests off is judged by the tests that were on."""
    loose = ACCOUNT.replace("+=", "-=")
    diff = diff_to(repo, "bank.py", loose) + diff_to(repo, "codegate.toml", "[tests]\ncommand = 'true'\n")
    _, report = check(repo, "-", "--origin", "person", stdin=diff)
    assert report["verdict"] == "refused"
    assert {g["gate"] for g in report["gates"] if g["outcome"] == "failed"} == {"tests"}


def test_staged_means_the_index_and_not_the_file(repo: GitRepo) -> None:
    """What would be committed is judged: a bad line that is not staged does not count, a staged one does."""
    repo.write("bank.py", ACCOUNT + REPR)
    repo.git("add", "bank.py")
    repo.write("bank.py", "broken(\n")
    status, report = check(repo, "--staged", *QUICK)
    assert (status, report["origin"]) == (0, "person")
    repo.git("add", "bank.py")
    repo.write("bank.py", ACCOUNT)
    status, report = check(repo, "--staged", *QUICK)
    assert (status, report["verdict"]) == (1, "refused")


def test_the_tests_see_what_is_staged(repo: GitRepo) -> None:
    """The tests gate runs on the staged tree, not on the file that lies there."""
    repo.write("bank.py", ACCOUNT.replace("+=", "-="))
    repo.git("add", "bank.py")
    repo.write("bank.py", ACCOUNT)
    status, report = check(repo, "--staged", "--gate", "tests")
    assert (status, report["verdict"]) == (1, "refused")


def test_nothing_staged_is_nothing_to_object_to(repo: GitRepo) -> None:
    """An empty commit passes."""
    status, report = check(repo, "--staged", *QUICK)
    assert (status, report["candidate"]["files"]) == (0, [])


def test_the_first_commit_of_a_repository_can_be_checked(git_repo: GitRepo) -> None:
    """A hook works before there is any commit: the base is empty, and so are its rules."""
    git_repo.write("bank.py", ACCOUNT)
    git_repo.git("add", "-A")
    done = codegate(git_repo.path, "check", "--staged", *QUICK)
    assert done.returncode == 0, done.stderr


def test_worktree_means_what_add_all_would_commit(repo: GitRepo) -> None:
    """Untracked files count, ignored ones do not."""
    repo.commit({".gitignore": "*.log\n"})
    repo.write("new.py", "x = 1\n")
    repo.write("a.log", "noise\n")
    status, report = check(repo, "--worktree", *QUICK)
    assert status == 0
    assert [f["path"] for f in report["candidate"]["files"]] == ["new.py"]


def test_a_range_is_judged_by_the_rules_at_its_start(repo: GitRepo) -> None:
    """`A..B` compares two commits, `A...B` what B added since they parted, both under the first's rules."""
    start = repo.git("rev-parse", "HEAD").strip()
    repo.git("checkout", "-q", "-b", "feature")
    repo.commit({"bank.py": ACCOUNT + REPR})
    repo.git("checkout", "-q", "main")
    repo.commit({"other.py": "x = 1\n"})
    _, two = check(repo, "--range", "main..feature", *QUICK)
    assert {f["path"] for f in two["candidate"]["files"]} == {"bank.py", "other.py"}
    status, three = check(repo, "--range", "main...feature", *QUICK)
    assert status == 0
    assert [f["path"] for f in three["candidate"]["files"]] == ["bank.py"]
    assert three["base"]["commit"] == start


def test_a_patch_is_judged_on_the_checkout_or_on_the_commit_it_was_made_from(repo: GitRepo) -> None:
    """Uncommitted text is the base where the diff fits it; else the commit is; --base names another."""
    commit = repo.git("rev-parse", "HEAD^{tree}").strip()
    repo.write("bank.py", ACCOUNT.replace("Money.", "Cash."))
    done_already = repo.git("diff").encode()
    on_top = diff_to(repo, "bank.py", ACCOUNT + REPR)
    for diff in (done_already, on_top):
        repo.write("bank.py", ACCOUNT.replace("Money.", "Cash."))
        status, report = check(repo, "-", *QUICK, stdin=diff)
        assert status == 0
        assert (report["base"]["tree"] == commit) is (diff is done_already)
    assert check(repo, "-", "--base", "HEAD", *QUICK, stdin=done_already)[1]["base"]["tree"] == commit
    repo.write("bank.py", ACCOUNT.replace("Money.", "Gold."))
    assert check(repo, "-", *QUICK, stdin=done_already.replace(b"Money", b"Silver"))[0] == 1


def test_text_says_the_verdict_first_and_escapes_everything(repo: GitRepo) -> None:
    """For people: verdict, gates, findings with their place; no byte of the diff can act on the terminal."""
    diff = diff_to(repo, "bank.py", ACCOUNT + "    # \x1b]0;owned\x07\n")
    done = codegate(repo.path, "check", "-", *QUICK, stdin=diff)
    assert done.returncode == 1
    assert done.stdout.startswith("refused; judged as a model's")
    assert "bank.py:13" in done.stdout
    assert "\x1b" not in done.stdout


def test_no_sandbox_is_said_in_the_first_line(git_repo: GitRepo) -> None:
    """A base that gives up the sandbox is obeyed, and every report begins with it."""
    rules = f'{BY_UNITTEST}sandbox = "none"\n'
    git_repo.commit({"bank.py": ACCOUNT, "test_bank.py": TESTS, "codegate.toml": rules})
    done = codegate(git_repo.path, "check", "-", stdin=diff_to(git_repo, "bank.py", ACCOUNT + REPR))
    assert done.returncode == 0, done.stdout
    assert "NO SANDBOX" in done.stdout.splitlines()[0]


@pytest.mark.parametrize("text", ["..", "...", "..HEAD", "...HEAD", "....", "", "HEAD"])
def test_a_range_without_a_beginning_is_wrong_usage(repo: GitRepo, text: str) -> None:
    """`--range "$BASE..$HEAD"` with a variable unset compares HEAD with itself: nothing is passed by that."""
    done = codegate(repo.path, "check", "--range", text)
    assert (done.returncode, done.stdout) == (2, "")
