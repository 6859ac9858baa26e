"""What objects and functions do: whether they compare, hash, print and log as was asked."""

from __future__ import annotations

import io
import logging
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from typing import Any

from .case import module


def fails(
    what: type[BaseException] | tuple[type[BaseException], ...], action: Callable[[], object]
) -> BaseException:
    """Refuse an action that does not raise; return what it raised."""
    try:
        action()
    except what as error:
        return error
    raise AssertionError(f"raises no {getattr(what, '__name__', what)}")


def printed(action: Callable[[], object]) -> str:
    """Return all that an action writes on standard output and error."""
    stream = io.StringIO()
    with redirect_stdout(stream), redirect_stderr(stream):
        action()
    return stream.getvalue()


class _Handler(logging.Handler):
    def __init__(self, records: list[logging.LogRecord]) -> None:
        super().__init__()
        self.emit = records.append  # type: ignore[assignment,method-assign]


def logged(action: Callable[[], object], *messages: str, level: str, logger: str = "") -> None:
    """Refuse an action that prints, or has no record of a level, by the module's logger, for each message."""
    records: list[logging.LogRecord] = []
    handler = _Handler(records)
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    said = printed(action)
    root.removeHandler(handler)
    assert not said.strip(), f"it prints: {said.strip()[:80]}"
    told = [(record.levelname.lower(), record.name, record.getMessage()) for record in records]
    for message in messages:
        found = [one for one in told if message in one[2]]
        assert found, f"no record of {message!r} in {told}"
        assert found[0][0] == level, f"{message!r} is at {found[0][0]}"
        assert found[0][1] == (logger or module().__name__), f"{message!r} is by {found[0][1]}"


def represents(value: object, *parts: str, never: Sequence[str] = ()) -> None:
    """Refuse a `repr` that is the default one, or lacks a name or a part, or shows what it never may."""
    text = repr(value)
    assert isinstance(text, str)
    assert text != object.__repr__(value), f"the default: {text}"
    for part in (type(value).__name__, *parts):
        assert part in text, f"no {part!r} in {text}"
    for part in never:
        assert part not in text, f"{part!r} in {text}"


def equals(same: Sequence[tuple[Any, Any]], different: Sequence[tuple[Any, Any]], other: object = 3) -> None:
    """Refuse an `==` that takes unlike for like, or like for unlike, or judges other types."""
    for a, b in same:
        assert (a == b, b == a, a != b) == (True, True, False), f"{a!r} != {b!r}"
    for a, b in different:
        assert (a != b, b != a, a == b) == (True, True, False), f"{a!r} == {b!r}"
    value = same[0][0]
    assert value != other, "equal to a value of another type"
    compare: Any = type(value).__eq__
    assert compare(value, other) is NotImplemented, "no NotImplemented for another type"


def hashes(same: Sequence[tuple[Any, Any]], different: Sequence[tuple[Any, Any]] = ()) -> None:
    """Refuse a `hash` in which equal values differ, or unlike values all agree."""
    for a, b in same:
        assert hash(a) == hash(b), f"equal, and other hashes: {a!r}"
        assert len({a, b}) == 1
    if different:
        assert any(hash(a) != hash(b) for a, b in different), "one hash for all"


def orders(*rising: Any, other: object = "x") -> None:
    """Refuse an order in which these do not rise, or that compares with another type."""
    for n, a in enumerate(rising):
        for b in rising[n + 1 :]:
            assert all((a < b, b > a, a <= b, b >= a)), f"{a!r} is not below {b!r}"
            assert not any((b < a, a > b, b <= a, a >= b)), f"{b!r} is not above {a!r}"
        same = a
        assert (a <= same, a >= same, a < same, a > same) == (True, True, False, False), (
            f"{a!r} is not itself"
        )
    fails(TypeError, lambda: rising[0] < other)
