"""Every gate asked at once, each where it can do no harm to the others: what does not answer is broken."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING

from codegate.apart import Apart
from codegate.core import Outcome, Verdict
from codegate.errors import CodegateError
from codegate.gates.weights import weighed
from codegate.process import stop_all
from codegate.store.record import from_json, to_json

if TYPE_CHECKING:
    from codegate.gates import Gate, Rules
    from codegate.workspace import Workspace

OnVerdict = Callable[[Verdict], None]
_Asked = Callable[[], Verdict]


def answers(
    gates: Sequence[Gate], workspace: Workspace, rules: Rules, on_verdict: OnVerdict
) -> list[Verdict]:
    """Return each gate's verdict, in the order of the gates, and tell `on_verdict` of each when it is there.

    A gate that parses what is judged does so in a process of its own, within the limits of the base; one that
    runs it in a sandbox says so by `is_jailer`, and bounds that itself. One that raises, crashes, hangs or
    answers nonsense is `broken`, and the others still answer.
    """
    workspace.preload()
    apart: list[Apart] = []

    def ask(asked: tuple[Gate, _Asked]) -> Verdict:
        started = time.monotonic()
        verdict = replace(_answer(*asked, rules), seconds=time.monotonic() - started)
        on_verdict(verdict)
        return verdict

    with ThreadPoolExecutor(max_workers=len(gates) or 1, thread_name_prefix="gate") as pool:
        try:
            asked = [(gate, _asked(gate, workspace, rules, apart)) for gate in gates]
            return list(pool.map(ask, asked))
        except BaseException:
            stop_all()
            for child in apart:
                child.interrupt()
            raise


def _asked(gate: Gate, workspace: Workspace, rules: Rules, apart: list[Apart]) -> _Asked:
    """Start a gate, or make ready to, and return what waits for its verdict."""
    if getattr(gate, "is_jailer", False):
        return lambda: gate.judge(workspace, rules)
    limits = rules.config.limits
    child = Apart(lambda: to_json(_reasoned(gate, workspace, rules)).encode())
    apart.append(child)
    return lambda: from_json(Verdict, child.result(limits.seconds, limits.memory << 20).decode())


def _reasoned(gate: Gate, workspace: Workspace, rules: Rules) -> Verdict:
    """Return a gate's verdict, `broken` with message and hint where it raises what is for people."""
    try:
        return gate.judge(workspace, rules)
    except CodegateError as error:
        return _broken(gate, error)


def _answer(gate: Gate, asked: _Asked, rules: Rules) -> Verdict:
    try:
        return weighed(asked(), rules.config)
    except CodegateError as error:
        return _broken(gate, error)
    except Exception as error:  # a gate that crashes is broken, and the other gates still answer
        return Verdict(gate.name, Outcome.BROKEN, True, f"crashed: {type(error).__name__}: {error}")


def _broken(gate: Gate, error: CodegateError) -> Verdict:
    said = f"{error.message} ({error.hint})" if error.hint else error.message
    return Verdict(gate.name, Outcome.BROKEN, True, said)
