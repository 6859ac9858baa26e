"""The one place where a person's word becomes an approval."""

from __future__ import annotations

import secrets
from dataclasses import InitVar, dataclass
from enum import StrEnum
from typing import Final, Protocol, final

from codegate.core.judge import Gated
from codegate.core.verdict import Finding, Severity
from codegate.visible import visible

# No vowels, so that no code is a word, and nothing that looks like something else on a screen.
_LETTERS: Final = "bcdfghjkmnpqrstvwxz"
_CODE_LENGTH: Final = 4
_TRIES: Final = 3
_SEEN: Final = "y"
_LONGEST: Final = 300  # characters of a warning: all of it stands in the report above


@final
class _Seal:
    """Held by this module alone: whoever has none cannot write an `Approved` down."""


_SEAL: Final = _Seal()


@final
@dataclass(frozen=True)
class Approved:
    """A Gated that a person approved after it was shown to them whole. Only `review` makes one."""

    gated: Gated
    seal: InitVar[_Seal]

    def __post_init__(self, seal: _Seal) -> None:
        if seal is not _SEAL:
            raise TypeError("an Approved is made by codegate.core.review only")


class Answer(StrEnum):
    """What a person may say other than yes."""

    REJECT = "n"
    QUIT = "q"
    REMARK = "r"


@dataclass(frozen=True, slots=True)
class Declined:
    """The person did not approve: rejected it, left it for later, or asks again with a remark."""

    answer: Answer
    remark: str = ""


class Screen(Protocol):
    """A controlling terminal with a person at it. Both methods raise EOFError when the person is gone."""

    def present(self, gated: Gated, code: str, *, whole: bool) -> None:
        """Show everything that was judged, and `code` only after its last line was shown.

        `whole` asks for all there is to say, also what a quick reader does not need.
        """

    def ask(self, question: str) -> str:
        """Return one line that was typed on the terminal."""

    def say(self, message: str) -> None:
        """Show one line of codegate's own words."""


HELP: Final = """\
y     this warning was seen, and does not keep it from being applied
{code}  apply exactly what is shown above
n     reject it: nothing is written, and it is forgotten
r     reject it, and ask again with a remark
m     show it again, with everything there is to say
q     quit: nothing is written, and it stays pending
?     this help"""


def review(gated: Gated, screen: Screen) -> Approved | Declined:
    """Return an Approved only if the person acknowledged each warning and typed the code that was shown.

    The code stands after the diff's last line, is drawn anew for each showing and exists nowhere but on the
    screen, so no flag, variable, file or prepared input can hold it. A terminal that closes counts as "quit".
    """
    try:
        return _ask(gated, screen)
    except EOFError:
        return Declined(Answer.QUIT)


def _ask(gated: Gated, screen: Screen) -> Approved | Declined:
    warnings = _warnings(gated)
    whole, seen = False, 0
    while True:
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
        screen.present(gated, code, whole=whole)
        answer = _SEEN
        while seen < len(warnings) and answer == _SEEN:
            screen.say(f"Warning {seen + 1} of {len(warnings)}: {warnings[seen]}")
            answer = _until_clear(screen, "Seen, and yet to apply?", _SEEN, code)
            seen += answer == _SEEN
        if answer == _SEEN:
            answer = _until_clear(screen, "Apply this?", code, code)
        if answer == code:
            return Approved(gated, _SEAL)
        if answer == Answer.REMARK:
            if remark := screen.ask("What should be different? ").strip():
                return Declined(Answer.REMARK, remark)
        elif answer in (Answer.REJECT, Answer.QUIT):
            return Declined(Answer(answer))
        whole = True


def _until_clear(screen: Screen, question: str, yes: str, code: str) -> str:
    """Ask until the answer is `yes` or one of the keys that end this showing; a few tries, then show anew.

    So the code cannot be found by trying: what types without reading meets another one each time.
    """
    for _ in range(_TRIES):
        answer = screen.ask(f"{question} [{yes},n,r,m,q,?] ").strip().lower()
        if answer in (yes, *Answer, "m"):
            return answer
        screen.say(HELP.format(code=code))
    return "m"


def _warnings(gated: Gated) -> list[str]:
    """Return each warning as one line for a person; those that say the same of one file are one."""
    given = [f for verdict in gated.verdicts for f in verdict.findings if f.severity is Severity.WARNING]
    told = {(f.rule, f.path, f.message): f for f in reversed(given)}
    return [_line(finding) for finding in reversed(told.values())]


def _line(finding: Finding) -> str:
    place = ":".join(str(part) for part in (finding.path, finding.line) if part)
    first = finding.message.partition("\n")[0]
    return visible(f"{place}: {first}" if place else first)[:_LONGEST] + f"  [{visible(finding.rule)}]"
