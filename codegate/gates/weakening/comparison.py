"""All changed test files of a diff at once: which tests are gone, which stayed, and what those lost."""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from codegate.gates.weakening.cases import fixture_params, written_out
from codegate.gates.weakening.claims import name_of, shorten
from codegate.gates.weakening.module import (
    HOOKS,
    SETUPS,
    Item,
    Module,
    UnreadableError,
    fixture_call,
    is_skip_mark,
    read_module,
)
from codegate.gates.weakening.test import Pair
from codegate.gates.weakening.weakness import Weakness

_SCOPES: Final = ("function", "class", "module", "package", "session")
_ALIKE: Final = 0.5
_MOST_PAIRS: Final = 250_000


@dataclass(frozen=True, slots=True)
class Text:
    """One changed file in two texts, None where there is none."""

    path: str
    before: bytes | None
    after: bytes | None


def compare(
    texts: Sequence[Text], patterns: Sequence[str], reading: Callable[[str], None] = lambda path: None
) -> list[Weakness]:
    """Return what the tests of a diff say less of.

    `patterns` are the names that tests' files are collected by. `reading` is told each path before its text
    is read.
    """
    return _Comparison(texts, patterns, reading).weaknesses()


class _Comparison:
    def __init__(
        self, texts: Sequence[Text], patterns: Sequence[str], reading: Callable[[str], None]
    ) -> None:
        self._reading = reading
        self._patterns = patterns
        self._found: list[Weakness] = []
        self._before: dict[str, Module] = {}
        self._after: dict[str, Module] = {}
        self._fresh = [t for t in texts if t.before is None]
        for text in texts:
            if text.before is not None:
                self._read(text)

    def weaknesses(self) -> list[Weakness]:
        pairs, gone = self._pairs()
        self._pairs_found = pairs
        for module in self._before.values():
            if module.path in self._after:
                self._compare_modules(module, self._after[module.path])
            else:
                self._compare_modules(module, Module(module.path))
        marks: dict[tuple[str, int, str], list[Item]] = {}
        for old, new in pairs:
            self._collection(old, new, marks)
            # What stands around a test can change while its own text does not.
            if old.segment != new.segment or old.marks or "for " in old.segment:
                self._found += self._pair(old, new).weaknesses()
        for old, new in self._other_pairs():
            if old.segment != new.segment:
                self._compare_others(old, new)
        for old in gone:
            self._removed(old)
        for (path, line, text), items in marks.items():
            which = items[0].id if len(items) == 1 else f"{len(items)} tests, {items[0].id} first"
            self._say("skip", path, line, f"`@{text}` keeps a failure from counting: {which}")
        return self._found

    # Reading

    def _read(self, text: Text) -> None:
        assert text.before is not None
        self._reading(text.path)
        try:
            before = read_module(text.path, text.before, self._patterns)
        except UnreadableError:
            return  # what was broken before protected nothing
        self._before[text.path] = before
        if text.after is not None:
            try:
                self._after[text.path] = read_module(text.path, text.after, self._patterns)
            except UnreadableError as error:
                del self._before[text.path]
                message = f"its tests were not compared: {error}"
                self._say("not-judged", text.path, None, message, "Mend its syntax.")

    @cached_property
    def _created(self) -> dict[str, Module]:
        """What the diff's new files hold, read only when a test is looked for."""
        found = {}
        for text in self._fresh:
            if text.after is not None:
                self._reading(text.path)
                try:
                    found[text.path] = read_module(text.path, text.after, self._patterns)
                except UnreadableError:
                    continue
        return found

    # Pairing

    def _pairs(self) -> tuple[list[tuple[Item, Item]], list[Item]]:
        """Return the tests before with what they are now, and those that are nothing now."""
        pairs: list[tuple[Item, Item]] = []
        left: list[Item] = []
        taken: set[int] = set()
        for path, module in self._before.items():
            now = self._after.get(path)
            for item in module.tests.values():
                if item.gone:
                    continue
                same = now.tests.get(item.name) if now is not None else None
                if same is None:
                    left.append(item)
                else:
                    taken.add(id(same))
                    pairs.append((item, same))
        if not left:
            return pairs, []
        free = [i for i in self._all_new() if id(i) not in taken]
        for by in (_body_of, lambda item: item.last):
            left = _match(left, free, by, pairs)
        left = self._match_alike(left, free, pairs)
        return pairs, left

    def _all_new(self) -> Iterator[Item]:
        """Yield what a test may have become: a test, or what looks like one and is not collected."""
        for module in (*self._after.values(), *self._created.values()):
            yield from module.tests.values()
            known = self._before.get(module.path)
            yield from (i for i in module.others.values() if known is None or i.name not in known.others)

    def _match_alike(self, left: list[Item], free: list[Item], pairs: list[tuple[Item, Item]]) -> list[Item]:
        """Pair a renamed test with the new one that makes most of its claims, and at least half of them."""
        if len(left) * len(free) > _MOST_PAIRS:
            return left
        rest: list[Item] = []
        candidates = [(i, self._all_texts(i)) for i in free if not i.gone]
        for old in left:
            wanted = self._texts(old)
            total = sum(wanted.values())
            scored = [(sum((wanted & texts).values()), i) for i, texts in candidates]
            best = max(scored, key=lambda s: (s[0], s[1].path == old.path), default=(0, old))
            if total and best[0] / total >= _ALIKE:
                pairs.append((old, best[1]))
                candidates = [c for c in candidates if c[0] is not best[1]]
                free.remove(best[1])
            else:
                rest.append(old)
        return rest

    def _texts(self, item: Item) -> Counter[str]:
        return Counter(c.claim.text for c in self._module_of(item).body(item).claims if c.is_live)

    def _module_of(self, item: Item) -> Module:
        for modules in (self._before, self._after, self._created):
            module = modules.get(item.path)
            if module is not None and (
                module.tests.get(item.name) is item or module.others.get(item.name) is item
            ):
                return module
        raise AssertionError(item.id)

    def _pair(self, old: Item, new: Item) -> Pair:
        return Pair(
            (old, self._module_of(old)), (new, self._module_of(new)), lambda: self._surplus, self._added
        )

    @cached_property
    def _surplus(self) -> Counter[str]:
        """Count the claims that the diff adds: all of what is new, and what changed items had not before."""
        counts: Counter[str] = Counter()
        for old, new in [*self._pairs_found, *self._other_pairs()]:
            if old.segment != new.segment and self._is_run(new):
                counts += self._all_texts(new) - self._texts(old)
        for item in self._new_items:
            if self._is_run(item):
                counts += self._all_texts(item)
        return counts

    def _is_run(self, item: Item) -> bool:
        """Say whether an item's claims may be made: it is a test that is run, or no test at all."""
        return not item.gone or item.name in self._module_of(item).others

    def _all_texts(self, item: Item) -> Counter[str]:
        """Count an item's claims as they stand, and with the values of its cases put in."""
        texts = self._texts(item)
        return texts + written_out(item, self._module_of(item), texts)

    @cached_property
    def _new_items(self) -> list[Item]:
        """The functions that no function before was paired with."""
        paired = {id(n) for _, n in self._pairs_found} | {id(n) for _, n in self._other_pairs()}
        modules = (*self._after.values(), *self._created.values())
        return [i for m in modules for i in (*m.tests.values(), *m.others.values()) if id(i) not in paired]

    @cached_property
    def _added(self) -> str:
        return "\n".join(item.segment for item in self._new_items)

    def _other_pairs(self) -> Iterator[tuple[Item, Item]]:
        for path, module in self._before.items():
            now = self._after.get(path)
            for name, item in module.others.items() if now is not None else ():
                if now is not None and name in now.others:
                    yield item, now.others[name]

    # What became of tests

    def _removed(self, old: Item) -> None:
        texts = self._texts(old)
        if texts and not texts - self._surplus:
            self._surplus.subtract(texts)
            return
        where = self._after.get(old.path)
        what = "is removed" if where is not None else "is removed with its file"
        line = None if where is None else min(old.line, len(where.lines))
        self._say("removed", old.path, line, f"{old.id} {what}", "Keep it, or let a person take it out.")

    def _collection(self, old: Item, new: Item, marks: dict[tuple[str, int, str], list[Item]]) -> None:
        """Find what keeps the test from being run where it was run before."""
        if new.gone:
            named = f", now {new.id}," if new.id != old.id else ""
            self._say("removed", new.path, new.line, f"{old.id}{named} is no longer run: {new.gone}")
        if len(new.under) > len(old.under):
            fresh = next(u for u in new.under if u not in old.under)
            self._say("skip", new.path, new.line, f"{new.id} is only there under `{fresh}`")
        was = [m for m in old.marks if is_skip_mark(m, self._module_of(old).aliases)]
        now = [m for m in new.marks if is_skip_mark(m, self._module_of(new).aliases)]
        if not now:
            return
        known = Counter(map(ast.unparse, was))
        fresh_marks = [m for m in now if not known[ast.unparse(m)]]
        if fresh_marks and (len(now) > len(was) or any(map(_is_unconditional, fresh_marks))):
            mark = fresh_marks[0]
            key = (new.path, mark.lineno, shorten(ast.unparse(mark)))
            marks.setdefault(key, []).append(new)

    # Fixtures, set-up and helpers

    def _compare_others(self, old: Item, new: Item) -> None:
        is_fixture = fixture_call(new.function) is not None
        if is_fixture or new.last in SETUPS or "assert" in old.segment or "raises" in old.segment:
            mild = ("mock", "decorator")
            self._found += [w for w in self._pair(old, new).weaknesses() if w.rule not in mild]

    def _compare_modules(self, old: Module, new: Module) -> None:
        if len(new.skips) > len(old.skips):
            text, line = new.skips[-1]
            self._say("skip", new.path, line, f"`{text}` skips all tests of the file")
        for item in new.others.values():
            if item.name in HOOKS and item.name not in old.others:
                self._say(
                    "collection",
                    new.path,
                    item.line,
                    f"the hook `{item.name}` can drop tests or change results",
                )
        for name in new.others.keys() | new.constants.keys():
            if name in old.imported and name not in old.others and name not in old.constants:
                made = new.others[name].function if name in new.others else new.constants[name]
                if isinstance(made, ast.Constant) and name in new.imported:
                    continue  # what stands for it where it cannot be imported
                message = f"`{name}` was imported, and is made by the test file itself now"
                self._say("mock", new.path, made.lineno, message)
        for name, value in new.constants.items():
            ignored = name.startswith("collect_ignore")
            if ignored and (name not in old.constants or _mentions(new, name) > _mentions(old, name)):
                self._say("collection", new.path, value.lineno, f"`{name}` keeps files from being collected")
        for item in new.others.values():
            call = fixture_call(item.function)
            automatic = item.last in SETUPS or (call is not None and _says(call, "autouse"))
            if item.name not in old.others and automatic and (skips := new.body(item).skips):
                self._say("skip", new.path, skips[0][1], f"`{skips[0][0]}` in {item.id} skips tests")
        for item in old.others.values():
            self._setup(item, old, new)
        for name, before in old.classes.items():
            after = new.classes.get(name)
            if after is not None and before.bases and not after.bases:
                camel = [
                    i.last
                    for i in new.others.values()
                    if i.owner == name and i.last in SETUPS and i.last[0:5] in ("setUp", "tearD")
                ]
                if camel:
                    self._say(
                        "fixture",
                        new.path,
                        after.lineno,
                        f"{name}.{camel[0]} no longer runs: the class is no TestCase any more",
                    )

    def _setup(self, old: Item, before: Module, after: Module) -> None:
        """Find a set-up or fixture that runs by itself no longer."""
        now = after.others.get(old.name)
        was, call = fixture_call(old.function), None if now is None else fixture_call(now.function)
        automatic = (was is not None and _says(was, "autouse")) or old.last in SETUPS
        if now is None:
            owner_stays = not old.owner or old.owner in after.classes
            if automatic and owner_stays and not _is_trivial(old) and not self._replaced(old, after):
                self._say("fixture", after.path, None, f"{old.id} ran for every test and is gone")
            return
        if was is not None and _says(was, "autouse") and (call is None or not _says(call, "autouse")):
            self._say("fixture", after.path, now.line, f"{old.id} no longer runs by itself (autouse)")
        if (was is not None or automatic) and not _is_trivial(old) and _is_trivial(now):
            self._say("fixture", after.path, now.line, f"{old.id} does nothing any more")
        if was is not None and call is not None:
            count, less = fixture_params(was, before), fixture_params(call, after)
            if count is not None and less is not None and less < count:
                self._say("parameters", after.path, now.line, f"{old.id}: {less} params, {count} before")
            if _SCOPES.index(_scope(call)) > _SCOPES.index(_scope(was)):
                self._say(
                    "fixture",
                    after.path,
                    now.line,
                    f"{old.id} is shared more widely (scope {_scope(call)})",
                    mild=True,
                )

    def _replaced(self, old: Item, after: Module) -> bool:
        """Say whether something new of the module runs for every test in its stead."""
        known = self._before[after.path].others
        fresh = [i for i in after.others.values() if i.name not in known]
        for item in fresh:
            call = fixture_call(item.function)
            if item.last in SETUPS or (call is not None and _says(call, "autouse")):
                return True
        body = _body_of(old)
        return any(_body_of(i) == body for m in self._created.values() for i in m.others.values())

    def _say(
        self, rule: str, path: str, line: int | None, message: str, hint: str = "", mild: bool = False
    ) -> None:
        self._found.append(Weakness(rule, path, line, message, hint, mild))


def _match(
    left: list[Item], free: list[Item], by: Callable[[Item], str], pairs: list[tuple[Item, Item]]
) -> list[Item]:
    """Pair what has the same key, collected ones first; take it from `free`, and return what is left."""
    index: dict[str, list[Item]] = {}
    for item in sorted(free, key=lambda i: bool(i.gone)):
        index.setdefault(by(item), []).append(item)
    rest: list[Item] = []
    for old in left:
        same = index.get(by(old))
        if same:
            new = next((i for i in same if i.path == old.path and not i.gone), same[0])
            same.remove(new)
            free.remove(new)
            pairs.append((old, new))
        else:
            rest.append(old)
    return rest


def _mentions(module: Module, name: str) -> int:
    """Return how many lines the module's statements about a name have."""
    value = module.constants[name]
    return (
        sum(name in line for line in module.lines)
        + (value.end_lineno or 0)
        - value.lineno
        + len(ast.dump(value))
    )


def _body_of(item: Item) -> str:
    """Return a function's body as text without docstring, comments and layout."""
    body = item.function.body
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    return ast.unparse(ast.Module(body, [])) or "pass"


def _is_trivial(item: Item) -> bool:
    """Say whether a function does nothing."""
    return not any(
        isinstance(n, ast.Call | ast.Assign | ast.AugAssign | ast.Delete | ast.With)
        for s in item.function.body
        for n in ast.walk(s)
    )


def _is_unconditional(mark: ast.expr) -> bool:
    """Say whether a skip or xfail holds whatever the machine is."""
    if name_of(mark) in ("skip", "expectedFailure"):
        return True
    if not isinstance(mark, ast.Call) or not mark.args:
        return name_of(mark) == "xfail" and not any(
            isinstance(mark, ast.Call) and k.arg == "condition" for k in getattr(mark, "keywords", ())
        )
    return isinstance(mark.args[0], ast.Constant) and mark.args[0].value is True


def _says(decorator: ast.expr, key: str) -> bool:
    keywords = decorator.keywords if isinstance(decorator, ast.Call) else ()
    return any(k.arg == key and isinstance(k.value, ast.Constant) and bool(k.value.value) for k in keywords)


def _scope(decorator: ast.expr) -> str:
    for keyword in decorator.keywords if isinstance(decorator, ast.Call) else ():
        if (
            keyword.arg == "scope"
            and isinstance(keyword.value, ast.Constant)
            and keyword.value.value in _SCOPES
        ):
            return str(keyword.value.value)
    return "function"
