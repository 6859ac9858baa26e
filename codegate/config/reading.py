"""Reading the two files, and saying what is wrong in one: file, key, and the nearest key there is."""

from __future__ import annotations

import difflib
import json
import re
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from codegate.config.rules import ApprovalRules, Config, LimitRules, LinterRules, ScopeRules, TestRules
from codegate.config.table import Table
from codegate.config.user import Endpoint, LocalSettings, UserConfig, user_config_path
from codegate.errors import ConfigError

_OWN_FILE: Final = "codegate.toml"
_PROJECT_FILE: Final = "pyproject.toml"
_RULES_BELONG: Final = "A rule belongs to the project: `[tool.codegate]` of pyproject.toml, or codegate.toml."


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


_Model = TypeVar("_Model", bound=Table)


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


def _misplaced(kind: type[Table], key: list[str]) -> str:
    """Say where a key belongs that exists in the other of the two files."""
    if kind is UserConfig and key[0] in Config.model_fields:
        return _RULES_BELONG
    if kind is Config and key[0] in {*UserConfig.model_fields, "endpoint"}:
        return f"Which endpoint is the user's choice: put it in {user_config_path()}."
    if "api_key" in key[-1]:
        return "Name the environment variable that holds it: `api_key_env`. A key never stands in a file."
    return ""


def _nearest(kind: type[Table], key: list[str]) -> str:
    known = list(_table(kind, key[:-1]).model_fields)
    near = difflib.get_close_matches(key[-1], known, 1, cutoff=0.5)
    return f"Did you mean `{near[0]}`?" if near else f"Known here: {', '.join(known)}."


def _usual(kind: type[Table], key: list[str]) -> str:
    field = _table(kind, key[:-1]).model_fields.get(key[-1]) if key else None
    if field is None or field.is_required() or not isinstance(field.default, (str, int, float)):
        return "Mend it, or leave it out."
    return f"Without it: {json.dumps(field.default)}."


def _table(kind: type[Table], path: list[str]) -> type[Table]:
    """Return the model of the table at that path; for a table of free names, that of its members."""
    tables: dict[str, type[Table]] = {
        "scope": ScopeRules, "limits": LimitRules, "tests": TestRules, "linters": LinterRules,
        "approval": ApprovalRules, "endpoints": Endpoint, "local": LocalSettings,
    }  # fmt: skip
    return tables.get(path[0], kind) if path else kind
