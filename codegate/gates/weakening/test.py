"""One test against itself before the change: what of its claims, cases and surroundings is gone."""

from __future__ import annotations

import ast
import builtins
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from codegate.gates.weakening.body import DEAD, Body, Claimed
from codegate.gates.weakening.cases import cases_of, fewer, only_part, parameters, written_out
from codegate.gates.weakening.claims import Claim, Rank, contrast, dotted, is_vacuous, name_of, shorten
from codegate.gates.weakening.module import Item, Module, is_skip_mark
from codegate.gates.weakening.strength import Loss, is_about, likeness, loss
from codegate.gates.weakening.weakness import Weakness

_SHOWN: Final = 3
_MOST_PAIRS: Final = 4_000
_ANOTHER: Final = Loss("rewritten", "is another assertion", weaker=False)
_BUILTINS: Final = frozenset(dir(builtins))
# Fixtures that only hand something to the test: one that the test never looked at can go.
_HANDED: Final = frozenset(
    [
        "self", "cls", "request", "tmp_path", "tmpdir", "tmp_path_factory", "tmpdir_factory", "capsys",
        "capfd", "caplog", "monkeypatch", "mocker", "recwarn", "pytestconfig", "record_property",
        "capsysbinary",
    ]
)  # fmt: skip
# Decorators with which a test runs as it did.
_HARMLESS: Final = frozenset(
    [
        "parametrize", "usefixtures", "asyncio", "anyio", "trio", "filterwarnings", "django_db", "fixture",
        "given", "settings", "example", "staticmethod", "classmethod", "property", "override_settings",
        "freeze_time", "timeout", "params", "expand", "contextmanager", "patch", "object", "dict", "wraps",
        "xdist_group", "order", "benchmark", "dataclass", "attrs", "define", "frozen", "s", "overload",
        "unittest_run_loop", "gen_test", "respx_mock", "respx",
    ]
)  # fmt: skip
_ASYNC: Final = frozenset(["asyncio", "anyio", "trio", "gen_test", "unittest_run_loop", "tornado", "curio"])


class Pair:
    """A test, fixture or helper before and after.

    `surplus` counts the claims that the whole diff adds somewhere, and is made when first asked; `added` is
    the text of what is new in it.
    """

    def __init__(
        self,
        old: tuple[Item, Module],
        new: tuple[Item, Module],
        surplus: Callable[[], Counter[str]],
        added: str,
    ) -> None:
        self.old, self._old_module = old
        self.new, self._new_module = new
        self._surplus = surplus
        self._added = added
        self._before = self._old_module.body(self.old)
        self._after = self._new_module.body(self.new)

    def weaknesses(self) -> Iterator[Weakness]:
        """Yield what it says less of now."""
        if self.old.segment != self.new.segment:
            yield from self._claims()
            yield from self._skips()
            if self._is_test:
                yield from self._bypassed()
        yield from self._cases()
        yield from self._surroundings()

    # Claims

    def _claims(self) -> Iterator[Weakness]:
        gone, added = self._match_exactly()
        yield from self._guarded
        yield from self._fixed
        gone, added = _match_renamed(gone, added, self._before, self._after)
        if gone:
            by_cases = self._by_cases()
            gone = [c for c in gone if not _take(by_cases, c.claim.text)]
        if gone:
            gone = [c for c in gone if not _take(self._surplus(), c.claim.text)]
        pairs, gone, added = _match_about(gone, [c for c in added if c.is_live])
        mild: list[tuple[Claim, Claim, Loss]] = []
        for old, new, lost in pairs:
            if lost.weaker:
                yield self._weaker(old, new, lost)
            else:
                mild.append((old, new, lost))
        gone, rewritten, added = _match_rest(gone, added)
        mild += rewritten
        yield from self._gone(gone, added)
        for rule in ("expectation", "rewritten"):
            if changed := [(o, n) for o, n, lost in mild if lost.rule == rule]:
                yield self._changed(rule, changed)

    def _match_exactly(self) -> tuple[list[Claimed], list[Claimed]]:
        """Return what has no counterpart of the same text, and note what now stands under a condition."""
        self._guarded: list[Weakness] = []
        self._fixed: list[Weakness] = []
        waiting = list(self._after.claims)
        gone: list[Claimed] = []
        for old in self._before.claims:
            same = [c for c in waiting if c.claim.text == old.claim.text]
            if not same or is_vacuous(old.claim):
                gone.append(old)
                continue
            best = min(same, key=lambda c: (DEAD in c.under, len(set(c.under) - set(old.under))))
            waiting.remove(best)
            fresh = [u for u in best.under if u not in old.under]
            skipped = len(self._after.skips) > len(self._before.skips)
            if fresh == [DEAD] and skipped:
                continue  # said of the skip
            if fresh and (DEAD in fresh or len(best.under) > len(old.under)) and old.claim.relation != "fail":
                self._guarded.append(self._guard(best.claim, fresh))
            elif self._is_fixed_now(best.claim):
                message = (
                    f"`{shorten(best.claim.shown)}` looks at nothing that the code under test made any more"
                )
                self._fixed.append(self._say("vacuous", best.claim.line, message))
        return [c for c in gone if not is_vacuous(c.claim)], waiting

    @property
    def _is_test(self) -> bool:
        return self.new.last.startswith("test")

    def _bypassed(self) -> Iterator[Weakness]:
        """Find a test that claims what it did, of something else than the code that it tested."""
        reached = self._before.loaded & self._old_module.imported
        local = [n for n in self._after.computed if n in reached and n not in self._before.computed]
        if local:
            message = f"`{local[0]}` is a name of its own now, and no longer what the file imports"
            yield self._say("mock", self.new.line, message)
        around = {i.last for i in self._new_module.others.values()} | set(_arguments(self.new))
        reaches = self._after.loaded & (self._new_module.imported | self._old_module.imported | around)
        if self._before.claims and reached and not reaches:
            names = ", ".join(f"`{name}`" for name in sorted(reached)[:_SHOWN])
            yield self._say(
                "vacuous", self.new.line, f"it no longer uses {names}, nor anything else that is imported"
            )

    def _by_cases(self) -> Counter[str]:
        """Count what is claimed once more because the test runs with more cases than before."""
        texts = [c.claim.text for c in self._after.claims if c.is_live]
        before, after = cases_of(self.old, self._old_module), cases_of(self.new, self._new_module)
        more = max(after.total // before.total - 1, 0)
        repeated = Counter({text: more * count for text, count in Counter(texts).items()})
        return written_out(self.new, self._new_module, texts) + repeated

    def _is_fixed_now(self, claim: Claim) -> bool:
        names = {n.id for n in ast.walk(claim.node) if isinstance(n, ast.Name)} - _BUILTINS
        calls = any(isinstance(n, ast.Call) for n in ast.walk(claim.node))
        if not names or calls:
            return False
        was = any(self._before.computed.get(name, True) for name in names)
        return was and not any(self._after.computed.get(name, True) for name in names)

    def _guard(self, claim: Claim, fresh: Sequence[str]) -> Weakness:
        where = "can no longer run" if DEAD in fresh else f"now only counts under `{fresh[0]}`"
        return self._say("assertion", claim.line, f"`{shorten(claim.shown)}` {where}")

    def _weaker(self, old: Claim, new: Claim, lost: Loss) -> Weakness:
        return self._say(lost.rule, new.line, f"{contrast(old.shown, new.shown)} {lost.what}")

    def _gone(self, gone: list[Claimed], added: list[Claimed]) -> Iterator[Weakness]:
        live = [c for c in gone if c.is_live]
        if live:
            empty = [c.claim for c in added if is_vacuous(c.claim)]
            shown = ", ".join(f"`{shorten(c.claim.shown)}`" for c in live[:_SHOWN])
            more = f" and {len(live) - _SHOWN} more" if len(live) > _SHOWN else ""
            if empty:
                message = f"`{shorten(empty[0].shown)}` always holds; gone: {shown}{more}"
                yield self._say("vacuous", empty[0].line, message)
            else:
                yield self._say(
                    "assertion", self.new.line, f"{_count(len(live), 'assertion')} gone: {shown}{more}"
                )
        elif not (self._before.claims or self._after.calls) and self._before.calls and self._is_test:
            yield self._say("vacuous", self.new.line, "it does nothing any more")

    def _changed(self, rule: str, changed: list[tuple[Claim, Claim]]) -> Weakness:
        shown = "; ".join(contrast(old.shown, new.shown) for old, new in changed[:_SHOWN])
        more = f" and {len(changed) - _SHOWN} more" if len(changed) > _SHOWN else ""
        what = "expects something else" if rule == "expectation" else "asserts something else"
        return self._say(rule, changed[0][1].line, f"{what}: {shown}{more}", mild=True)

    # What keeps it from running

    def _skips(self) -> Iterator[Weakness]:
        before, after = self._before.skips, self._after.skips
        if len(after) > len(before):
            known = Counter(text for text, _ in before)
            fresh = [(text, line) for text, line in after if not _take(known, text)]
            text, line = fresh[0]
            yield self._say("skip", line, f"`{text}` ends it before it can fail")
        if self._after.yields and not self._before.yields and self._is_test:
            yield self._say("skip", self.new.line, "it has a `yield`, and pytest does not run such a test")
        is_async = isinstance(self.new.function, ast.AsyncFunctionDef)
        marks = {name_of(mark) for mark in (*self.new.marks, *self.old.marks)}
        was_async = isinstance(self.old.function, ast.AsyncFunctionDef)
        if is_async and not was_async and not marks & _ASYNC and not self._has_async():
            message = "it is `async` now, and nothing says what shall run it"
            yield self._say("skip", self.new.line, message, mild="self" in _arguments(self.new))
        known = Counter(text for text, _ in self._before.patches)
        for text, line in self._after.patches:
            if not _take(known, text):
                yield self._say("mock", line, f"it now replaces something by a double: `{text}`", mild=True)
                break

    def _has_async(self) -> bool:
        return any(
            isinstance(i.function, ast.AsyncFunctionDef) and not {name_of(m) for m in i.marks} & _ASYNC
            for i in self._old_module.tests.values()
        )

    # Cases

    def _cases(self) -> Iterator[Weakness]:
        before, after = cases_of(self.old, self._old_module), cases_of(self.new, self._new_module)
        lost = fewer(before, after, self._added)
        # Cases written out as assertions are cases still.
        written = len(self._after.claims) - len(self._before.claims) >= before.total - after.total
        changed = [text for text in before.texts - after.texts if text not in self._added]
        part = only_part(before, after)
        if part or (lost and (before.given or not written)):
            yield self._say("parameters", self.new.line, part or lost)
        elif changed and not lost and before.total > 1 and not after.unknown:
            message = f"other cases: {_list(changed)} → {_list(after.texts - before.texts)}"
            yield self._say("expectation", self.new.line, message, mild=True)
        if skipped := after.skipped - before.skipped:
            case = shorten(sorted(skipped)[0], 40)
            yield self._say("skip", self.new.line, f"the case `{case}` is marked to be skipped or to fail")

    # Fixtures and decorators

    def _surroundings(self) -> Iterator[Weakness]:
        before, after = _fixtures(self.old), _fixtures(self.new)
        taken = set(_arguments(self.new))
        for name in sorted(before - after - taken):
            yield self._say("fixture", self.new.line, f"it no longer uses the fixture `{name}`")
        unused = [a for a in _arguments(self.old) if a not in self._before.loaded and a not in _HANDED]
        given = _parametrized(self.old)
        patched = any(
            name_of(m) in ("patch", "object", "given") or "patch" in dotted(m) for m in self.old.marks
        )
        dropped = [a for a in unused if a not in taken | after | given and not patched]
        fresh = [
            a for a in _arguments(self.new) if a not in _arguments(self.old) and a not in self._after.loaded
        ]
        for name in dropped:
            instead = f", but for `{fresh.pop(0)}`" if fresh else ""
            message = f"it no longer asks for the fixture `{name}`{instead}"
            yield self._say("fixture", self.new.line, message, mild=bool(instead))
        known = {dotted(d) for d in self.old.function.decorator_list}
        for decorator in self.new.function.decorator_list:
            name = dotted(decorator)
            is_known = name in known or name_of(decorator) in _HARMLESS
            if not is_known and not is_skip_mark(decorator, self._new_module.aliases):
                message = f"`@{shorten(ast.unparse(decorator))}` is new here and may keep it from running"
                yield self._say("decorator", decorator.lineno, message, mild=True)

    def _say(self, rule: str, line: int, message: str, mild: bool = False) -> Weakness:
        return Weakness(rule, self.new.path, line, f"{self.new.id}: {message}", mild=mild)


def _match_renamed(
    gone: list[Claimed], added: list[Claimed], before: Body, after: Body
) -> tuple[list[Claimed], list[Claimed]]:
    """Drop the pairs that differ in the names of local variables only."""
    if not gone or not added:
        return gone, added
    left, rest = [], list(added)
    for old in gone:
        text = _anonymous(old.claim.text, before)
        same = [
            c
            for c in rest
            if c.is_live and not is_vacuous(c.claim) and _anonymous(c.claim.text, after) == text
        ]
        if same:
            rest.remove(same[0])
        else:
            left.append(old)
    return left, rest


def _match_about(
    gone: list[Claimed], added: list[Claimed]
) -> tuple[list[tuple[Claim, Claim, Loss]], list[Claimed], list[Claimed]]:
    """Pair claims about the same thing, the least loss first; what loses nothing is left out of the pairs."""
    if len(gone) * len(added) > _MOST_PAIRS:
        return [], gone, added
    ranked: list[tuple[int, float, int, int, Loss | None]] = []
    for i, old in enumerate(gone):
        for j, new in enumerate(added):
            if is_about(old.claim, new.claim):
                lost = loss(old.claim, new.claim)
                weight = 0 if lost is None else 1 if not lost.weaker else 2
                ranked.append((weight, -likeness(old.claim, new.claim), i, j, lost))
    ranked.sort(key=lambda r: r[:4])
    used_old: set[int] = set()
    used_new: set[int] = set()
    pairs: list[tuple[Claim, Claim, Loss]] = []
    for _, _, i, j, lost in ranked:
        if i in used_old or j in used_new:
            continue
        used_old.add(i)
        used_new.add(j)
        if lost is not None:
            pairs.append((gone[i].claim, added[j].claim, lost))
    rest = [c for i, c in enumerate(gone) if i not in used_old]
    return pairs, rest, [c for j, c in enumerate(added) if j not in used_new]


def _match_rest(
    gone: list[Claimed], added: list[Claimed]
) -> tuple[list[Claimed], list[tuple[Claim, Claim, Loss]], list[Claimed]]:
    """Pair what is left with claims that say as much, whatever they are about, the most alike first."""
    if len(gone) * len(added) > _MOST_PAIRS:
        return gone, [], added
    ranked = sorted(
        (-likeness(old.claim, new.claim), i, j)
        for i, old in enumerate(gone)
        for j, new in enumerate(added)
        if new.claim.rank >= min(old.claim.rank, Rank.NEAR) and not is_vacuous(new.claim)
    )
    used_old: set[int] = set()
    used_new: set[int] = set()
    pairs: list[tuple[Claim, Claim, Loss]] = []
    for _, i, j in ranked:
        if i not in used_old and j not in used_new:
            used_old.add(i)
            used_new.add(j)
            pairs.append((gone[i].claim, added[j].claim, _ANOTHER))
    left = [c for i, c in enumerate(gone) if i not in used_old]
    return left, pairs, [c for j, c in enumerate(added) if j not in used_new]


def _anonymous(text: str, body: Body) -> str:
    """Return a claim's text with its local names made equal."""
    if not body.computed:
        return text
    return re.sub(r"(?<![\w.])[A-Za-z_]\w*", lambda m: "_" if m[0] in body.computed else m[0], text)


def _take(counts: Counter[str], text: str) -> bool:
    """Take one of them away, and say whether there was one."""
    if counts[text] <= 0:
        return False
    counts[text] -= 1
    return True


def _arguments(item: Item) -> list[str]:
    arguments = item.function.args
    return [a.arg for a in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)]


def _fixtures(item: Item) -> set[str]:
    """Return the names in the item's `usefixtures` marks."""
    return {
        a.value
        for mark in item.marks
        if name_of(mark) == "usefixtures" and isinstance(mark, ast.Call)
        for a in mark.args
        if isinstance(a, ast.Constant) and isinstance(a.value, str)
    }


def _parametrized(item: Item) -> set[str]:
    """Return the names that parametrize marks give values to."""
    marks = [m for m in item.marks if name_of(m) == "parametrize" and isinstance(m, ast.Call)]
    return {name for mark in marks for name in parameters(mark)}


def _list(texts: Iterable[str]) -> str:
    return ", ".join(f"`{shorten(text, 40)}`" for text in list(texts)[:_SHOWN])


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
