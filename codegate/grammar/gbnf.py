"""Reading GBNF as llama.cpp reads it, but with a place and a reason where it would die, loop or say nothing.

Groups and repetitions become rules of their own, as they do there, so that what holds for these rules (that
none begins with itself, that each can end) holds for llama.cpp's. Its grammars README describes the notation.
"""

from __future__ import annotations

import re
from typing import Final

from codegate.errors import GrammarError
from codegate.grammar.chars import ANY, Chars, is_character
from codegate.grammar.matching import Element
from codegate.grammar.rules import Grammar
from codegate.grammar.soundness import require_sound

_TEXT: Final = 100_000
_SIZE: Final = 20_000  # elements of all sequences together
_DEPTH: Final = 50
_REPEATS: Final = 1_000
_SPREAD: Final = 2_000  # llama.cpp's own bound on rules that repetitions make of one item

_NAME: Final = re.compile(r"[A-Za-z0-9-]+")
_BLANK: Final = re.compile(r"(?:[ \t]|#[^\r\n]*)*")
_BLANK_LINES: Final = re.compile(r"(?:[ \t\r\n]|#[^\r\n]*)*")
_BOUNDS: Final = re.compile(r"\{[ \t]*([0-9]+)[ \t]*(?:(,)[ \t]*([0-9]*)[ \t]*)?\}")
_HEX: Final = {"x": 2, "u": 4, "U": 8}
_PLAIN_ESCAPES: Final = {"t": "\t", "r": "\r", "n": "\n", "\\": "\\", '"': '"', "[": "[", "]": "]"}
_SUFFIXES: Final[dict[str, tuple[int, int | None]]] = {"*": (0, None), "+": (1, None), "?": (0, 1)}
_CONTINUED: Final = "A rule goes on in the next line only after `|` or within parentheses."
_NAMED: Final = "Names of rules hold letters, digits and `-` only."


def parse_gbnf(text: str) -> Grammar:
    """Return the grammar, which llama.cpp takes too; raises GrammarError with the line of what is wrong.

    Wrong is, beside the notation: an undefined rule or one that is defined twice, no `root`, a rule that
    begins with itself or can never end, something repeated that may be empty, and what grows too large.
    """
    if len(text) > _TEXT:
        raise GrammarError(f"{len(text)} characters are more than the {_TEXT} that a grammar may have")
    reader = _Reader(text)
    reader.read()
    require_sound(reader.rules, reader.lines, reader.used, reader.repeated)
    return Grammar(text, {name: tuple(map(tuple, found)) for name, found in reader.rules.items()})


class _Reader:
    """`rules` as read so far, with `lines` where each stands, `used` where each was first named."""

    def __init__(self, text: str) -> None:
        self.rules: dict[str, list[list[Element]]] = {}
        self.lines: dict[str, int] = {}
        self.used: dict[str, int] = {}
        self.repeated: list[tuple[int, list[Element]]] = []
        self._text = text
        self._at = 0
        self._depth = 0
        self._size = 0
        self._names: set[str] = set()  # of all rules that were defined, made or used

    def read(self) -> None:
        for number, line in enumerate(self._text.split("\n"), 1):
            for character in line:
                if not is_character(ord(character)):
                    raise GrammarError(f"{character!r} is no character", number)
        self._skip(lines=True)
        while self._at < len(self._text):
            self._rule()

    def _rule(self) -> None:
        line = self._line
        name = self._name("the name of a rule", _CONTINUED if self._peek() == "|" else "")
        if name in self.lines:
            raise GrammarError(f"the rule `{name}` is already defined in line {self.lines[name]}", line)
        self.lines[name] = line
        self._names.add(name)
        self._skip(lines=False)
        self._expect("::=", _NAMED if self._peek() == "_" else "")
        self._skip(lines=True)
        self.rules[name] = self._alternatives(name, nested=False)
        if self._at < len(self._text) and self._peek() not in "\r\n":
            raise self._wrong("the end of the line")
        self._skip(lines=True)

    def _alternatives(self, name: str, *, nested: bool) -> list[list[Element]]:
        found = [self._sequence(name, nested=nested)]
        while self._peek() == "|":
            self._at += 1
            self._skip(lines=True)
            found.append(self._sequence(name, nested=nested))
        return found

    def _sequence(self, name: str, *, nested: bool) -> list[Element]:
        sequence: list[Element] = []
        item: list[Element] = []  # the last one, to which a repetition applies
        spread = 1  # into how many rules it has grown
        while (next_ := self._peek()) and next_ not in "|)\r\n":
            if next_ in "*+?{":
                low, high = self._bounds()
                if not item:
                    raise GrammarError("nothing stands before what says how often it is repeated", self._line)
                spread *= high or low or 1
                if spread >= _SPREAD:
                    raise GrammarError("repetitions of repetitions make the grammar too large", self._line)
                del sequence[len(sequence) - len(item) :]
                item = self._repeat(name, item, low, high)
            else:
                before = len(self._names)
                item = self._item(name)
                spread = max(1, len(self._names) - before) if next_ == "(" else 1
            sequence += item
            self._grow(len(item))
            self._skip(lines=nested)
        return sequence

    def _item(self, name: str) -> list[Element]:
        match self._peek():
            case '"':
                return self._literal()
            case "[":
                return [self._class()]
            case "(":
                return [self._group(name)]
            case ".":
                self._at += 1
                return [ANY]
        line = self._line
        referred = self._name("a literal, a class, a group or the name of a rule")
        self._names.add(referred)
        self.used.setdefault(referred, line)
        return [referred]

    def _group(self, name: str) -> str:
        made = self._make(name)
        self._at += 1
        self._depth += 1
        if self._depth > _DEPTH:
            raise GrammarError(f"groups stand more than {_DEPTH} deep in each other", self._line)
        self._skip(lines=True)
        self.rules[made] = self._alternatives(name, nested=True)
        self._expect(")")
        self._depth -= 1
        return made

    def _repeat(self, name: str, item: list[Element], low: int, high: int | None) -> list[Element]:
        """Return what stands for the item so often: `low` times itself, then a rule for more of them."""
        if high != 1:
            self.repeated.append((self._line, item))
        more: list[Element] = []
        for _ in range(1 if high is None else high - low):
            made = self._make(name)
            self.rules[made] = [[*item, *([made] if high is None else more)], []]
            more = [made]
            self._grow(len(item) + 1)
        self._grow(len(item) * low)
        return item * low + more

    def _bounds(self) -> tuple[int, int | None]:
        if (suffix := self._peek()) in _SUFFIXES:
            self._at += 1
            return _SUFFIXES[suffix]
        found = _BOUNDS.match(self._text, self._at)
        if found is None:
            raise self._wrong("`{m}`, `{m,}` or `{m,n}`")
        low_text, comma, high_text = found.groups()
        if max(len(low_text), len(high_text or "")) > 4 or max(int(low_text), int(high_text or 0)) > _REPEATS:
            raise GrammarError(f"nothing can be repeated more than {_REPEATS} times", self._line)
        low = int(low_text)
        high = low if not comma else int(high_text) if high_text else None
        if high is not None and (high < low or high == 0):
            raise GrammarError(f"no number of times is from {low} to {high}, and 0 says nothing", self._line)
        self._at = found.end()
        return low, high

    def _literal(self) -> list[Element]:
        found: list[Element] = []
        self._at += 1
        while self._peek() != '"':
            code = self._character()
            found.append(Chars(((code, code),)))
        self._at += 1
        return found

    def _class(self) -> Chars:
        self._at += 1
        negated = self._peek() == "^"
        self._at += negated
        ranges = []
        while self._peek() != "]":
            first = last = self._character()
            if self._peek() == "-" and self._text[self._at + 1 : self._at + 2] != "]":
                self._at += 1
                last = self._character()
            if last < first:
                raise GrammarError(f"the range from {chr(first)!r} to {chr(last)!r} is empty", self._line)
            ranges.append((first, last))
        chars = Chars(tuple(ranges), negated)
        if not ranges or chars.is_empty:
            raise GrammarError("a class without characters", self._line, "Write `.` for any character.")
        self._at += 1
        return chars

    def _character(self) -> int:
        """Read one character of a literal or a class, maybe an escape, and return its code point."""
        character = self._peek()
        if not character or character in "\r\n":
            raise self._wrong("the end of the literal or class in its line")
        self._at += 1
        if character != "\\":
            return ord(character)
        kind = self._peek()
        self._at += 1
        if kind and kind in _PLAIN_ESCAPES:
            return ord(_PLAIN_ESCAPES[kind])
        digits = self._text[self._at : self._at + _HEX.get(kind, 0)]
        if kind not in _HEX or not re.fullmatch(f"[0-9A-Fa-f]{{{_HEX[kind]}}}", digits):
            allowed = r"\n \r \t \\ \" \[ \] \xHH \uHHHH \UHHHHHHHH"
            raise GrammarError(f"`\\{kind}{digits}` is no escape", self._line, f"These are: {allowed}")
        self._at += len(digits)
        if not is_character(int(digits, 16)):
            raise GrammarError(f"`\\{kind}{digits}` is no character that a text can hold", self._line)
        return int(digits, 16)

    def _make(self, name: str) -> str:
        """Return a new name for the rule of a group or a repetition; no name that is read holds `_`."""
        made = f"{name}_{len(self._names)}"
        self._names.add(made)
        self.lines[made] = self._line
        return made

    def _grow(self, elements: int) -> None:
        self._size += elements
        if self._size > _SIZE:
            raise GrammarError(f"with all repetitions written out it has over {_SIZE} elements", self._line)

    def _name(self, wanted: str, hint: str = "") -> str:
        found = _NAME.match(self._text, self._at)
        if found is None:
            raise self._wrong(wanted, hint)
        self._at = found.end()
        return found.group()

    def _expect(self, symbol: str, hint: str = "") -> None:
        if not self._text.startswith(symbol, self._at):
            raise self._wrong(f"`{symbol}`", hint)
        self._at += len(symbol)

    def _skip(self, *, lines: bool) -> None:
        found = (_BLANK_LINES if lines else _BLANK).match(self._text, self._at)
        assert found is not None
        self._at = found.end()

    def _peek(self) -> str:
        return self._text[self._at : self._at + 1]

    @property
    def _line(self) -> int:
        return self._text.count("\n", 0, self._at) + 1

    def _wrong(self, wanted: str, hint: str = "") -> GrammarError:
        rest = self._text[self._at : self._at + 20].splitlines()
        found = f"`{rest[0]}`" if rest and rest[0] else "the end of the line" if rest else "the end"
        return GrammarError(f"expected {wanted}, found {found}", self._line, hint)
