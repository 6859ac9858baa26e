"""The linter that stands beside codegate, and what it may see of the environment."""

from __future__ import annotations

from codegate import process
from codegate.errors import CodegateError

REINSTALL = "Reinstall it: `pip install --force-reinstall ruff`."


def ruff_program() -> str:
    """Return ruff's path. Raises CodegateError if it is not installed."""
    try:
        from ruff import find_ruff_bin

        return str(find_ruff_bin())
    except (ImportError, FileNotFoundError) as error:
        raise CodegateError("ruff is missing beside codegate", REINSTALL) from error


def ruff_environment() -> dict[str, str]:
    """Return an environment in which nothing steers ruff."""
    return {k: v for k, v in process.environment({"NO_COLOR": "1"}).items() if not k.startswith("RUFF_")}
