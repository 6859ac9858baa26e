"""Files that the base keeps local: shown to models on this machine, and to no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import GitRepo
from driver import codegate
from pytest_httpserver import HTTPServer
from test_suggest import ACCOUNT, TARGET
from test_suggest_models import serve

from codegate.config import Endpoint, UserConfig, load_user
from codegate.context import Context, Kept, gather
from codegate.core import Base, ModelIdentity, Proposal, Request, Target
from codegate.errors import ConfigError, PatchRefused, UsageError
from codegate.models import Model, open_model
from codegate.models.remote import Remote
from codegate.pipeline import Asked, Reading
from codegate.search import Tried
from codegate.search.quoting import quote

_PRICES = "def margin():\n    return 0.37\n"
_FILES = {
    "bank.py": ACCOUNT,
    "pricing.py": _PRICES,
    "codegate.toml": 'keep_local = ["Pricing.py", "/customers/"]\n',
}
_WORDS = "add a __repr__ as pricing.margin and pricing.py say"


def _endpoint(home: Path, server: HTTPServer, model: str) -> None:
    folder = home / ".config" / "codegate"
    folder.mkdir(parents=True)
    url = server.url_for("/v1")
    (folder / "config.toml").write_text(
        f'[endpoints.home]\nbase_url = "{url}"\nmodel = "{model}"\nretries = 0\n'
    )


@pytest.mark.parametrize(("model", "is_shown"), [("tiny", True), ("tiny:cloud", False)])
def test_surroundings_that_stay_here_are_left_out_and_named(
    git_repo: GitRepo, home: Path, httpserver: HTTPServer, model: str, is_shown: bool
) -> None:
    """A server on this machine is shown them; one that hands questions on is not, and the person is told."""
    git_repo.commit(_FILES)
    _endpoint(home, httpserver, model)
    asked = serve(httpserver, "I cannot do that.")
    done = codegate(git_repo.path, "suggest", _WORDS, TARGET, "--model", "remote")
    assert "answer/declined" in done.stdout
    assert "class Account" in asked[0]
    assert ("0.37" in asked[0]) is is_shown
    assert ("since it stays on this machine: pricing.py" in done.stderr) is not is_shown


def test_a_target_that_stays_here_is_refused_and_nothing_is_sent(
    git_repo: GitRepo, home: Path, httpserver: HTTPServer
) -> None:
    """Also where the user's uncommitted rules say otherwise: the base's count."""
    git_repo.commit(_FILES)
    git_repo.write("codegate.toml", "")
    _endpoint(home, httpserver, "tiny:cloud")
    asked = serve(httpserver, "x = 1\n")
    done = codegate(git_repo.path, "suggest", "raise it", "bank.py", "pricing.py", "--model", "remote")
    assert done.returncode == 2
    assert "pricing.py stays on this machine" in done.stderr
    assert "codegate model list" in done.stderr
    assert asked == []


def test_a_recipe_that_reads_what_stays_here_is_for_local_models(
    git_repo: GitRepo, home: Path, httpserver: HTTPServer
) -> None:
    """What a skeleton is computed from may be quoted in it: a file that an input names counts as a target."""
    recipe = """summary = "a note"
on = ["class"]
[inputs.sample]
help = "a sample"
type = "json"
[holes.note]
help = "a note on it"
grammar = "line"
[[part]]
place = "docstring"
template = "note.jinja"
"""
    folder = ".codegate/recipes/note"
    quoted = '"""{{ inputs.sample.name }}: {{ hole("note") }}"""\n'
    more = {
        "customers/all.json": '{"name": "ACME"}',
        f"{folder}/recipe.toml": recipe,
        f"{folder}/note.jinja": quoted,
    }
    git_repo.commit(_FILES | more)
    _endpoint(home, httpserver, "tiny:cloud")
    asked = serve(httpserver, '{"note": "a note"}')
    args = ["suggest", "note it", "--recipe", "note", TARGET, "--set", "sample=@customers/all.json"]
    done = codegate(git_repo.path, *args, "--model", "remote")
    assert done.returncode == 2
    assert "customers/all.json stays on this machine" in done.stderr
    assert asked == []


def test_only_what_is_known_to_run_here_is_on_this_machine(tmp_path: Path) -> None:
    """Loopback by address or name; not what looks like it, nor what Ollama runs elsewhere."""

    def model(url: str, name: str = "m") -> Model:
        return Remote(Endpoint(base_url=url, model=name))

    here = ["http://127.0.0.1:8080/v1", "http://localhost/v1", "http://[::1]:1/v1", "https://127.9.9.9/v1"]
    elsewhere = ["https://models.example.com/v1", "http://localhost.example.com/v1", "http://10.0.0.1/v1",
                 "http://127.0.0.1.example.com/v1", "http://0.0.0.0:8080/v1"]  # fmt: skip
    assert all(model(url).on_this_machine for url in here)
    assert not any(model(url).on_this_machine for url in elsewhere)
    handed_on = [
        model(here[0], name).on_this_machine for name in ("gpt-oss:120b-cloud", "glm-4.6:cloud", "cloudy")
    ]
    assert handed_on == [False, False, True]
    (tmp_path / "s.toml").write_text('[[answer]]\ntext = "x"\n')
    assert open_model(f"scripted:{tmp_path / 's.toml'}", UserConfig()).on_this_machine


def test_what_stays_here_is_as_if_it_were_not_there() -> None:
    """No excerpt, in whatever case a path is written; no finding there, or of what ran, is to be quoted."""
    files = {"bank.py": ACCOUNT.encode(), "pricing.py": _PRICES.encode(), "customers/all.py": b"ACME = 1\n"}
    kept = Kept(("pricing.py", "/customers/"))
    request = Request("as pricing.margin, customers/all.py and gone.py", (Target("bank.py", "Account"),))
    context = gather(request, files.get, len, 100_000, kept=kept)
    assert {excerpt.path for excerpt in context.excerpts} == {"bank.py"}
    assert set(context.kept.withheld) == {"pricing.py", "customers/all.py"}
    assert {e.path for e in gather(request, files.get, len, 100_000).excerpts} == set(files)
    for path in ("PRICING.py", "customers/new.py"):
        with pytest.raises(UsageError, match="stays on this machine"):
            gather(Request("x", (Target(path),)), files.get, len, 100_000, kept=kept)
    told = [
        ("lint/F401", "bank.py"),
        ("lint/F401", "pricing.py"),
        ("tests/failed", "test_bank.py"),
        ("scope/x", None),
    ]
    assert [kept.may_tell(*finding) for finding in told] == [True, False, False, True]
    assert Kept().may_tell("tests/failed", "test_bank.py")


@pytest.mark.parametrize(("kept", "is_told"), [(Kept(("secret.py",)), False), (Kept(), True)])
def test_a_repair_quotes_nothing_that_stays_here(kept: Kept, is_told: bool) -> None:
    """What tests said may hold lines of any file: of such a finding only the rule and the place go back."""
    asked = Asked(
        Base("", ""), Context((), (), "symbol", 1, kept=kept), Proposal("", ModelIdentity("m", "test"), "")
    )
    refusal = PatchRefused("tests/failed", "assert margin() == 0.37", path="test_bank.py")
    said = quote([Tried(Reading(asked, None, refusal), 0, 1)], lambda blobs: {})
    assert said is not None
    assert ("0.37" in said.text) is is_told
    assert "test_bank.py tests/failed" in said.text


def test_a_users_settings_cannot_say_what_stays_here(tmp_path: Path) -> None:
    """The key is the project's: in a user's file it is an error that says where it belongs."""
    (tmp_path / "config.toml").write_text("keep_local = []\n")
    with pytest.raises(ConfigError, match="keep_local: unknown key") as caught:
        load_user(tmp_path / "config.toml")
    assert "belongs to the project" in caught.value.hint
