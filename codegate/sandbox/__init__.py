"""The only jail: a program run on a patched checkout that it cannot change, with limits it cannot lift."""

from codegate.sandbox.kind import open_sandbox
from codegate.sandbox.limits import Ended, Limits, Sandbox
from codegate.sandbox.overlay import Overlay

__all__ = ["Ended", "Limits", "Overlay", "Sandbox", "open_sandbox"]
