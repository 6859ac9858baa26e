"""What running code showed."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Observation:
    """What an expression came to: `value` is the repr of its value, or `raised` the name of an exception.

    `text` is the part of the expression that an answer gave, `module` where the exception is defined.
    `is_literal` says that the repr, read as Python, is equal to the value; `is_stable`, that a second call
    came to the same.
    """

    expression: str
    value: str = ""
    raised: str = ""
    module: str = ""
    type: str = ""
    is_literal: bool = False
    is_stable: bool = False
    message: str = ""
    text: str = ""
