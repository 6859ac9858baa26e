"""Where a key comes from: the environment or the keyring, never a file, never the repository."""

from __future__ import annotations

import contextlib
import ipaddress
import os
from urllib.parse import urlsplit

from codegate.errors import ModelError


def find_key(base_url: str, variable: str | None) -> str | None:
    """Return the key for an endpoint, None where it has none.

    From the environment variable that the user's settings name, else from the keyring (service `codegate`,
    user name the base URL) if the package `keyring` is installed. Raises ModelError if the variable is named
    and no key is found, or if the key would cross a network in clear.
    """
    key = (os.environ.get(variable, "").strip() if variable else "") or _from_keyring(base_url)
    if not key:
        if variable:
            raise ModelError(
                f"there is no key for {base_url}: {variable} is not set",
                f"export {variable}=…, or: keyring set codegate {base_url}",
            )
        return None
    if not key.isascii() or not key.isprintable() or " " in key:
        raise ModelError(f"the key for {base_url} holds characters that no key has", "copy it again")
    url = urlsplit(base_url)
    if url.scheme != "https" and not is_loopback(url.hostname or ""):
        raise ModelError(
            f"the key would be sent to {base_url} in clear", "use https:// for a server on another machine"
        )
    return key


def is_loopback(host: str) -> bool:
    """Say whether a host's name means this machine, without asking any resolver."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host).is_loopback
    return host == "localhost"


def _from_keyring(base_url: str) -> str | None:
    try:
        import keyring

        found: str | None = keyring.get_password("codegate", base_url)
        return found
    except Exception:  # not installed, no backend, locked, refused: there is no key then
        return None
