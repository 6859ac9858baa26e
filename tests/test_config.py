"""Rules come from the base, settings from the user, and a mistake in either is told with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from conftest import GitRepo
from hypothesis import given, settings
from hypothesis import strategies as st

from codegate.config import Config, UserConfig, load, load_user, user_config_path, weakened
from codegate.errors import ConfigError
from codegate.repo import Repository


def _load(own: str | bytes | None = None, project: str | bytes | None = None) -> Config:
    files = {"codegate.toml": own, "pyproject.toml": project}
    return load(lambda path: text.encode() if isinstance(text := files.get(path), str) else text)


def _refused(own: str | bytes | None = None, project: str | bytes | None = None) -> ConfigError:
    with pytest.raises(ConfigError) as caught:
        _load(own, project)
    return caught.value


def test_no_configuration_means_the_defaults() -> None:
    """A project that states nothing is judged strictly."""
    config = _load()
    assert config == Config()
    assert config.tests.sandbox == "bubblewrap"
    assert not config.tests.network
    assert weakened(config) == {}


def test_every_key_can_be_said_in_either_file() -> None:
    """`codegate.toml` and `[tool.codegate]` mean the same."""
    text = """
model = "qwen2.5-coder-0.5b"
gates = ["spelling"]
[{0}scope]
allow = ["docs/"]
protect = ["migrations/"]
max_files = 3
max_lines = 40
[{0}tests]
command = ["make", "check"]
timeout = 30
sandbox = "none"
network = true
env = {{ TZ = "UTC" }}
build = "make"
memory = 100
[{0}rules]
"lint/suppression" = "warning"
"imports/*" = "error"
[[{0}linters]]
name = "yaml"
command = ["yamllint"]
files = ["*.yml"]
[{0}approval]
require = "signatures"
signers = ".codegate/signers"
count = 2
"""
    own = _load(text.format(""))
    project = _load(project="[tool.codegate]\n" + text.format("tool.codegate."))
    assert own == project
    assert own.sha256 == project.sha256
    assert own.gates == ("spelling",)
    assert own.scope.allow == ("docs/",)
    assert own.tests.command == ("make", "check")
    assert own.tests.timeout == 30.0
    assert own.tests.build == "make"
    assert own.rules == {"lint/suppression": "warning", "imports/*": "error"}
    assert [(linter.name, linter.format) for linter in own.linters] == [("yaml", "lines")]
    assert own.approval.count == 2


def test_a_default_that_is_written_out_changes_no_digest() -> None:
    """The digest names the rules, not their text; any other rule changes it."""
    plain = _load("")
    assert _load("[tests]\nnetwork = false\n").sha256 == plain.sha256
    assert _load("[tests]\nnetwork = true\n").sha256 != plain.sha256
    assert _load('[scope]\nprotect = ["a"]\n').sha256 != plain.sha256


def test_both_files_are_an_error() -> None:
    """One of them would be ignored, and no one could tell which."""
    error = _refused("", "[tool.codegate]\n")
    assert "codegate.toml" in error.message
    assert "pyproject.toml" in error.message
    assert error.hint


def test_a_pyproject_of_others_is_no_configuration() -> None:
    """A pyproject.toml without a table of codegate's may stand beside codegate.toml."""
    assert _load("model = 'm'", "[tool.ruff]\nline-length = 3\n").model == "m"


@pytest.mark.parametrize(
    ("text", "says", "hints"),
    [
        ("gate = []", "codegate.toml: gate: unknown key", "`gates`"),
        ("[scope]\nmax_file = 1", "codegate.toml: scope.max_file: unknown key", "`max_files`"),
        ("[tests]\nzzz = 1", "codegate.toml: tests.zzz: unknown key", "command, build, timeout"),
        ("gates = ['a', 'a']", "codegate.toml: gates: 'a' stands there twice", ""),
        ("gates = [1]", "codegate.toml: gates.0: must be a valid string", ""),
        ("gates = 'a'", "codegate.toml: gates: must be", ""),
        ("[scope]\nmax_files = '3'", "scope.max_files: must be a valid integer", "50"),
        ("[scope]\nmax_files = 0", "scope.max_files: must be greater", ""),
        ("[scope]\nmax_files = true", "scope.max_files: must be a valid integer", ""),
        ("[scope]\nallow = ['!a']", "scope.allow.0: '!a' is a negation", ""),
        ("[scope]\nallow = ['../a']", "scope.allow.0", ""),
        ("[tests]\ncommand = []", "tests.command: a command needs a program", ""),
        ("[tests]\ncommand = ' '", "tests.command: a command needs a program", ""),
        ('[tests]\ncommand = "pytest \'x"', "tests.command: cannot be taken apart as a shell", ""),
        ("[tests]\ncommand = \"''\"", "tests.command: a command needs a program", ""),
        ("[tests]\ncommand = 3", "tests.command: must be a valid string", ""),
        ("[tests]\ntimeout = nan", "tests.timeout: must be a finite number", "600"),
        ("[tests]\ntimeout = 0", "tests.timeout: must be greater than 0", ""),
        ("[tests]\nsandbox = 'docker'", "tests.sandbox: must be 'bubblewrap' or 'none'", "bubblewrap"),
        ("[tests]\nenv = {'A B' = '1'}", "'A B' is no name of an environment variable", ""),
        ("[tests]\nenv = {A = 1}", "tests.env.A: must be a valid string", ""),
        ("[tests]\nmemory = 0", "tests.memory: must be greater", "4096"),
        ("tests = 1", "codegate.toml: tests: must be", ""),
        ("[rules]\nlint = 'warning'", "'lint' is no name of a rule", ""),
        ("[rules]\n'lint/F401' = 'off'", "rules.lint/F401: must be 'error' or 'warning'", ""),
        ("[[linters]]\nname = 'Yaml'\ncommand = 'y'\nfiles = ['*']", "linters.0.name: ", ""),
        ("[[linters]]\nname = 'yaml'\ncommand = 'y'", "linters.0.files: is missing", ""),
        ("[[linters]]\nname = 'y'\ncommand = 'y'\nfiles = ['*']\nform = 1", "unknown key", "`format`"),
        ("[[linters]]\nname = 'y'\ncommand = 'y'\nfiles = []", "linters.0.files: ", ""),
        ("[approval]\nrequire = 'signatures'", "needs `signers`", ""),
        ("[approval]\ncount = 2", "approval", ""),
        ("a = [\n1,,", "codegate.toml: line 2, column 3", ""),
        ('a = 1\n"', "codegate.toml: end of document", ""),
        ("[a]\n[a]\n", "codegate.toml:", ""),
        ("a = 1\nb = '\udcff'", "codegate.toml: line 2: not UTF-8", ""),
        ("\ufeffmodel = 'a'", "codegate.toml: line 1", "byte order mark"),
        ("a = " + "[" * 5000, "codegate.toml: nested too deeply", ""),
    ],
)
def test_a_mistake_is_named_with_file_and_key(text: str, says: str, hints: str) -> None:
    """The message says where, and the hint what would be right."""
    error = _refused(text.encode("utf-8", "surrogateescape"))
    assert says in error.message
    assert hints in error.hint
    assert error.hint


def test_a_mistake_in_pyproject_is_named_from_its_top() -> None:
    """The key is given as a person finds it in that file."""
    error = _refused(project="[tool.codegate.scope]\nmax_filez = 1\n")
    assert error.message == "pyproject.toml: tool.codegate.scope.max_filez: unknown key"
    assert "not a table" in _refused(project="[tool]\ncodegate = 3\n").message


def test_a_pyproject_that_is_no_toml_is_an_error() -> None:
    """Rules may stand in it: what cannot be read is not taken for nothing."""
    assert "line 1" in _refused(project="[tool.codegate\n").message


def test_settings_do_not_belong_into_the_project() -> None:
    """A repository cannot choose where its text is sent."""
    error = _refused("[endpoints.a]\nbase_url = 'http://evil.example/v1'\nmodel = 'm'\n")
    assert "endpoints: unknown key" in error.message
    assert str(user_config_path()) in error.hint


def test_what_weakens_a_rule_is_said() -> None:
    """Each weaker value is a sentence under its key; stricter ones are none."""
    config = _load(
        "[scope]\nallow=['docs/']\nmax_files=51\nmax_lines=2001\n"
        "[tests]\nsandbox='none'\nnetwork=true\ntimeout=601\nmemory=5000\n"
        "[rules]\n'lint/*'='warning'\n'imports/*'='error'\n"
    )
    assert set(weakened(config)) == {
        "scope.allow", "scope.max_files", "scope.max_lines",
        "tests.sandbox", "tests.network", "tests.timeout", "tests.memory", "rules.lint/*",
    }  # fmt: skip
    assert "docs/" in weakened(config)["scope.allow"]
    assert weakened(_load("[scope]\nmax_files=1\nprotect=['a']\n[tests]\ntimeout=1\n")) == {}


def test_rules_are_frozen() -> None:
    """No gate can change what another is judged by."""
    with pytest.raises(ValueError, match="frozen"):
        Config().model = "other"  # type: ignore[misc]


def test_rules_are_read_from_a_commit(git_repo: GitRepo) -> None:
    """What the checkout says does not count until it is committed."""
    base = git_repo.commit({"codegate.toml": "[scope]\nmax_files = 1\n"})
    git_repo.write("codegate.toml", "[scope]\nmax_files = 99\n")
    repository = Repository.discover(git_repo.path)
    assert load(lambda path: repository.read(repository.tree(base), path)).scope.max_files == 1


def test_without_a_file_the_users_settings_are_the_defaults(home: Path) -> None:
    """A newcomer has none, in a folder below their home."""
    assert load_user() == UserConfig()
    assert user_config_path().is_relative_to(home)


def test_the_users_settings_name_endpoints(home: Path) -> None:
    """An endpoint is found by name; the only one, or `default`, without."""
    path = user_config_path()
    path.parent.mkdir(parents=True)
    one = "model = 'remote:work'\n[endpoints.work]\nbase_url = 'http://127.0.0.1:8000/v1'\nmodel = 'm'\n"
    path.write_text(one + "api_key_env = 'WORK_KEY'\n[local]\nthreads = 2\n")
    user = load_user()
    assert user.endpoint() == user.endpoint("work")
    assert user.endpoint().api_key_env == "WORK_KEY"
    assert user.local.threads == 2
    with pytest.raises(ConfigError, match="no endpoint `home`"):
        user.endpoint("home")
    path.write_text(one + "[endpoints.default]\nbase_url = 'https://example.com/v1'\nmodel = 'd'\n")
    assert load_user().endpoint().model == "d"
    with pytest.raises(ConfigError, match="no endpoint `default`"):
        UserConfig().endpoint()


@pytest.mark.parametrize(
    ("text", "says", "hints"),
    [
        ("[tests]\nsandbox = 'none'", "tests: unknown key", "belongs to the project"),
        ("[scope]\nallow = ['**']", "scope: unknown key", "belongs to the project"),
        ("gates = []", "gates: unknown key", "belongs to the project"),
        (
            "[endpoints.a]\nbase_url = 'http://x/v1'\nmodel = 'm'\napi_key = 's'",
            "endpoints.a.api_key",
            "api_key_env",
        ),
        ("[endpoints.a]\nbase_url = 'ftp://x'\nmodel = 'm'", "endpoints.a.base_url", ""),
        ("[endpoints.a]\nbase_url = 'http://user:pw@x/'\nmodel = 'm'", "endpoints.a.base_url", ""),
        ("[endpoints.a]\nbase_url = 'http://x/v1'", "endpoints.a.model: is missing", ""),
        ("[local]\nthread = 1", "local.thread: unknown key", "`threads`"),
    ],
)
def test_the_users_settings_hold_no_rule_and_no_secret(
    tmp_path: Path, text: str, says: str, hints: str
) -> None:
    """A rule there is an error that says where it belongs."""
    path = tmp_path / "config.toml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_user(path)
    assert says in caught.value.message
    assert hints in caught.value.hint


def test_settings_that_cannot_be_read_are_an_error(tmp_path: Path) -> None:
    """A folder in the place of the file is not taken for no settings."""
    with pytest.raises(ConfigError, match="cannot be read"):
        load_user(tmp_path)


@settings(max_examples=100, deadline=None)
@given(st.binary(max_size=60))
def test_no_file_can_crash_it(data: bytes) -> None:
    """Any bytes are a configuration or a ConfigError."""
    error: ConfigError | None = None
    try:
        load(lambda path: data if path == "codegate.toml" else None)
    except ConfigError as caught:
        error = caught
    assert error is None or error.message.startswith("codegate.toml: ")
