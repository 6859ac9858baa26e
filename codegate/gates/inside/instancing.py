"""Whether the special methods of a class hold for the instances that the tests make. PYTEST_DONT_REWRITE"""

from __future__ import annotations

import functools
import importlib
import os
import re
import sys
from typing import Any

from .speech import say

_MOST = 30  # instances
_COMPARED = 12
_DEPTH = 4
_VALUES = 200
_WRONG = 10  # messages


class Instances:
    """Keeps the first instances of some classes, and tries their methods on them at the end."""

    def __init__(self, classes: list[dict[str, Any]]) -> None:
        self._watches = [_Watch(settings) for settings in classes]

    def prepare(self, items: list[Any]) -> list[Any]:
        """Watch the classes from now on; return those of the tests whose modules know one, else all."""
        for watch in self._watches:
            watch.prepare()
        known = [i for i in items if any(w.is_known(getattr(i, "module", None)) for w in self._watches)]
        return known or items

    def finish(self) -> None:
        """Say what was found."""
        for watch in self._watches:
            watch.finish()


class _Watch:
    """Of one class."""

    def __init__(self, settings: dict[str, Any]) -> None:
        self._said = {"path": settings["path"], "class": settings["name"]}
        self._path, self._name = os.path.abspath(settings["path"]), settings["name"]
        self._members = settings["members"]
        self._kept: list[Any] = []
        self._class: Any = None
        self._module: Any = None

    def prepare(self) -> None:
        self._module = self._loaded() or self._imported()
        found = self._module
        for name in self._name.split("."):
            found = getattr(found, name, None)
        if isinstance(found, type):
            self._class = found
            self._watch()

    def finish(self) -> None:
        if self._class is None:
            say({"trial": {**self._said, "untried": "it cannot be imported where the tests run"}})
            return
        wrong: list[str] = []
        tried = {"instances": len(self._kept), "repr": 0, "pairs": 0}
        if "__repr__" in self._members:
            tried["repr"] = sum(self._evaluates(one, wrong) for one in self._kept)
        if "__eq__" in self._members or "__hash__" in self._members:
            tried["pairs"] = self._compare(self._kept[:_COMPARED], wrong)
        say({"trial": {**self._said, **tried, "wrong": list(dict.fromkeys(wrong))[:_WRONG]}})

    def _loaded(self) -> Any:
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None)
            if isinstance(file, str) and os.path.abspath(file) == self._path:
                return module
        return None

    def _imported(self) -> Any:
        for top in [os.path.abspath(place) for place in sys.path]:
            if self._path.startswith(top + os.sep):
                inner = self._path[len(top) + 1 :].rpartition(".")[0]
                try:
                    return importlib.import_module(inner.replace(os.sep, ".").replace(".__init__", ""))
                except Exception:  # noqa: S112  # another place on the path may be the right one
                    continue
        return None

    def _watch(self) -> None:
        kind, kept, original = self._class, self._kept, self._class.__init__

        def watched(instance: Any, *args: Any, **kwargs: Any) -> None:
            if original is not object.__init__:  # which takes nothing beside a `__new__`
                original(instance, *args, **kwargs)
            if type(instance) is kind and len(kept) < _MOST:
                kept.append(instance)

        functools.update_wrapper(watched, original)
        kind.__init__ = watched

    def is_known(self, module: Any) -> bool:
        name = getattr(self._module, "__name__", "")
        values = list(vars(module).values()) if module is not None else []
        return any(v is self._module or getattr(v, "__module__", None) == name for v in values)

    def _evaluates(self, one: Any, wrong: list[str]) -> bool:
        """Try the round trip of one instance; False if its text is no call of its class."""
        try:
            text: Any = repr(one)
        except Exception as error:
            wrong.append(f"repr() raises {_named(error)}")
            return True
        if not isinstance(text, str):
            wrong.append("repr() is no text")
            return True
        called = re.match(r"([\w.]+)\(", text)
        if called is None or called[1].rpartition(".")[2] != self._class.__name__ or text[-1] != ")":
            return False
        if re.search(r"<[\w.]+ .*>|<[\w.]+>", text):  # a value in it has no text that could be read back
            return False
        names = {**vars(self._module), self._class.__name__: self._class}
        # The texts of its values name their types as these like, whatever the module has imported.
        said = [_evaluated(text, one, known) for known in (names, {**names, **_types_of(one)})]
        if "" not in said:
            wrong.append(f"{_short(text)} {said[-1]}")
        return True

    def _compare(self, kept: list[Any], wrong: list[str]) -> int:
        for one in kept:
            for other in (object(), None, 1, "x"):
                _told(lambda one=one, other=other: (one != other) is not False, wrong, one,
                      "is not unequal to an unrelated object")  # fmt: skip
            _told(lambda one=one: bool(one == one), wrong, one, "is not equal to itself")
            if _is_hashable(one):
                _told(lambda one=one: hash(one) == hash(one), wrong, one, "has no steady hash")
        pairs = [(a, b) for place, a in enumerate(kept) for b in kept[place:]]
        for a, b in pairs:
            _told(lambda a=a, b=b: bool(a == b) == bool(b == a), wrong, a, "is equal in one direction only")
            _told(lambda a=a, b=b: bool(a == b) != bool(a != b), wrong, a, "is equal and unequal to another")
            if _is_hashable(a) and _is_hashable(b):
                _told(lambda a=a, b=b: a != b or hash(a) == hash(b), wrong, a,
                      "is equal to one with another hash")  # fmt: skip
        return len(pairs)


def _is_hashable(one: Any) -> bool:
    """Say whether an object has a hash: one that holds a list, say, need not."""
    if type(one).__hash__ is None:
        return False
    try:
        hash(one)
    except Exception as error:
        return "unhashable type" not in str(error)
    return True


def _evaluated(text: str, one: Any, names: dict[str, Any]) -> str:
    """Say what is wrong with a text as one of `one`; nothing if it is right."""
    try:
        again = eval(text, dict(names))  # noqa: S307  # in the sandbox, where all of the project runs
    except Exception as error:
        return f"cannot be evaluated: {_named(error)}"
    return "" if _same(one, again, _DEPTH) else "evaluates to another object"


def _types_of(one: Any) -> dict[str, Any]:
    """Return the types of an instance's values, and the outermost modules of these, by their names."""
    found: dict[str, Any] = {}
    waiting = list(_attributes(one).values())
    for value in waiting:  # it grows as it goes
        kind = type(value)
        if kind.__module__ != "builtins":
            top = kind.__module__.partition(".")[0]
            found.setdefault(top, sys.modules.get(top))
            found.setdefault(kind.__name__, kind)
        elif isinstance(value, (list, tuple, set, frozenset)) and len(waiting) < _VALUES:
            waiting.extend(value)
        elif isinstance(value, dict) and len(waiting) < _VALUES:
            waiting.extend([*value, *value.values()])
    return found


def _told(holds: Any, wrong: list[str], one: Any, what: str) -> None:
    try:
        held = holds()
    except Exception as error:
        held, what = False, f"raises {_named(error)} where it is compared or hashed"
    if not held:
        wrong.append(f"an instance {what}")


def _same(one: Any, other: Any, depth: int) -> bool:
    """Say whether two objects are equal, or have equal attributes; what knows no equality has them alone."""
    if type(one) is not type(other):
        return False
    try:
        if bool(one == other):
            return True
    except Exception:
        return False
    own: Any = type(one).__eq__
    if depth == 0 or own is not object.__eq__:
        return False
    mine, its = _attributes(one), _attributes(other)
    return mine.keys() == its.keys() and all(_same(mine[name], its[name], depth - 1) for name in mine)


def _attributes(one: Any) -> dict[str, Any]:
    slots = [name for kind in type(one).__mro__ for name in getattr(kind, "__slots__", ())]
    found = {name: getattr(one, name) for name in slots if hasattr(one, name) and name != "__dict__"}
    return {**found, **getattr(one, "__dict__", {})}


def _named(error: BaseException) -> str:
    return _short(f"{type(error).__name__}: {error}")


def _short(text: str) -> str:
    return text if len(text) <= 200 else f"{text[:200]} …"
