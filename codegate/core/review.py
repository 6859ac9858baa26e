"""The one place where a person's word becomes an approval."""

from __future__ import annotations

import secrets
from dataclasses import InitVar, dataclass
from enum import StrEnum
from typing import Final, Protocol, final

from codegate.core.judge import Gated

# No vowels, so that no code is a word, and nothing that looks like something else on a screen.
_LETTERS: Final = "bcdfghjkmnpqrstvwxz"
_CODE_LENGTH: Final = 4
_TRIES: Final = 3


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
{code}  apply exactly what is shown above
n     reject it: nothing is written, and it is forgotten
r     reject it, and ask again with a remark
m     show it again, with everything there is to say
q     quit: nothing is written, and it stays pending
?     this help"""


def review(gated: Gated, screen: Screen) -> Approved | Declined:
    """Return an Approved only if the person typed the code that was shown after the diff's last line.

    The code is drawn anew for each showing and exists nowhere but on the screen, so no flag, variable, file
    or prepared input can hold it. A terminal that closes counts as "quit".
    """
    try:
        return _ask(gated, screen)
    except EOFError:
        return Declined(Answer.QUIT)


def _ask(gated: Gated, screen: Screen) -> Approved | Declined:
    whole = False
    while True:
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE_LENGTH))
        screen.present(gated, code, whole=whole)
        answer = _until_clear(screen, code)
        if answer == code:
            return Approved(gated, _SEAL)
        if answer == Answer.REMARK:
            if remark := screen.ask("What should be different? ").strip():
                return Declined(Answer.REMARK, remark)
        elif answer in (Answer.REJECT, Answer.QUIT):
            return Declined(Answer(answer))
        whole = True


def _until_clear(screen: Screen, code: str) -> str:
    """Ask until the answer is the code or one of the keys that end this showing; a few tries, then show anew.

    So the code cannot be found by trying: what types without reading meets another one each time.
    """
    for _ in range(_TRIES):
        answer = screen.ask(f"Apply this? [{code},n,r,m,q,?] ").strip().lower()
        if answer in (code, *Answer, "m"):
            return answer
        screen.say(HELP.format(code=code))
    return "m"
