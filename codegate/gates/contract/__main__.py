"""The child in which texts are read: Python's own parser can be made to crash or to hang. See `reading`."""

from __future__ import annotations

import json
import sys

from codegate.gates.contract import docstrings, mutants, novelty

_ASKED = {
    "docstrings": docstrings.untrue,
    "tests": novelty.new_tests,
    "members": novelty.changed_members,
    "mutants": mutants.mutated,
}

if __name__ == "__main__":
    question, arguments = json.load(sys.stdin)
    print(json.dumps(_ASKED[question](*arguments)))  # type: ignore[operator]
