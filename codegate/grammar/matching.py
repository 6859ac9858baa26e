"""Following a text through a grammar, all ways at once.

The ways share their stacks: a rule that is entered at one place is entered once, however many ways lead to
it, and what follows it is kept in one set (a graph-structured stack, as in generalised LL parsing). A rule
that ends another one takes over what follows that one, so that repetitions do not pile up. Time is cubic in
the text at worst, and linear for a grammar in which few ways are open at a time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from codegate.errors import GrammarError
from codegate.grammar.chars import Chars

TEXT_LIMIT: Final = 20_000
_STEPS: Final = 2_000_000

Element = Chars | str


@dataclass(frozen=True, slots=True)
class Reach:
    """How far a text goes: its first `length` characters begin something allowed.

    `complete` says whether the text is allowed as it is, `expected` what may stand after those characters, in
    GBNF, and `may_end` whether they may be all.
    """

    length: int
    complete: bool
    may_end: bool
    expected: tuple[str, ...]

    def explain(self, text: str) -> str | None:
        """Say at which character (from 1) the text leaves the grammar; None if it does not."""
        if self.complete:
            return None
        if len(text) > TEXT_LIMIT:
            return f"{len(text)} characters are more than the {TEXT_LIMIT} that a text may have"
        wanted = [*self.expected, *(["the end"] if self.may_end else [])]
        shown = ", ".join(wanted[:6]) + (", …" if len(wanted) > 6 else "")
        found = repr(text[self.length]) if self.length < len(text) else "the end"
        return f"at character {self.length + 1}: expected {shown}; found {found}"


class _Place:
    """A place in a sequence, before an element; `next` is the place after it, None at the sequence's end."""

    __slots__ = ("element", "known", "next")

    def __init__(self, element: Element, following: _Place | None) -> None:
        self.element = element
        self.next = following
        self.known: dict[str, bool] = {}

    def accepts(self, character: str) -> bool:
        if (answer := self.known.get(character)) is None:
            assert isinstance(self.element, Chars)
            answer = self.known[character] = character in self.element
        return answer


class _Call:
    """A rule that was entered at some character, and what follows it: places, each within a call."""

    __slots__ = ("ended", "returns")

    def __init__(self) -> None:
        self.returns: dict[tuple[_Place, _Call], None] = {}
        self.ended = False  # at the very character at which it was entered, while that is looked at


_State = tuple[_Place | None, _Call]


class Recogniser:
    """Tells of any text whether rules allow it, from the rule `root`."""

    def __init__(self, rules: Mapping[str, Sequence[Sequence[Element]]]) -> None:
        self._starts = {name: [_places(s) for s in sequences] for name, sequences in rules.items()}

    def follow(self, text: str) -> Reach:
        """See `Grammar.follow`. A text of over TEXT_LIMIT characters is not looked at."""
        if len(text) > TEXT_LIMIT:
            return Reach(0, False, False, ())
        root = _Call()
        states: list[_State] = [(start, root) for start in self._starts["root"]]
        length = steps = 0
        while True:
            open_, visited, steps = self._close(states, steps)
            may_end = (None, root) in visited
            if length == len(text):
                break
            states = [(place.next, call) for place, call in open_ if place.accepts(text[length])]
            if not states:
                break
            length += 1
        expected = tuple(dict.fromkeys(str(place.element) for place, _ in open_))
        return Reach(length, length == len(text) and may_end, may_end, expected)

    def _close(self, states: list[_State], steps: int) -> tuple[list[tuple[_Place, _Call]], set[_State], int]:
        """Enter and leave rules until each way stands before a character or at the end of the root.

        Return the ways before a character, all that were met, and the steps taken so far.
        """
        todo = list(dict.fromkeys(states))
        visited = set(todo)
        entered: dict[str, _Call] = {}
        before_character = []

        def visit(place: _Place | None, call: _Call) -> None:
            if (place, call) not in visited:
                visited.add((place, call))
                todo.append((place, call))

        for place, call in todo:  # which grows meanwhile
            steps += 1
            if steps > _STEPS:
                raise GrammarError(
                    "it is too ambiguous to tell whether a text matches",
                    hint="write the grammar so that few of its alternatives begin alike",
                )
            if place is None:
                steps += len(call.returns)
                call.ended = True
                for after, caller in call.returns:
                    visit(after, caller)
            elif isinstance(place.element, Chars):
                before_character.append((place, call))
            elif place.next is None:
                for start in self._starts[place.element]:
                    visit(start, call)
            else:
                if (callee := entered.get(place.element)) is None:
                    callee = entered[place.element] = _Call()
                    for start in self._starts[place.element]:
                        visit(start, callee)
                callee.returns[place.next, call] = None
                if callee.ended:
                    visit(place.next, call)
        return before_character, visited, steps


def _places(sequence: Sequence[Element]) -> _Place | None:
    place = None
    for element in reversed(sequence):
        place = _Place(element, place)
    return place
