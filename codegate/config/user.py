"""What a user prefers: which model, which endpoint. There is no key here that could weaken a rule."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from codegate.config.table import Count, Seconds, Table, Variable
from codegate.errors import ConfigError


def _url(url: str) -> str:
    if not re.match(r"https?://[^\s/?#@]+(/|$)", url):
        raise ValueError(f"{url!r} is no http:// or https:// address (without a user name in it)")
    return url


class Endpoint(Table):
    """A remote model. Its key stands in the environment or the keyring, never in a file.

    `timeout` is in seconds for one request, `token_budget` bounds what one run may send and receive,
    `parallel` how many requests are on their way at once; None is 4, or 1 for a server on this machine.
    """

    base_url: Annotated[str, AfterValidator(_url)]
    model: Annotated[str, Field(min_length=1)]
    api_key_env: Variable | None = None
    timeout: Seconds = 120.0
    max_tokens: Count = 4_096
    token_budget: Count = 100_000
    retries: Annotated[int, Field(ge=0, le=10)] = 2
    parallel: Annotated[int, Field(ge=1, le=64)] | None = None


class LocalSettings(Table):
    """How a local model runs; None leaves it to codegate.

    `gpu_layers` are as many of the model's layers as a GPU is given. `prefix_cache_mb` bounds what is kept on
    disk of prompts that were read, so that a later run need not read them again; 0 keeps nothing.
    """

    threads: Count | None = None
    context_tokens: Annotated[int, Field(ge=256)] | None = None
    gpu_layers: Annotated[int, Field(ge=0)] | None = None
    prefix_cache_mb: Annotated[int, Field(ge=0)] = 512


class SearchSettings(Table):
    """How an answer is looked for: what `codegate suggest` does unless its options say otherwise.

    `candidates` answers are asked for at once, and as many in each of `repairs` further rounds; `tokens` and
    `seconds` bound all of them together, None sets no bound.
    """

    candidates: Annotated[int, Field(ge=1, le=32)] = 1
    repairs: Annotated[int, Field(ge=0, le=10)] = 2
    tokens: Count | None = None
    seconds: Seconds | None = None


class UserConfig(Table):
    """A user's preferences. There is no key here that could weaken a rule."""

    model: str | None = None
    endpoints: dict[str, Endpoint] = Field(default_factory=dict)
    local: LocalSettings = LocalSettings()
    search: SearchSettings = SearchSettings()

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


def user_config_path() -> Path:
    """Return where the user's settings live on this platform, whether or not the file exists."""
    from platformdirs import user_config_path as directory

    return directory("codegate", appauthor=False) / "config.toml"
