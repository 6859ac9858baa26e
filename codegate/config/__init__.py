"""What a project rules and what a user prefers: two files that can never stand in for one another.

The project's rules are read from the base commit, so that no diff can bring its own. The user's settings
live in the platform's configuration directory and hold no rule.
"""

from codegate.config.reading import load, load_user
from codegate.config.rules import (
    ApprovalRules,
    Config,
    LimitRules,
    LinterRules,
    ScopeRules,
    TestRules,
    weakened,
)
from codegate.config.table import words_of
from codegate.config.user import Endpoint, LocalSettings, UserConfig, user_config_path

__all__ = [
    "ApprovalRules",
    "Config",
    "Endpoint",
    "LimitRules",
    "LinterRules",
    "LocalSettings",
    "ScopeRules",
    "TestRules",
    "UserConfig",
    "load",
    "load_user",
    "user_config_path",
    "weakened",
    "words_of",
]
