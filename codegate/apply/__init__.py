"""The only writer of the user's checkout: applies what was approved, takes it back, mends after a crash."""

from codegate.apply.application import apply
from codegate.apply.recovery import recover
from codegate.apply.undoing import undo

__all__ = ["apply", "recover", "undo"]
