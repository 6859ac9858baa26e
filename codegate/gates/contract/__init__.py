"""Does what a recipe promises of its result hold? Asked only where the request's contract names checks."""

from codegate.gates.contract.gate import Contract

__all__ = ["Contract"]
