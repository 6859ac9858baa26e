"""Who may do what."""

from __future__ import annotations

import hmac
import os

ADMINS = ("alice", "bob")


def is_admin(name: str) -> bool:
    """Say whether a user may change prices."""
    return name in ADMINS


def is_allowed(name: str, action: str) -> bool:
    """Say whether a user may do this."""
    if action == "read":
        return True
    return is_admin(name)


def is_token(given: str) -> bool:
    """Say whether a token is ours, in constant time."""
    expected = os.environ["SHOP_TOKEN"]
    return hmac.compare_digest(given, expected)
