"""The gate: whether there is anything to judge, and what is remembered of bases."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from codegate.core import Verdict
from codegate.gates import conclude
from codegate.gates.tests.judgement import Judgement, without_a_run
from codegate.gates.tests.material import has_tests
from codegate.gates.tests.saying import nothing

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace


_NONE: Final = "there are no Python tests, and `tests.command` names no others"


class Baselines(Protocol):
    """Remembers what the tests said of a base, by a digest of all that it depends on."""

    def baseline(self, key: str) -> str | None: ...

    def put_baseline(self, key: str, text: str) -> None: ...


class Remembered:
    """Baselines of this process."""

    def __init__(self) -> None:
        self._texts: dict[str, str] = {}

    def baseline(self, key: str) -> str | None:
        return self._texts.get(key)

    def put_baseline(self, key: str, text: str) -> None:
        self._texts[key] = text


class Tests:
    """The gate. Set `baselines` to something that outlives the process, and a green base runs once only."""

    __test__ = False  # not a test, whatever pytest thinks of its name
    name = "tests"
    is_jailer = True

    def __init__(self) -> None:
        self.baselines: Baselines = Remembered()

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        """Answer for the candidate. Raises SandboxError where no sandbox can be had."""
        if rules.config.tests.command is None and not has_tests(workspace):
            found = list(without_a_run(workspace, rules))
            return conclude("tests", found, f"nothing was run: {_NONE}") if found else nothing(_NONE)
        return Judgement(workspace, rules, self.baselines).verdict()
