"""The main job with each kind of model: edits as JSON, a remote endpoint, and weights that run here."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest
from conftest import GitRepo
from driver import codegate, terminal
from pytest_httpserver import HTTPServer
from test_suggest import ACCOUNT, GOOD, REPR, TARGET, everything
from werkzeug import Request, Response

SECRET = 'AWS_KEY = "AKIAIOSFODNN7EXAMPLQ"\n'


def settings(home: Path, server: HTTPServer) -> None:
    """Make the test's server the user's endpoint."""
    folder = home / ".config" / "codegate"
    folder.mkdir(parents=True)
    url = server.url_for("/v1")
    (folder / "config.toml").write_text(
        f'[endpoints.home]\nbase_url = "{url}"\nmodel = "tiny"\nretries = 0\n'
    )


def serve(server: HTTPServer, text: str) -> list[str]:
    """Answer every request with `text`, and return what was asked."""
    asked: list[str] = []

    def answer(request: Request) -> Response:
        asked.append(request.get_data(as_text=True))
        choice = {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        whole = {"id": "1", "object": "chat.completion", "created": 1, "model": "tiny", "choices": [choice]}
        return Response(json.dumps(whole), content_type="application/json")

    server.expect_request("/v1/chat/completions").respond_with_handler(answer)
    return asked


def test_several_edits_come_as_json_and_are_one_candidate(git_repo: GitRepo, tmp_path: Path) -> None:
    """Two targets in two files are answered as JSON, judged together, and written together."""
    git_repo.commit({"bank.py": ACCOUNT, "names.py": "def name():\n    return 'x'\n"})
    edits = [
        {"path": "bank.py", "symbol": "Account", "text": GOOD},
        {"path": "names.py", "symbol": "name", "text": "def name():\n    return 'y'\n"},
    ]
    (tmp_path / "s.toml").write_text(f"[[answer]]\ntext = {json.dumps(json.dumps({'edits': edits}))}\n")
    args = ["suggest", "do both", TARGET, "names.py::name", "--model", f"scripted:{tmp_path / 's.toml'}"]
    with terminal(git_repo.path, *args) as session:
        session.type(session.code())
        assert session.ends() == 0
    assert (git_repo.path / "bank.py").read_text() == ACCOUNT + REPR
    assert (git_repo.path / "names.py").read_text() == "def name():\n    return 'y'\n"


def test_an_edit_of_a_file_that_was_not_named_is_refused(git_repo: GitRepo, tmp_path: Path) -> None:
    """An answer reaches no further than the targets of the request."""
    git_repo.commit({"bank.py": ACCOUNT, "names.py": "def name():\n    return 'x'\n", "conftest.py": ""})
    edits = [{"path": "conftest.py", "symbol": None, "text": "import os\n"}]
    (tmp_path / "s.toml").write_text(f"[[answer]]\ntext = {json.dumps(json.dumps({'edits': edits}))}\n")
    done = codegate(
        git_repo.path, "suggest", "x", TARGET, "names.py", "--model", f"scripted:{tmp_path / 's.toml'}"
    )
    assert done.returncode == 1
    assert "answer/outside" in done.stdout


def test_a_new_file_is_made_and_undone(git_repo: GitRepo, tmp_path: Path) -> None:
    """A target that does not exist yet is written whole; undo removes it."""
    git_repo.commit({"bank.py": ACCOUNT})
    text = "def double(x):\n    return 2 * x\n"
    (tmp_path / "s.toml").write_text(f"[[answer]]\ntext = {json.dumps(f'```python{chr(10)}{text}```')}\n")
    args = ["suggest", "a function", "double.py", "--model", f"scripted:{tmp_path / 's.toml'}"]
    with terminal(git_repo.path, *args) as session:
        session.type(session.code())
        assert session.ends() == 0
    assert (git_repo.path / "double.py").read_text() == text
    assert codegate(git_repo.path, "undo").returncode == 0
    assert not (git_repo.path / "double.py").exists()


def test_a_remote_model_is_one_more_untrusted_author(
    git_repo: GitRepo, home: Path, httpserver: HTTPServer
) -> None:
    """An endpoint's answer goes the same way; the screen names model and host."""
    git_repo.commit({"bank.py": ACCOUNT})
    settings(home, httpserver)
    asked = serve(httpserver, f"```python\n{GOOD}```")
    with terminal(git_repo.path, "suggest", "add a __repr__", TARGET, "--model", "remote:home") as session:
        session.type(session.code())
        assert session.ends() == 0
    assert "tiny@" in session.seen
    assert len(asked) == 1
    assert (git_repo.path / "bank.py").read_text() == ACCOUNT + REPR


@pytest.mark.parametrize(("answer", "sent"), [("n", 0), ("", 0), ("y", 2)])
def test_what_looks_like_a_secret_is_sent_only_on_yes(
    git_repo: GitRepo, home: Path, httpserver: HTTPServer, answer: str, sent: int
) -> None:
    """A credential in the prompt is named, and leaves the machine only if the person says so, once."""
    git_repo.commit({"bank.py": ACCOUNT.replace("class Account:\n", f"class Account:\n    {SECRET}")})
    settings(home, httpserver)
    asked = serve(httpserver, "I cannot do that.")
    with terminal(git_repo.path, "suggest", "add a __repr__", TARGET, "--model", "remote:home") as session:
        session.expect(r"\[y/N\] ")
        session.type(answer)
        if sent:  # the answer is refused, and so is its repair; no third one is wanted
            session.expect(r"\[y/N\] ")
            session.type("n")
        assert session.ends() == (1 if sent else 3)
    assert "bank.py:5" in session.seen
    assert "AKIA" not in session.seen
    assert len(asked) == sent


def test_without_a_terminal_no_secret_is_sent(git_repo: GitRepo, home: Path, httpserver: HTTPServer) -> None:
    """Nobody to ask means no."""
    git_repo.commit({"bank.py": ACCOUNT.replace("class Account:\n", f"class Account:\n    {SECRET}")})
    settings(home, httpserver)
    asked = serve(httpserver, GOOD)
    done = codegate(git_repo.path, "suggest", "x", TARGET, "--model", "remote:home", stdin=b"y\ny\n")
    assert (done.returncode, asked) == (3, [])


def test_a_repository_cannot_name_weights_of_its_own(git_repo: GitRepo) -> None:
    """Its rules may name a model that codegate knows, not a file for native code to read."""
    git_repo.commit({"bank.py": ACCOUNT, "evil.gguf": b"GGUF", "codegate.toml": 'model = "./evil.gguf"\n'})
    done = codegate(git_repo.path, "suggest", "x", TARGET)
    assert done.returncode == 2
    assert "evil.gguf" in done.stderr


@pytest.mark.slow
@pytest.mark.weights
def test_real_weights_go_the_whole_way_and_an_interrupt_ends_them(git_repo: GitRepo) -> None:
    """Whatever a real model says is judged; ^C while it writes ends with 130; nothing is written."""
    git_repo.commit({"bank.py": ACCOUNT})
    before = everything(git_repo.path)
    done = codegate(
        git_repo.path, "suggest", "add a __repr__", TARGET, "--model", "smollm2-135m", "--format", "json",
        "--repair", "0",
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert json.loads(done.stdout)["candidates"][0]["schema"] == "codegate.report/1"
    with terminal(git_repo.path, "suggest", "write much", "new.py", "--model", "smollm2-135m") as session:
        session.expect("is writing")
        started = time.monotonic()
        session.child.sendintr()
        assert session.ends() == 130
        assert time.monotonic() - started < 20
    assert everything(git_repo.path) == before
