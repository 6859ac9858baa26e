"""What a project rules and what a user prefers: two files that can never stand in for one another.

The project's rules are read from the base commit, so that no diff can bring its own. The user's settings
live in the platform's configuration directory and hold no rule.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import re
import shlex
import tomllib
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Final, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, Strict, ValidationError, model_validator

from codegate import globs
from codegate.errors import ConfigError

_OWN_FILE: Final = "codegate.toml"
_PROJECT_FILE: Final = "pyproject.toml"
_RULES_BELONG: Final = "A rule belongs to the project: `[tool.codegate]` of pyproject.toml, or codegate.toml."


def _glob(pattern: str) -> str:
    if wrong := globs.complaint(pattern):
        raise ValueError(f"{pattern!r} is {wrong}")
    return pattern


def _unique(values: tuple[str, ...]) -> tuple[str, ...]:
    if twice := {v for v in values if values.count(v) > 1}:
        raise ValueError(f"{min(twice)!r} stands there twice")
    return values


def _variable(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError(f"{name!r} is no name of an environment variable")
    return name


def _url(url: str) -> str:
    if not re.match(r"https?://[^\s/?#@]+(/|$)", url):
        raise ValueError(f"{url!r} is no http:// or https:// address (without a user name in it)")
    return url


def _words(command: str | tuple[str, ...]) -> str | tuple[str, ...]:
    try:
        words = shlex.split(command) if isinstance(command, str) else command
    except ValueError as error:
        raise ValueError(f"cannot be taken apart as a shell would: {error}") from error
    if not words or not words[0]:
        raise ValueError("a command needs a program")
    return command


# TOML knows arrays only; `Strict(False)` lets one become a tuple, while its members stay strict.
_Names = Annotated[tuple[str, ...], Strict(False), AfterValidator(_unique)]
_Globs = Annotated[tuple[Annotated[str, AfterValidator(_glob)], ...], Strict(False)]
_Command = Annotated[str | Annotated[tuple[str, ...], Strict(False)], AfterValidator(_words)]
_Seconds = Annotated[float, Field(gt=0, le=86_400, allow_inf_nan=False)]
_Count = Annotated[int, Field(ge=1)]
_Variable = Annotated[str, AfterValidator(_variable)]


class _Table(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


class ScopeRules(_Table):
    """What a change may touch.

    `allow` lifts the default protection of paths, and lets a model delete, link, change the mode or put a
    binary there; it never widens what a request named. `protect` adds protected paths and outweighs `allow`.
    `max_files` and `max_lines` (added and removed together) bound one diff. Patterns as in a `.gitignore`.
    """

    allow: _Globs = ()
    protect: _Globs = ()
    max_files: _Count = 50
    max_lines: _Count = 2_000


class TestRules(_Table):
    """How the project's tests are run: `command` None means pytest; `timeout` is in seconds."""

    __test__ = False  # not a test, whatever pytest thinks of its name

    command: _Command | None = None
    timeout: _Seconds = 600.0
    sandbox: Literal["bubblewrap", "none"] = "bubblewrap"
    network: bool = False
    env: dict[_Variable, str] = Field(default_factory=dict)


class ApprovalRules(_Table):
    """Who approves: a person at the terminal, or `count` signatures by keys that the file `signers` lists."""

    require: Literal["person", "signatures"] = "person"
    signers: Annotated[str, AfterValidator(_glob)] | None = None
    count: _Count = 1

    @model_validator(mode="after")
    def _consistent(self) -> ApprovalRules:
        if self.require == "signatures" and self.signers is None:
            raise ValueError('`require = "signatures"` needs `signers`, the path of an allowed-signers file')
        if self.require == "person" and (self.signers is not None or self.count != 1):
            raise ValueError('`signers` and `count` mean something with `require = "signatures"` only')
        return self


class Config(_Table):
    """A project's rules, as its base commit states them."""

    model: str | None = None
    gates: _Names = ()
    scope: ScopeRules = ScopeRules()
    tests: TestRules = TestRules()
    approval: ApprovalRules = ApprovalRules()

    @cached_property
    def sha256(self) -> str:
        """One name for these rules: a default that is written out makes no difference."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


class Endpoint(_Table):
    """A remote model. Its key stands in the environment or the keyring, never in a file.

    `timeout` is in seconds for one request, `token_budget` bounds what one run may send and receive.
    """

    base_url: Annotated[str, AfterValidator(_url)]
    model: Annotated[str, Field(min_length=1)]
    api_key_env: _Variable | None = None
    timeout: _Seconds = 120.0
    max_tokens: _Count = 4_096
    token_budget: _Count = 100_000
    retries: Annotated[int, Field(ge=0, le=10)] = 2


class LocalSettings(_Table):
    """How a local model runs; None leaves it to codegate."""

    threads: _Count | None = None
    context_tokens: Annotated[int, Field(ge=256)] | None = None


class UserConfig(_Table):
    """A user's preferences. There is no key here that could weaken a rule."""

    model: str | None = None
    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    local: LocalSettings = LocalSettings()

    def endpoint(self, name: str | None = None) -> Endpoint:
        """Return the endpoint of that name; without one the only one, or the one called `default`."""
        if name is None:
            name = next(iter(self.endpoints)) if len(self.endpoints) == 1 else "default"
        if name not in self.endpoints:
            known = ", ".join(self.endpoints) or "none"
            raise ConfigError(
                f"{user_config_path()}: there is no endpoint `{name}` (known: {known})",
                f'Add a table `[endpoints.{name}]` with `base_url = "…"` and `model = "…"`.',
            )
        return self.endpoints[name]


def load(read: Callable[[str], bytes | None]) -> Config:
    """Return the rules of the commit that `read` reads, the defaults where it states none.

    They stand in `codegate.toml` or in `[tool.codegate]` of `pyproject.toml`; both is an error, since one of
    them would be ignored. Raises ConfigError naming file, key and the nearest key there is.
    """
    own, project = read(_OWN_FILE), read(_PROJECT_FILE)
    table = _section(_parse(project, _PROJECT_FILE)) if project is not None else None
    if own is not None and table is not None:
        raise ConfigError(
            f"{_OWN_FILE} and [tool.codegate] of {_PROJECT_FILE} both state rules, in the base commit",
            "Keep one of them, commit, and run again.",
        )
    if own is not None:
        return _validate(Config, _parse(own, _OWN_FILE), _OWN_FILE, "")
    return _validate(Config, table or {}, _PROJECT_FILE, "tool.codegate.")


def user_config_path() -> Path:
    """Return where the user's settings live on this platform, whether or not the file exists."""
    from platformdirs import user_config_path as directory

    return directory("codegate", appauthor=False) / "config.toml"


def load_user(path: Path | None = None) -> UserConfig:
    """Return the user's settings, the defaults if there is no file. Raises ConfigError as `load` does."""
    path = user_config_path() if path is None else path
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return UserConfig()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}", "Mend its permissions.") from error
    return _validate(UserConfig, _parse(data, str(path)), str(path), "")


def weakened(config: Config) -> dict[str, str]:
    """Return each key by which a rule is weaker than the default, with a sentence for people."""
    tests, scope = config.tests, config.scope
    usual_tests, usual_scope = TestRules(), ScopeRules()
    weaker = {
        "tests.sandbox": (tests.sandbox == "none", "no sandbox: tests run with all the rights of the user"),
        "tests.network": (tests.network, "the tests may use the network"),
        "tests.timeout": (tests.timeout > usual_tests.timeout, f"the tests may take {tests.timeout:g} s"),
        "scope.max_files": (
            scope.max_files > usual_scope.max_files,
            f"a diff of {scope.max_files} files",
        ),
        "scope.max_lines": (
            scope.max_lines > usual_scope.max_lines,
            f"a diff of {scope.max_lines} lines",
        ),
        "scope.allow": (bool(scope.allow), f"not protected: {', '.join(scope.allow)}"),
    }
    return {key: sentence for key, (holds, sentence) in weaker.items() if holds}


def _section(document: Mapping[str, Any]) -> dict[str, Any] | None:
    tool = document.get("tool", {})
    table = tool.get("codegate") if isinstance(tool, dict) else None
    if table is not None and not isinstance(table, dict):
        raise ConfigError(f"{_PROJECT_FILE}: tool.codegate: not a table", "Write `[tool.codegate]`.")
    return table


def _parse(data: bytes, name: str) -> dict[str, Any]:
    try:
        return tomllib.loads(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{name}: line {line}: not UTF-8", "TOML is always UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        hint = "Take the byte order mark off." if data.startswith(b"\xef\xbb\xbf") else "Mend the TOML there."
        raise ConfigError(f"{name}: {_where(str(error))}", hint) from error
    except RecursionError as error:
        raise ConfigError(f"{name}: nested too deeply", "Mend the TOML there.") from error


def _where(message: str) -> str:
    """Put the place first: "line 3, column 5: …"."""
    found = re.fullmatch(r"(?s)(.*) \(at (line \d+, column \d+|end of document)\)", message)
    return f"{found[2]}: {found[1]}" if found else message


_Model = TypeVar("_Model", bound=_Table)


def _validate(kind: type[_Model], table: Mapping[str, Any], name: str, prefix: str) -> _Model:
    try:
        return kind.model_validate(table)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False)[0]
    key = [str(part) for part in first["loc"]]
    if first["type"] == "extra_forbidden":
        hint = _misplaced(kind, key) or _nearest(kind, key)
        raise ConfigError(f"{name}: {prefix}{'.'.join(key)}: unknown key", hint)
    # A union's members show in the location ("command.str"); the key that the person wrote is what is left.
    written = [part for part in key if "[" not in part and part not in ("str", "int")]
    place = ".".join(written)
    message = first["msg"].removeprefix("Value error, ").removeprefix("Input should be ")
    needs = message if first["type"] == "value_error" else f"must be {message}"
    if first["type"] == "missing":
        needs = "is missing"
    raise ConfigError(f"{name}: {prefix}{place}: {needs}", _usual(kind, written))


def _misplaced(kind: type[_Table], key: list[str]) -> str:
    """Say where a key belongs that exists in the other of the two files."""
    if kind is UserConfig and key[0] in Config.model_fields:
        return _RULES_BELONG
    if kind is Config and key[0] in {*UserConfig.model_fields, "endpoint"}:
        return f"Which endpoint is the user's choice: put it in {user_config_path()}."
    if "api_key" in key[-1]:
        return "Name the environment variable that holds it: `api_key_env`. A key never stands in a file."
    return ""


def _nearest(kind: type[_Table], key: list[str]) -> str:
    known = list(_table(kind, key[:-1]).model_fields)
    near = difflib.get_close_matches(key[-1], known, 1, cutoff=0.5)
    return f"Did you mean `{near[0]}`?" if near else f"Known here: {', '.join(known)}."


def _usual(kind: type[_Table], key: list[str]) -> str:
    field = _table(kind, key[:-1]).model_fields.get(key[-1]) if key else None
    if field is None or field.is_required() or not isinstance(field.default, (str, int, float)):
        return "Mend it, or leave it out."
    return f"Without it: {json.dumps(field.default)}."


def _table(kind: type[_Table], path: list[str]) -> type[_Table]:
    """Return the model of the table at that path; for a table of free names, that of its members."""
    tables: dict[str, type[_Table]] = {
        "scope": ScopeRules, "tests": TestRules, "approval": ApprovalRules,
        "endpoints": Endpoint, "local": LocalSettings,
    }  # fmt: skip
    return tables.get(path[0], kind) if path else kind
