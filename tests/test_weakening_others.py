"""The tests of JavaScript, TypeScript, Go and Rust are compared too, by a table of how each writes them."""

from __future__ import annotations

import time

import pytest

from codegate.gates.weakening.others import compare_others, speaks
from codegate.source import language_of

JS = """
describe('cart', () => {
  it('adds', () => {
    expect(total(2)).toBe(4);
    expect(cart()).toEqual([]);
  });
});
"""
GO = """
func TestTotal(t *testing.T) {
	if total(2) != 4 {
		t.Fatal("no")
	}
	require.Equal(t, 4, total(2))
}
"""
RUST = """
#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(total(2), 4);
        assert!(ok());
    }
}
"""


def _said(path: str, before: str | None, after: str | None) -> list[str]:
    language = language_of(path)
    assert language is not None
    assert speaks(language, path)
    texts = [(path, language, *(None if t is None else t.encode() for t in (before, after)))]
    return [("~" if w.mild else "") + w.rule for w in compare_others(texts)]


_WEAKER = {
    "removed": ("a.test.js", JS, JS.replace("it('adds'", "helper('adds'"), ["removed"]),
    "file removed": ("a.spec.ts", JS, None, ["removed", "removed"]),
    "it.skip": ("a.test.js", JS, JS.replace("it(", "it.skip("), ["skip"]),
    "describe.skip": ("a.test.tsx", JS, JS.replace("describe(", "describe.skip("), ["skip"]),
    "xit": ("a.test.mjs", JS, JS.replace("it(", "xit("), ["skip"]),
    "only": ("a.test.js", JS, JS.replace("it(", "it.only("), ["skip"]),
    "fit": ("a.test.js", JS, JS.replace("it(", "fit("), ["skip"]),
    "todo": ("test/a.js", JS, JS.replace("it(", "it.todo("), ["skip"]),
    "this.skip": ("a.test.js", JS, JS.replace("expect(total", "this.skip();\n    expect(total"), ["skip"]),
    "expect removed": ("a.test.js", JS, JS.replace("expect(total(2)).toBe(4);", "total(2);"), ["assertion"]),
    "expect(true)": (
        "a.test.js",
        JS,
        JS.replace("expect(total(2)).toBe(4)", "expect(true).toBe(true)"),
        ["vacuous"],
    ),
    "toBeDefined": ("a.test.js", JS, JS.replace(".toBe(4)", ".toBeDefined()"), ["loosened"]),
    "other value": ("a.test.js", JS, JS.replace(".toBe(4)", ".toBe(5)"), ["~rewritten"]),
    "go removed": ("a_test.go", GO, GO.replace("TestTotal", "testTotal"), ["removed"]),
    "go skip": ("a_test.go", GO, GO.replace("{\n\tif", '{\n\tt.Skip("later")\n\tif'), ["skip"]),
    "go fatal removed": ("a_test.go", GO, GO.replace('t.Fatal("no")', ""), ["assertion"]),
    "go not nil": (
        "a_test.go",
        GO,
        GO.replace("require.Equal(t, 4, total(2))", "require.NotNil(t, total(2))"),
        ["loosened"],
    ),
    "rust no test": ("src/a.rs", RUST, RUST.replace("#[test]\n", ""), ["removed"]),
    "rust ignore": ("src/a.rs", RUST, RUST.replace("#[test]", "#[test]\n    #[ignore]"), ["skip"]),
    "rust should panic": (
        "src/a.rs",
        RUST,
        RUST.replace("#[test]", "#[test]\n    #[should_panic]"),
        ["skip"],
    ),
    "rust assertion removed": ("src/a.rs", RUST, RUST.replace("assert!(ok());", "ok();"), ["assertion"]),
    "rust true": ("src/a.rs", RUST, RUST.replace("assert!(ok())", "assert!(true)"), ["vacuous"]),
    "rust weaker": (
        "src/a.rs",
        RUST,
        RUST.replace("assert_eq!(total(2), 4)", "assert!(total(2) > 0)"),
        ["loosened"],
    ),
}


@pytest.mark.parametrize(("path", "before", "after", "rules"), _WEAKER.values(), ids=_WEAKER)
def test_a_weaker_test_is_found(path: str, before: str, after: str | None, rules: list[str]) -> None:
    """Removed, skipped, with fewer or weaker assertions."""
    assert _said(path, before, after) == rules


@pytest.mark.parametrize(("path", "text"), [("a.test.ts", JS), ("a_test.go", GO), ("a.rs", RUST)])
def test_what_says_as_much_is_left_alone(path: str, text: str) -> None:
    """Layout, comments and what is added."""
    assert _said(path, text, text) == []
    assert _said(path, text, text.replace("\n", "\n\n").replace("(2)", "( 2 )")) == []
    assert _said(path, text, "// why\n" + text + "// end\n") == []
    assert _said(path, None, text) == []
    assert _said(path, "", text) == []


def test_a_test_may_move_between_files() -> None:
    """Its assertions tell it."""
    language = language_of("a_test.go")
    assert language is not None
    texts = [("a_test.go", language, GO.encode(), b""), ("b_test.go", language, None, GO.encode())]
    assert list(compare_others(texts)) == []


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("a.test.js", "it('a', () => {" + "f(" * 6_000 + ")" * 6_000 + "})"),
        ("a.test.js", "it('a', () => { x" + ".f()" * 9_000 + "})"),
        ("a.test.js", "it('a');" * 6_000),
        ("a.test.js", "describe('a', () => {" * 1_000),
        ("a.rs", "#[test]\n" * 9_000 + "fn a() {}"),
        ("a_test.go", "func TestA() {\n" + "t.Error(" * 9_000),
    ],
)
def test_no_text_takes_long(path: str, text: str) -> None:
    """Long chains, deep nesting and many of the same name take a time in proportion to their length."""
    started = time.process_time()
    _said(path, text, text + "\n")
    assert time.process_time() - started < 5
