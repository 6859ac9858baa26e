"""The main job, as a user does it: one line typed, one answer gated, shown, approved, written, taken back."""

from __future__ import annotations

import hashlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import GitRepo
from driver import CODEGATE, codegate, terminal

ACCOUNT = '''\
"""Money."""


class Account:
    """One person's money."""

    def __init__(self, owner, balance=0):
        self.owner = owner
        self.balance = balance

    def deposit(self, amount):
        self.balance += amount
'''
# Either runner runs it. unittest starts in a third of the time; pytest is asked where that matters.
TESTS = """\
import unittest

from bank import Account


class Deposits(unittest.TestCase):
    def test_deposit(self):
        account = Account("ann")
        account.deposit(5)
        self.assertEqual(account.balance, 5)
"""
BY_PYTEST = f"[tests]\ncommand = {json.dumps([sys.executable, '-m', 'pytest', '-q'])}\n"
BY_UNITTEST = f"[tests]\ncommand = {json.dumps([sys.executable, '-m', 'unittest'])}\ncoverage = false\n"
REPR = """
    def __repr__(self):
        return f"Account(owner={self.owner!r}, balance={self.balance!r})"
"""
CLASS = ACCOUNT[ACCOUNT.index("class") :]
GOOD = CLASS + REPR
WRONG = CLASS.replace("+=", "-=") + REPR
TARGET = "bank.py::Account"


def script(folder: Path, *answers: str) -> str:
    """Write a script of answers, each fenced as a model would, and return the model's id."""
    path = folder.parent / f"script-{hashlib.sha256(repr(answers).encode()).hexdigest()[:8]}.toml"
    said = [json.dumps(f"Sure!\n\n```python\n{answer}\n```\n") for answer in answers]
    body = "".join(f"[[answer]]\ntext = {text}\n" for text in said)
    path.write_text(body)
    return f"scripted:{path}"


@pytest.fixture
def bank(git_repo: GitRepo) -> GitRepo:
    """A small project with a test, whose tests run on this interpreter."""
    git_repo.commit({"bank.py": ACCOUNT, "test_bank.py": TESTS, "codegate.toml": BY_UNITTEST})
    return git_repo


def suggest(bank: GitRepo, *answers: str) -> list[str]:
    return ["suggest", "add a __repr__", TARGET, "--model", script(bank.path, *answers)]


def everything(path: Path) -> dict[str, bytes]:
    """Every byte below a folder but codegate's own state: the user's git, index and files."""
    return {
        str(p.relative_to(path)): p.read_bytes() if p.is_file() else b""
        for p in sorted(path.rglob("*"))
        if ".git/codegate" not in str(p)
    }


def test_what_was_shown_and_approved_is_what_is_written_and_undo_takes_it_back(bank: GitRepo) -> None:
    """The whole flow: the diff and every gate are on the screen, the code applies it, undo restores it."""
    bank.commit({"codegate.toml": BY_PYTEST})
    before = everything(bank.path)
    with terminal(bank.path, *suggest(bank, GOOD)) as session:
        code = session.code()
        assert everything(bank.path) == before
        session.type(code)
        assert session.ends() == 0
    assert session.seen.index("✓ tests") < session.seen.index("diff --git")  # said as it happened
    for word in ("wrote", "+    def __repr__", "scope", "syntax", "lint", "tests", "tree ", "digest "):
        assert word in session.seen
    after = everything(bank.path)
    assert {p for p in after if after.get(p) != before.get(p)} == {"bank.py"}
    assert after["bank.py"].decode() == ACCOUNT + REPR
    assert "A Developer" in codegate(bank.path, "log").stdout
    assert codegate(bank.path, "pending").stdout == ""
    undone = codegate(bank.path, "undo")
    assert (undone.returncode, undone.stdout) == (0, "bank.py\n")
    assert everything(bank.path) == before


@pytest.mark.parametrize("answer", ["y", "yes", "", "apply", "abcd"])
def test_nothing_but_the_code_applies(bank: GitRepo, answer: str) -> None:
    """What a script could type without reading the screen writes nothing."""
    before = everything(bank.path)
    with terminal(bank.path, *suggest(bank, GOOD)) as session:
        assert session.code() != answer
        session.type(answer)
        session.expect(r"Apply this\? \S+ ")
        session.type("q")
        assert session.ends() == 1
    assert everything(bank.path) == before
    assert codegate(bank.path, "pending").stdout.count("\n") == 1


def test_what_a_person_must_see_stands_first_and_is_acknowledged(bank: GitRepo) -> None:
    """A warning is above the diff, and the code alone does not get past it."""
    config = (bank.path / "codegate.toml").read_text()
    bank.commit({"codegate.toml": config + '[rules]\n"lint/E711" = "warning"\n'})
    loose = GOOD + "\n    def is_free(self):\n        return self.owner == None\n"
    with terminal(bank.path, *suggest(bank, loose)) as session:
        code = session.expect(r"type ([a-z]{4})\r\n")[1]
        session.expect(r"Warning 1 of 1: bank.py:\d+: Comparison to `None` .*Seen, and yet to apply\? \S+ ")
        session.type(code)
        session.expect(r"Seen, and yet to apply\? \S+ ")
        assert "self.owner == None" not in (bank.path / "bank.py").read_text()
        session.type("y")
        session.expect(r"Apply this\? \S+ ")
        session.type(code)
        assert session.ends() == 0
    assert session.seen.index("warning  bank.py") < session.seen.index("diff --git")
    assert "self.owner == None" in (bank.path / "bank.py").read_text()


def test_rejecting_forgets_it(bank: GitRepo) -> None:
    """`n` writes nothing, keeps nothing, and ends with 1."""
    with terminal(bank.path, *suggest(bank, GOOD)) as session:
        session.code()
        session.type("n")
        assert session.ends() == 1
    assert codegate(bank.path, "pending").stdout == ""
    assert (bank.path / "bank.py").read_text() == ACCOUNT


def test_a_remark_asks_again_with_a_new_answer(bank: GitRepo) -> None:
    """`r` makes a new request that is gated and shown anew; only its code counts then."""
    other = GOOD.replace("Account(owner", "<Account owner")
    with terminal(bank.path, *suggest(bank, GOOD, other)) as session:
        first = session.code()
        session.type("r")
        session.expect("What should be different")
        session.type("angle brackets please")
        second = session.code()
        assert first != second
        session.type(second)
        assert session.ends() == 0
    assert "<Account owner" in (bank.path / "bank.py").read_text()


def test_more_shows_every_digest(bank: GitRepo) -> None:
    """`m` shows it again with everything there is to say, under a new code."""
    with terminal(bank.path, *suggest(bank, GOOD)) as session:
        first = session.code()
        session.type("m")
        assert session.code() != first
        assert "rules " in session.seen
        session.type("q")
        session.ends()


def test_a_small_terminal_is_paged_and_the_code_comes_last(bank: GitRepo) -> None:
    """On ten rows the code appears only after the last page; leaving early is no approval."""
    with terminal(bank.path, *suggest(bank, GOOD), rows=10) as session:
        session.expect("Enter goes on, q quits -- ")
        assert "type " not in session.seen
        session.type("q")
        assert session.ends() == 1
    assert (bank.path / "bank.py").read_text() == ACCOUNT
    with terminal(bank.path, "review", rows=10) as session:
        session.type(session.code())
        assert session.ends() == 0
    assert (bank.path / "bank.py").read_text() == ACCOUNT + REPR


def test_what_breaks_the_tests_is_refused_and_never_offered(bank: GitRepo) -> None:
    """A plausible answer that breaks behaviour ends with 1 and names the test; nothing is pending."""
    before = everything(bank.path)
    with terminal(bank.path, *suggest(bank, WRONG)) as session:
        session.expect(r"ask again, quoting these findings\? \[y/N\] ")
        session.type("")
        assert session.ends() == 1
    assert "test_deposit" in session.seen
    assert "-        self.balance += amount" in session.seen
    assert "type " not in session.seen
    assert everything(bank.path) == before
    assert codegate(bank.path, "pending").stdout == ""


def test_a_refusal_can_be_quoted_to_the_model(bank: GitRepo, tmp_path: Path) -> None:
    """On yes the findings become a remark of a new request, whose answer is gated and shown as any is."""
    said = [json.dumps(f"```python\n{text}\n```") for text in (WRONG, GOOD)]
    (tmp_path / "s.toml").write_text(
        f"[[answer]]\ntext = {said[0]}\n[[answer]]\nwhen = 'tests/failed.*test_deposit'\ntext = {said[1]}\n"
    )
    args = ["suggest", "add a __repr__", TARGET, "--model", f"scripted:{tmp_path / 's.toml'}"]
    with terminal(bank.path, *args, "--repair", "0") as session:
        session.expect(r"\[y/N\] ")
        session.type("y")
        session.type(session.code())
        assert session.ends() == 0
    assert (bank.path / "bank.py").read_text() == ACCOUNT + REPR


def test_a_refusal_goes_back_by_itself_and_what_it_costs_is_said(bank: GitRepo) -> None:
    """What a failing test says is quoted without a question, and the answer to that is what is offered."""
    done = codegate(bank.path, *suggest(bank, WRONG, GOOD), "--no-apply", "--format", "json")
    assert done.returncode == 0
    assert re.search(
        r"^repair 1 of 2: tests/failed \S+.*; \d+ tokens, \d+ s spent$", done.stderr, re.MULTILINE
    )
    said = json.loads(done.stdout)
    assert [one["round"] for one in said["answers"]] == [0, 1]
    assert (said["shown"], said["spent"]["answers"], said["spent"]["rounds"]) == (1, 2, 2)
    assert [c["verdict"] for c in said["candidates"]] == ["refused", "accepted"]


def test_of_several_candidates_the_one_that_passes_is_shown(bank: GitRepo) -> None:
    """The first answer breaks the tests, the second is prose, the third is right: the third is offered."""
    args = [*suggest(bank, WRONG, "I cannot do that.", GOOD), "--candidates", "3"]
    with terminal(bank.path, *args) as session:
        session.type(session.code())
        assert session.ends() == 0
    assert "shown of 3 answers: 1 passed every gate, 1 did not" in session.seen
    assert (bank.path / "bank.py").read_text() == ACCOUNT + REPR


@pytest.mark.parametrize(("extra", "status"), [((), 1), (("--no-apply",), 0)])
def test_without_a_terminal_it_stays_pending(bank: GitRepo, extra: tuple[str, ...], status: int) -> None:
    """No pipe, file or stream of yes applies anything: it is kept, and its id printed."""
    before = everything(bank.path)
    done = codegate(bank.path, *suggest(bank, GOOD), *extra, stdin=b"y\nyes\napply\n" * 100)
    assert done.returncode == status
    assert everything(bank.path) == before
    id_ = done.stdout.strip()
    assert id_ in codegate(bank.path, "pending").stdout
    assert f"codegate review {id_}" in done.stderr
    shown = codegate(bank.path, "show", id_[:6])
    assert "+    def __repr__" in shown.stdout
    refused = codegate(bank.path, "review", id_, stdin=b"y\n")
    assert refused.returncode == 3
    assert everything(bank.path) == before


def test_a_pending_one_is_gated_again_on_what_is_there_now(bank: GitRepo) -> None:
    """After the base moved, review gates the same diff anew, says so, and writes on top."""
    codegate(bank.path, *suggest(bank, GOOD), "--no-apply")
    moved = ACCOUNT.replace('"""Money."""', '"""Money, and who has it."""')
    bank.commit({"bank.py": moved})
    with terminal(bank.path, "review") as session:
        session.type(session.code())
        assert session.ends() == 0
    assert "the base has moved" in session.seen
    assert (bank.path / "bank.py").read_text() == moved + REPR


def test_a_file_saved_while_the_question_stands_is_not_overwritten(bank: GitRepo) -> None:
    """A checkout that changed since it was judged gets a conflict, and keeps what was saved."""
    with terminal(bank.path, *suggest(bank, GOOD)) as session:
        code = session.code()
        (bank.path / "bank.py").write_text(ACCOUNT + "# mine\n")
        session.type(code)
        assert session.ends() == 1
    assert "bank.py was changed" in session.seen
    assert (bank.path / "bank.py").read_text() == ACCOUNT + "# mine\n"


def test_uncommitted_work_is_the_base_and_survives(bank: GitRepo) -> None:
    """A dirty target is judged with the user's text in it: not committed, not stashed, not lost."""
    dirty = ACCOUNT.replace("One person's money.", "One person's own money.")
    bank.write("bank.py", dirty)
    bank.write("notes.txt", "untracked\n")
    answer = GOOD.replace("One person's money.", "One person's own money.")
    with terminal(bank.path, *suggest(bank, answer)) as session:
        session.type(session.code())
        assert session.ends() == 0
    assert (bank.path / "bank.py").read_text() == dirty + REPR
    assert bank.git("status", "--porcelain") == " M bank.py\n?? notes.txt\n"


def test_an_interrupt_at_the_question_leaves_it_pending(bank: GitRepo) -> None:
    """^C ends with 130, writes nothing, and loses nothing."""
    with terminal(bank.path, *suggest(bank, GOOD)) as session:
        session.code()
        session.child.sendintr()
        assert session.ends() == 130
    assert (bank.path / "bank.py").read_text() == ACCOUNT
    assert codegate(bank.path, "pending").stdout.count("\n") == 1


def test_a_terminal_that_goes_away_is_no_approval(bank: GitRepo) -> None:
    """A hang-up at the question writes nothing."""
    with terminal(bank.path, *suggest(bank, GOOD)) as session:
        session.code()
        session.child.kill(signal.SIGHUP)
        session.ends()
    assert (bank.path / "bank.py").read_text() == ACCOUNT


def test_json_holds_a_report_for_each_candidate(bank: GitRepo) -> None:
    """One object, `candidates` in the order they were asked, each with the report of the schema."""
    loose = GOOD + "\n    def is_free(self):\n        return self.owner == None\n"
    args = [*suggest(bank, loose, WRONG, GOOD), "--candidates", "3", "--no-apply", "--format", "json"]
    done = codegate(bank.path, *args)
    assert done.returncode == 0
    said = json.loads(done.stdout)
    assert [c["verdict"] for c in said["candidates"]] == ["refused", "broken", "accepted"]
    unasked = [gate for gate in said["candidates"][1]["gates"] if gate["outcome"] == "skipped"]
    assert [gate["summary"] for gate in unasked] == ["not asked: another candidate ranks higher"]
    assert all(c["schema"] == "codegate.report/1" and c["origin"] == "model" for c in said["candidates"])
    assert said["shown"] == 2
    assert said["why"][0].startswith("shown of 3 answers: 1 passed every gate, 1 did not, 1 could not")
    assert said["why"][1] == "why this one: a smaller change (3 lines against 5)"
    assert all(line in done.stderr for line in said["why"])


def test_hidden_characters_reach_the_screen_as_escapes(bank: GitRepo) -> None:
    """An answer cannot set the title, move the cursor or hide text: it is refused, and shown escaped."""
    hostile = GOOD.replace("Account(owner", "\x1b]0;owned\x07\u202eAccount(owner")
    with terminal(bank.path, *suggest(bank, hostile)) as session:
        session.expect(r"\[y/N\] ")
        session.type("n")
        assert session.ends() == 1
    assert "\x1b]0;owned" not in session.seen
    assert "\u202e" not in session.seen
    assert "hidden" in session.seen


def test_two_at_once_do_not_mix(bank: GitRepo) -> None:
    """Two runs in one repository keep one candidate each, and the checkout stays as it was."""
    other = GOOD.replace("Account(owner", "<Account owner")
    before = everything(bank.path)
    runs = [
        subprocess.Popen(
            [CODEGATE, *suggest(bank, answer), "--no-apply"], cwd=bank.path, start_new_session=True,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ,
        )
        for answer in (GOOD, other)
    ]  # fmt: skip
    assert [run.wait(90) for run in runs] == [0, 0]
    assert codegate(bank.path, "pending").stdout.count("\n") == 2
    assert everything(bank.path) == before


def test_an_interrupt_while_the_tests_run_ends_at_once(bank: GitRepo) -> None:
    """^C does not wait for a suite that takes ten minutes, and writes and keeps nothing."""
    bank.commit({"test_slow.py": "import time\n\ntime.sleep(600)\n"})
    with terminal(bank.path, *suggest(bank, GOOD)) as session:
        session.expect("syntax")
        time.sleep(3)
        started = time.monotonic()
        session.child.sendintr()
        assert session.ends() == 130
        assert time.monotonic() - started < 30
    assert (bank.path / "bank.py").read_text() == ACCOUNT
    assert codegate(bank.path, "pending").stdout == ""
