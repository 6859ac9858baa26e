"""The tests of languages other than Python, read by their grammars: fewer questions, the same rules."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from codegate.gates.weakening.claims import contrast, shorten
from codegate.gates.weakening.weakness import Weakness

if TYPE_CHECKING:
    import tree_sitter

    from codegate.source import Language


# Enough of a text to know by, and short enough to look at for every node.
_HEAD: Final = 200


@dataclass(slots=True)
class _Test:
    """A test: its claims as text without layout, and the line and text of what keeps it from running."""

    name: str
    line: int
    claims: list[tuple[str, int]] = field(default_factory=list)
    skips: list[tuple[str, int]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How one family of languages writes tests.

    `files` matches the paths in which tests stand; `test` gives the name and the own skips of a node that is
    a test, of a text and with the attributes above it, or None; `claim` and `skip` match the text of a call
    or macro that asserts or that skips; `exact` one that fixes a value; `empty` one that always holds.
    """

    files: re.Pattern[str]
    test: Callable[[tree_sitter.Node, bytes, list[str]], tuple[str, list[str]] | None]
    calls: tuple[str, ...]
    claim: re.Pattern[str]
    skip: re.Pattern[str]
    exact: re.Pattern[str]
    empty: re.Pattern[str]


def _script_test(node: tree_sitter.Node, data: bytes, before: list[str]) -> tuple[str, list[str]] | None:
    """`it("…", …)`, `describe.skip("…", …)`, `test.each(…)("…", …)` of jest, vitest, mocha, jasmine, node."""
    arguments = node.child_by_field_name("arguments")
    words = re.findall(r"\w+", (re.match(r"[\w.]*", _head(node, data)) or [""])[0])
    if node.type != "call_expression" or not words or words[0] not in _SCRIPT_HEADS or arguments is None:
        return None
    title = next(iter(arguments.named_children), None)
    if title is None or title.type not in ("string", "template_string"):
        return None
    off = [w for w in words if w in ("skip", "todo", "failing", "fails", "only", "skipIf", "runIf")]
    off += [words[0]] if words[0][0] in "xf" else []
    return _head(title, data).strip("'\"`"), [".".join(words)] if off else []


def _go_test(node: tree_sitter.Node, data: bytes, before: list[str]) -> tuple[str, list[str]] | None:
    """`func TestX(t *testing.T)`, a fuzz test or an example."""
    name = node.child_by_field_name("name")
    if node.type not in ("function_declaration", "method_declaration") or name is None:
        return None
    called = _head(name, data)
    return (called, []) if re.match(r"(Test|Fuzz|Example)([^a-z]|$)", called) else None


def _rust_test(node: tree_sitter.Node, data: bytes, before: list[str]) -> tuple[str, list[str]] | None:
    """`#[test] fn x()`, by whatever crate's attribute."""
    name = node.child_by_field_name("name")
    is_test = any(re.match(r"#\[([\w:]+::)?(test|rstest|test_case|quickcheck)\b", a) for a in before)
    if node.type != "function_item" or name is None or not is_test:
        return None
    return _head(name, data), [a for a in before if re.match(r"#\[(ignore|cfg\(|cfg_attr\(|should_panic)", a)]


_SCRIPT_HEADS: Final = frozenset(
    ["it", "test", "specify", "describe", "context", "suite", "xit", "xtest", "xdescribe", "fit", "fdescribe"]
)
_SCRIPT: Final = _Dialect(
    re.compile(r"\.(test|spec)\.[cm]?[jt]sx?$|(^|/)(__tests__|tests?|spec)/.*\.[cm]?[jt]sx?$"),
    _script_test,
    ("call_expression",),
    re.compile(r"(expect|assert|should|chai\.|sinon\.assert|t\.(is|deepEqual|throws|true|false|truthy)\b)"),
    re.compile(r"(this|t|ctx|context)\.skip\("),
    re.compile(
        r"\.(toBe|toEqual|toStrictEqual|toMatchObject|toHaveLength|toThrow|equal|equals|eql|deepEqual"
        r"|strictEqual|deepStrictEqual|is|toHaveBeenCalledWith|toMatchSnapshot|toMatchInlineSnapshot)\("
    ),
    re.compile(
        r"expect\((true|1|false)\)\.(toBe|toEqual)\((true|1|false)\)|expect\(true\)\.toBeTruthy\(|assert(\.ok)?\(true\)"
    ),
)
_GO: Final = _Dialect(
    re.compile(r"_test\.go$"),
    _go_test,
    ("call_expression",),
    re.compile(r"(\w+\.(Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|(assert|require|is|qt|cmp|should)\.\w+\()"),
    re.compile(r"\w+\.(Skip|Skipf|SkipNow)\("),
    re.compile(r"(assert|require)\.\w*(Equal|Same|Exactly|Len|EqualError|ErrorIs|JSONEq)\w*\("),
    re.compile(r"(assert|require)\.(True|NotNil)\(\w+,(true|1)\)"),
)
_RUST: Final = _Dialect(
    re.compile(r"\.rs$"),
    _rust_test,
    ("macro_invocation",),
    re.compile(r"(prop_|debug_)?assert\w*!|panic!|unreachable!|insta::"),
    re.compile(r"(?!)"),
    re.compile(r"(prop_|debug_)?assert_eq!|assert_matches!|insta::"),
    re.compile(r"assert!\(true\)|assert_eq!\((\w+),\1\)"),
)  # fmt: skip
DIALECTS: Final = {"javascript": _SCRIPT, "typescript": _SCRIPT, "tsx": _SCRIPT, "go": _GO, "rust": _RUST}


def speaks(language: Language | None, path: str) -> bool:
    """Say whether a file of that language and path may hold tests that can be compared."""
    dialect = None if language is None else DIALECTS.get(language.name)
    return dialect is not None and dialect.files.search(path) is not None


def compare_others(texts: list[tuple[str, Language, bytes | None, bytes | None]]) -> Iterator[Weakness]:
    """Yield what the tests of other languages say less of: removed, skipped, fewer or weaker assertions.

    Each text is a path, its language, and the file before and after. Texts of any content: a grammar does not
    fail. Bound their size first.
    """
    changed = []
    fresh: Counter[str] = Counter()
    for path, language, before, after in texts:
        dialect = DIALECTS[language.name]
        old, new = (_read(dialect, language, data or b"") for data in (before, after))
        changed.append((path, dialect, old, new, after is not None))
        fresh += _counted(new) - _counted(old)
        fresh.update({f"test {t.name}": 1 for name, t in new.items() if name not in old})
    for path, dialect, old, new, stays in changed:
        for name, test in old.items():
            if name in new:
                yield from _compare(path, dialect, test, new[name], fresh)
            elif not _moved(test, fresh):
                line = 1 if stays else None
                yield Weakness("removed", path, line, f"{path}: the test `{shorten(name)}` is removed")


def _moved(test: _Test, fresh: Counter[str]) -> bool:
    wanted = Counter(text for text, _ in test.claims)
    if wanted and not wanted - fresh:
        fresh.subtract(wanted)
        return True
    return not wanted and fresh[f"test {test.name}"] > 0


def _compare(path: str, dialect: _Dialect, old: _Test, new: _Test, fresh: Counter[str]) -> Iterator[Weakness]:
    label = f"{path}: the test `{shorten(new.name)}`"
    known = Counter(text for text, _ in old.skips)
    skips = [s for s in new.skips if s[0] not in known]
    if skips and len(new.skips) > len(old.skips):
        text, line = skips[0]
        yield Weakness(
            "skip", path, line, f"{label} is kept from running, or others by it: `{shorten(text)}`"
        )
    before, after = (Counter(text for text, _ in t.claims) for t in (old, new))
    gone = [text for text in (before - after).elements() if not _take(fresh, text)]
    added = [(text, line) for text, line in new.claims if text in after - before]
    solid = [a for a in added if not dialect.empty.match(a[0])]
    if len(gone) > len(solid):
        rule = "vacuous" if len(solid) < len(added) else "assertion"
        shown = ", ".join(f"`{shorten(text)}`" for text in gone[:3])
        yield Weakness(
            rule, path, new.line, f"{label}: {len(gone)} assertions gone, {len(solid)} new: {shown}"
        )
        return
    for text in gone:
        other = max(solid, key=lambda a: _common(text, a[0]))
        solid.remove(other)
        weaker = dialect.exact.search(text) is not None and dialect.exact.search(other[0]) is None
        rule = "loosened" if weaker else "rewritten"
        yield Weakness(rule, path, other[1], f"{label}: {contrast(text, other[0])}", mild=not weaker)


def _take(counts: Counter[str], text: str) -> bool:
    if counts[text] <= 0:
        return False
    counts[text] -= 1
    return True


def _common(one: str, other: str) -> int:
    """Return how long the texts are alike from their beginnings."""
    return next(
        (i for i, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other))
    )


def _counted(tests: dict[str, _Test]) -> Counter[str]:
    return Counter(text for test in tests.values() for text, _ in test.claims)


def _read(dialect: _Dialect, language: Language, data: bytes) -> dict[str, _Test]:
    """Return the tests of a text by their names, a nested one's with those around it."""
    from codegate.source import parse

    found: dict[str, _Test] = {}
    seen: Counter[str] = Counter()
    waiting: list[tuple[tree_sitter.Node, _Test | None, list[str]]] = []
    waiting.append((parse(language, data).root_node, None, []))
    while waiting:
        node, test, before = waiting.pop()
        line = node.start_point.row + 1
        if (said := dialect.test(node, data, before)) is not None:
            name = f"{test.name[-_HEAD:]} > {said[0]}" if test is not None else said[0]
            seen[name] += 1
            name += f" #{seen[name]}" if seen[name] > 1 else ""
            found[name] = test = _Test(name, line)
            test.skips += [(text, line) for text in said[1]]
        elif node.type in dialect.calls and test is not None:
            head = "".join(_head(node, data).split())
            if dialect.skip.match(head):
                test.skips.append((head, line))
            elif dialect.claim.match(head):
                whole = data[node.start_byte : node.end_byte].decode("utf-8", "replace")
                test.claims.append(("".join(whole.split()), line))
                continue
        waiting.extend(reversed([(child, test, above) for child, above in _children(node, data)]))
    return found


def _children(node: tree_sitter.Node, data: bytes) -> Iterator[tuple[tree_sitter.Node, list[str]]]:
    """Yield the node's children, each with the attributes above it."""
    above: list[str] = []
    for child in node.named_children:
        if child.type == "attribute_item":
            above.append(_head(child, data))
        else:
            yield child, above
            above = above if child.type.endswith("comment") else []


def _head(node: tree_sitter.Node, data: bytes) -> str:
    """Return the beginning of a node's text: the whole of each node in a long chain would take for ever."""
    return data[node.start_byte : min(node.end_byte, node.start_byte + _HEAD)].decode("utf-8", "replace")
