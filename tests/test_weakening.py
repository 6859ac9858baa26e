"""A weakened test is found by the two texts of its file; a test that says as much as before is left alone."""

from __future__ import annotations

from textwrap import dedent, indent

import pytest

from codegate.gates.weakening.comparison import Text, compare
from codegate.gates.weakening.files import DEFAULT

_HEAD = "import pytest\nimport unittest\nfrom shop import cart, total\n\n\n"


def said(before: dict[str, str], after: dict[str, str]) -> list[str]:
    """Return the rules of what changed files say less of; with a `~` before those that are mild."""
    paths = sorted(before.keys() | after.keys())
    texts = [Text(p, *(t[p].encode() if p in t else None for t in (before, after))) for p in paths]
    return sorted({("~" if w.mild else "") + w.rule for w in compare(texts, DEFAULT)})


def said_of(before: str, after: str) -> list[str]:
    """The same for one test file."""
    return said({"tests/test_a.py": _HEAD + dedent(before)}, {"tests/test_a.py": _HEAD + dedent(after)})


def _test(body: str) -> str:
    return "def test_total(db):\n" + indent(dedent(body).strip("\n"), "    ") + "\n"


_BODIES = {
    "removed": ("assert total(2) == 4\nassert cart() == []", "assert total(2) == 4", "assertion"),
    "all removed": ("assert total(2) == 4", "total(2)", "assertion"),
    "gutted": ("total(2)", "pass", "vacuous"),
    "keyword lost": ("assert total(2) == 4", "total(2) == 4", "assertion"),
    "commented out": ("x = total(2)\nassert x == 4", "x = total(2)\n# assert x == 4", "assertion"),
    "printed": ("assert total(2) == 4", "print(total(2) == 4)", "assertion"),
    "part of and": ("assert total(2) == 4 and cart() == []", "assert total(2) == 4", "assertion"),
    "true": ("assert total(2) == 4", "assert True", "vacuous"),
    "one": ("assert total(2) == 4", "total(2)\nassert 1", "vacuous"),
    "or true": ("assert total(2) == 4", "assert total(2) == 4 or True", "vacuous"),
    "or other": ("assert total(2) == 4", "assert total(2) == 4 or cart()", "loosened"),
    "or opposite": ("x = total(2)\nassert x == 4", "x = total(2)\nassert x or not x", "vacuous"),
    "itself": ("x = total(2)\nassert x == 4", "x = total(2)\nassert x == x", "vacuous"),
    "itself by another name": (
        "x = total(2)\ny = cart()\nassert x.a == y.a",
        "x = total(2)\ny = cart()\nassert x.a == x.a",
        "vacuous",
    ),
    "comparing itself": ("assert total(2) == 4", "assert total(2) == total(2)", "loosened"),
    "unequal to itself": ("assert total(2) != total(2)", "total(2)", "assertion"),
    "tuple": ("assert total(2) == 4", "assert (total(2) == 4, 'wrong')", "vacuous"),
    "constants": ("assert total(2) == 4", "total(2)\nassert 4 == 4", "vacuous"),
    "lambda": ("assert total(2) == 4", "assert lambda: total(2) == 4", "vacuous"),
    "generator": ("assert total(2) == 4", "assert (total(n) == 4 for n in [2])", "vacuous"),
    "any type": ("assert total(2) == 4", "assert isinstance(total(2), object)", "vacuous"),
    "length at least 0": ("assert cart() == [1]", "assert len(cart()) >= 0", "vacuous"),
    "mock.ANY": ("assert total(2) == 4", "assert total(2) == mock.ANY", "vacuous"),
    "mock.ANY inside": ("assert cart() == [1, 2]", "assert cart() == [1, ANY]", "loosened"),
    "fixed name": ("x = total(2)\nassert x == 4", "x = 4\nassert x == 4", "vacuous"),
    "if else true": ("assert total(2) == 4", "assert total(2) == 4 if cart() else True", "vacuous"),
    "not none": ("assert total(2) == 4", "assert total(2) is not None", "loosened"),
    "truth": ("assert total(2) == 4", "assert total(2)", "loosened"),
    "in": ("assert total(2) == 4", "assert total(2) in (4, 5)", "loosened"),
    "at least": ("assert total(2) == 4", "assert total(2) >= 4", "loosened"),
    "mirrored": ("assert total(2) == 4", "assert 4 <= total(2)", "loosened"),
    "unequal": ("assert total(2) == 4", "assert total(2) != 5", "loosened"),
    "type": ("assert total(2) == 4", "assert isinstance(total(2), int)", "loosened"),
    "length": ("assert cart() == [1]", "assert len(cart()) == 1", "loosened"),
    "set": ("assert cart() == [1, 2]", "assert set(cart()) == {1, 2}", "loosened"),
    "prefix": ("assert cart() == 'abc'", "assert cart().startswith('a')", "loosened"),
    "assertTrue of two": ("self.assertEqual(total(2), 4)", "self.assertTrue(total(2), 4)", "loosened"),
    "any": ("assert all(cart())", "assert any(cart())", "loosened"),
    "approx": ("assert total(2) == 4", "assert total(2) == pytest.approx(4)", "tolerance"),
    "rel": (
        "assert total(2) == pytest.approx(4)",
        "assert total(2) == pytest.approx(4, rel=0.1)",
        "tolerance",
    ),
    "abs": (
        "assert total(2) == pytest.approx(4, abs=0.01)",
        "assert total(2) == pytest.approx(4, abs=1)",
        "tolerance",
    ),
    "rel by place": (
        "assert total(2) == pytest.approx(4, 1e-9)",
        "assert total(2) == pytest.approx(4, 1e-2)",
        "tolerance",
    ),
    "default rel": (
        "assert total(2) == pytest.approx(4, rel=1e-9)",
        "assert total(2) == pytest.approx(4)",
        "tolerance",
    ),
    "isclose": (
        "assert math.isclose(total(2), 4)",
        "assert math.isclose(total(2), 4, rel_tol=0.5)",
        "tolerance",
    ),
    "almost": ("self.assertEqual(total(2), 4)", "self.assertAlmostEqual(total(2), 4)", "tolerance"),
    "places": (
        "self.assertAlmostEqual(total(2), 4, places=7)",
        "self.assertAlmostEqual(total(2), 4, places=1)",
        "tolerance",
    ),
    "places by place": (
        "self.assertAlmostEqual(total(2), 4, 7)",
        "self.assertAlmostEqual(total(2), 4, 1)",
        "tolerance",
    ),
    "delta": (
        "self.assertAlmostEqual(total(2), 4, delta=1)",
        "self.assertAlmostEqual(total(2), 4, delta=9)",
        "tolerance",
    ),
    "numpy": (
        "np.testing.assert_allclose(total(2), 4, rtol=1e-7)",
        "np.testing.assert_allclose(total(2), 4, rtol=1)",
        "tolerance",
    ),
    "round": ("assert total(2) == 4.01", "assert round(total(2), 1) == 4.0", "tolerance"),
    "round coarser": ("assert round(total(2), 3) == 4.0", "assert round(total(2), 1) == 4.0", "tolerance"),
    "upper bound": ("assert total(2) < 5", "assert total(2) < 500", "tolerance"),
    "lower bound": ("assert total(2) > 3", "assert total(2) > 0", "tolerance"),
    "difference": ("assert abs(total(2) - 4) < 0.01", "assert abs(total(2) - 4) < 10", "tolerance"),
    "raises any": (
        "with pytest.raises(ValueError):\n    total(2)",
        "with pytest.raises(Exception):\n    total(2)",
        "loosened",
    ),
    "raises more": (
        "with pytest.raises(ValueError):\n    total(2)",
        "with pytest.raises((ValueError, TypeError)):\n    total(2)",
        "loosened",
    ),
    "match dropped": (
        "with pytest.raises(ValueError, match='no'):\n    total(2)",
        "with pytest.raises(ValueError):\n    total(2)",
        "loosened",
    ),
    "assertRaises any": (
        "self.assertRaises(ValueError, total, 2)",
        "self.assertRaises(Exception, total, 2)",
        "loosened",
    ),
    "regex dropped": (
        "with self.assertRaisesRegex(ValueError, 'no'):\n    total(2)",
        "with self.assertRaises(ValueError):\n    total(2)",
        "loosened",
    ),
    "raises dropped": (
        "with pytest.raises(ValueError):\n    total(2)",
        "try:\n    total(2)\nexcept ValueError:\n    pass",
        "assertion",
    ),
    "raises suppressed": (
        "with pytest.raises(ValueError):\n    total(2)",
        "with suppress(ValueError):\n    total(2)",
        "assertion",
    ),
    "called": ("m = cart()\nm.assert_called_with(1)", "m = cart()\nm.assert_called()", "loosened"),
    "called once": (
        "m = cart()\nm.assert_called_once_with(1)",
        "m = cart()\nm.assert_called_with(1)",
        "loosened",
    ),
    "called dropped": ("m = cart()\nm.assert_called_with(1)", "m = cart()\nm.called", "assertion"),
    "helper dropped": ("check_total(total(2))", "total(2)", "assertion"),
    "fail dropped": ("if total(2) != 4:\n    pytest.fail('no')", "if total(2) != 4:\n    pass", "assertion"),
    "raise dropped": (
        "if total(2) != 4:\n    raise AssertionError",
        "if total(2) != 4:\n    pass",
        "assertion",
    ),
    "under if": ("assert total(2) == 4", "if cart():\n    assert total(2) == 4", "assertion"),
    "under if false": ("assert total(2) == 4", "if False:\n    assert total(2) == 4", "assertion"),
    "under if 0 == 1": ("assert total(2) == 4", "if 0 == 1:\n    assert total(2) == 4", "assertion"),
    "under while": ("assert total(2) == 4", "while cart():\n    assert total(2) == 4", "assertion"),
    "under empty for": ("assert total(2) == 4", "for _ in []:\n    assert total(2) == 4", "assertion"),
    "under range 0": ("assert total(2) == 4", "for _ in range(0):\n    assert total(2) == 4", "assertion"),
    "under unknown for": ("assert total(2) == 4", "for _ in cart():\n    assert total(2) == 4", "assertion"),
    "in try": (
        "assert total(2) == 4",
        "try:\n    assert total(2) == 4\nexcept AssertionError:\n    pass",
        "assertion",
    ),
    "in bare try": ("assert total(2) == 4", "try:\n    assert total(2) == 4\nexcept:\n    pass", "assertion"),
    "in try that logs": (
        "assert total(2) == 4",
        "try:\n    assert total(2) == 4\nexcept Exception as e:\n    print(e)",
        "assertion",
    ),
    "in except": (
        "assert total(2) == 4",
        "try:\n    cart()\nexcept OSError:\n    assert total(2) == 4",
        "assertion",
    ),
    "in suppress": (
        "assert total(2) == 4",
        "with suppress(AssertionError):\n    assert total(2) == 4",
        "assertion",
    ),
    "in raises": (
        "assert total(2) == 4",
        "with pytest.raises(AssertionError):\n    assert total(2) == 4",
        "assertion",
    ),
    "in case": (
        "assert total(2) == 4",
        "match cart():\n    case 1:\n        assert total(2) == 4",
        "assertion",
    ),
    "in function": ("assert total(2) == 4", "def inner():\n    assert total(2) == 4", "assertion"),
    "in class": (
        "assert total(2) == 4",
        "class A:\n    def m(self):\n        assert total(2) == 4",
        "assertion",
    ),
    "after return": ("assert total(2) == 4", "return\nassert total(2) == 4", "assertion"),
    "after raise": ("assert total(2) == 4", "raise ValueError\nassert total(2) == 4", "assertion"),
    "after endless loop": (
        "assert total(2) == 4",
        "while True:\n    cart()\nassert total(2) == 4",
        "assertion",
    ),
    "after return if": ("assert total(2) == 4", "if cart():\n    return\nassert total(2) == 4", "assertion"),
    "after return in with": (
        "assert total(2) == 4",
        "with cart():\n    return\nassert total(2) == 4",
        "assertion",
    ),
    "after return in try": (
        "assert total(2) == 4",
        "try:\n    return\nfinally:\n    cart()\nassert total(2) == 4",
        "assertion",
    ),
    "skip": ("assert total(2) == 4", "pytest.skip('later')\nassert total(2) == 4", "skip"),
    "skip if": ("assert total(2) == 4", "if cart():\n    pytest.skip('later')\nassert total(2) == 4", "skip"),
    "xfail": ("assert total(2) == 4", "pytest.xfail('later')\nassert total(2) == 4", "skip"),
    "skipTest": (
        "self.assertEqual(total(2), 4)",
        "self.skipTest('x')\nself.assertEqual(total(2), 4)",
        "skip",
    ),
    "SkipTest": ("assert total(2) == 4", "raise unittest.SkipTest('x')\nassert total(2) == 4", "skip"),
    "importorskip": ("assert total(2) == 4", "pytest.importorskip('nothing')\nassert total(2) == 4", "skip"),
    "exit": ("assert total(2) == 4", "import os\nos._exit(0)\nassert total(2) == 4", "skip"),
    "yield": ("assert total(2) == 4", "yield\nassert total(2) == 4", "skip"),
    "loop shrunk": (
        "for n in [1, 2, 3]:\n    assert total(n) == n",
        "for n in [1]:\n    assert total(n) == n",
        "parameters",
    ),
    "range shrunk": (
        "for n in range(10):\n    assert total(n) == n",
        "for n in range(2):\n    assert total(n) == n",
        "parameters",
    ),
    "subTest shrunk": (
        "for n in (1, 2):\n    with self.subTest(n):\n        self.assertEqual(total(n), n)",
        "for n in (1,):\n    with self.subTest(n):\n        self.assertEqual(total(n), n)",
        "parameters",
    ),
    "local list shrunk": (
        "cases = [1, 2]\nfor n in cases:\n    assert total(n) == n",
        "cases = [1]\nfor n in cases:\n    assert total(n) == n",
        "parameters",
    ),
    "expectation": ("assert total(2) == 4", "assert total(2) == 5", "~expectation"),
    "expectation of True": ("assert total(2) is True", "assert total(2) is False", "~expectation"),
    "another error": (
        "with pytest.raises(ValueError):\n    total(2)",
        "with pytest.raises(KeyError):\n    total(2)",
        "~expectation",
    ),
    "match shortened": (
        "with pytest.raises(ValueError, match='not so'):\n    total(2)",
        "with pytest.raises(ValueError, match='not'):\n    total(2)",
        "loosened",
    ),
    "match without its full stop": (
        "with pytest.raises(ValueError, match='not so.'):\n    total(2)",
        "with pytest.raises(ValueError, match='not so'):\n    total(2)",
        "~expectation",
    ),
    "match anything": (
        "with pytest.raises(ValueError, match='no'):\n    total(2)",
        "with pytest.raises(ValueError, match='.*'):\n    total(2)",
        "loosened",
    ),
    "slice": ("assert cart() == [1, 2]", "assert cart()[:1] == [1]", "loosened"),
    "finally returns": (
        "assert total(2) == 4",
        "try:\n    assert total(2) == 4\nfinally:\n    return",
        "assertion",
    ),
    "not the code": ("x = total(2)\nassert x == 4", "x = int('4')\nassert x == 4", "vacuous"),
    "local double": (
        "assert total(2) == 4",
        "total = lambda n: 4\nassert total(2) == 4",
        "mock",
    ),
    "another text": ("assert total(2) == 4", "assert len(cart(5)) == 1", "~rewritten"),
    "mock": (
        "assert total(2) == 4",
        "monkeypatch.setattr(shop, 'total', lambda n: 4)\nassert total(2) == 4",
        "~mock",
    ),
}


@pytest.mark.parametrize(("before", "after", "rule"), _BODIES.values(), ids=_BODIES)
def test_a_body_that_says_less_is_found(before: str, after: str, rule: str) -> None:
    """Each way of saying less has its rule, and is all that is said of it."""
    assert said_of(_test(before), _test(after)) == [rule if rule != "rewritten" else "~rewritten"]


_PLAIN = _test("assert total(2) == 4")
_KEPT = "\n\ndef test_kept():\n    assert cart() == []\n"
_CLASS = "class TestCart:\n    def test_total(self):\n        assert total(2) == 4\n"
_UNIT = (
    "class CartTest(unittest.TestCase):\n    def test_total(self):\n        self.assertEqual(total(2), 4)\n"
)
_CASES = "@pytest.mark.parametrize('n', {})\ndef test_total(n):\n    assert total(n) == n\n"
_SETUP = (
    "class TestCart:\n    def {}(self):\n        cart().clear()\n\n"
    "    def test_total(self):\n        assert total(2) == 4\n"
)
_FIXTURE = "@pytest.fixture{}\ndef clean():\n    {}\n\n\n" + _PLAIN

_MODULES = {
    "removed": (_PLAIN + _KEPT, _KEPT, "removed"),
    "underscore": (_PLAIN, _PLAIN.replace("test_total", "_test_total"), "removed"),
    "other name": (_PLAIN, _PLAIN.replace("test_total", "total_test"), "removed"),
    "method renamed": (_CLASS, _CLASS.replace("test_total", "check_total"), "removed"),
    "class renamed": (_CLASS, _CLASS.replace("TestCart", "CartTests"), "removed"),
    "class removed": (_CLASS + _KEPT, _KEPT, "removed"),
    "constructor": (
        _CLASS,
        _CLASS.replace(":\n", ":\n    def __init__(self):\n        pass\n\n", 1),
        "removed",
    ),
    "__test__ in class": (_CLASS, _CLASS.replace(":\n", ":\n    __test__ = False\n", 1), "removed"),
    "__test__ on class": (_CLASS, _CLASS + "\n\nTestCart.__test__ = False\n", "removed"),
    "__test__ on function": (_PLAIN, _PLAIN + "\n\ntest_total.__test__ = False\n", "removed"),
    "__test__ of module": (_PLAIN, "__test__ = False\n" + _PLAIN, "removed"),
    "deleted again": (_PLAIN, _PLAIN + "\n\ndel test_total\n", "removed"),
    "class deleted again": (_CLASS, _CLASS + "\n\ndel TestCart\n", "removed"),
    "method deleted again": (_CLASS, _CLASS + "    del test_total\n", "removed"),
    "delattr": (_CLASS, _CLASS + "\n\ndelattr(TestCart, 'test_total')\n", "removed"),
    "None": (_PLAIN, _PLAIN + "\n\ntest_total = None\n", "removed"),
    "method None": (_CLASS, _CLASS + "    test_total = None\n", "removed"),
    "class attribute None": (_CLASS, _CLASS + "\n\nTestCart.test_total = None\n", "removed"),
    "class None": (_CLASS, _CLASS + "\n\nTestCart = None\n", "removed"),
    "shadowed": (_PLAIN, _PLAIN + "\n\ndef test_total(db):\n    cart()\n", "assertion"),
    "class shadowed": (_CLASS, _CLASS + "\n\nclass TestCart:\n    pass\n", "removed"),
    "nested": (_PLAIN, "def outer():\n" + indent(_PLAIN, "    "), "removed"),
    "if False": (_PLAIN, "if False:\n" + indent(_PLAIN, "    "), "skip"),
    "TYPE_CHECKING": (_PLAIN, "if TYPE_CHECKING:\n" + indent(_PLAIN, "    "), "skip"),
    "if platform": (_PLAIN, "if sys.platform == 'plan9':\n" + indent(_PLAIN, "    "), "skip"),
    "except": (_PLAIN, "try:\n    import a\nexcept ImportError:\n" + indent(_PLAIN, "    "), "skip"),
    "fixture instead": (_PLAIN, "@pytest.fixture\n" + _PLAIN, "removed"),
    "into a string": (_PLAIN, "'''\n" + _PLAIN + "'''\n", "removed"),
    "skip mark": (_PLAIN, "@pytest.mark.skip\n" + _PLAIN, "skip"),
    "skip mark with reason": (_PLAIN, "@pytest.mark.skip(reason='later')\n" + _PLAIN, "skip"),
    "skipif": (_PLAIN, "@pytest.mark.skipif(True, reason='later')\n" + _PLAIN, "skip"),
    "skipif always": (
        "@pytest.mark.skipif(sys.platform == 'x', reason='x')\n" + _PLAIN,
        "@pytest.mark.skipif(True, reason='x')\n" + _PLAIN,
        "skip",
    ),
    "xfail mark": (_PLAIN, "@pytest.mark.xfail\n" + _PLAIN, "skip"),
    "expectedFailure": (_UNIT, _UNIT.replace("    def", "    @unittest.expectedFailure\n    def"), "skip"),
    "unittest.skip": (_UNIT, _UNIT.replace("    def", "    @unittest.skip('x')\n    def"), "skip"),
    "class skip": (_CLASS, "@pytest.mark.skip\n" + _CLASS, "skip"),
    "class pytestmark": (_CLASS, _CLASS.replace(":\n", ":\n    pytestmark = pytest.mark.skip\n", 1), "skip"),
    "pytestmark": (_PLAIN, "pytestmark = pytest.mark.skip('x')\n" + _PLAIN, "skip"),
    "pytestmark list": (_PLAIN, "pytestmark = [pytest.mark.slow, pytest.mark.xfail]\n" + _PLAIN, "skip"),
    "pytestmark += ": (_PLAIN, "pytestmark = []\npytestmark += [pytest.mark.skip]\n" + _PLAIN, "skip"),
    "pytestmark append": (_PLAIN, "pytestmark = []\npytestmark.append(pytest.mark.skip)\n" + _PLAIN, "skip"),
    "alias": (_PLAIN, "later = pytest.mark.skip\n\n\n@later\n" + _PLAIN, "skip"),
    "imported skip": (_PLAIN, "from marks import skip_on_ci\n\n\n@skip_on_ci\n" + _PLAIN, "skip"),
    "flaky": (_PLAIN, "@pytest.mark.flaky(reruns=9)\n" + _PLAIN, "skip"),
    "module skip": (_PLAIN, "pytest.skip('x', allow_module_level=True)\n" + _PLAIN, "skip"),
    "module importorskip": (_PLAIN, "np = pytest.importorskip('nothing')\n" + _PLAIN, "skip"),
    "module SkipTest": (_PLAIN, "raise unittest.SkipTest('x')\n" + _PLAIN, "skip"),
    "async": (_PLAIN, "async " + _PLAIN, "skip"),
    "another fixture": (_PLAIN, _PLAIN.replace("(db)", "(fresh_db)"), "~fixture"),
    "unknown decorator": (_PLAIN, "@swallow\n" + _PLAIN, "~decorator"),
    "unknown mark": (_PLAIN, "@pytest.mark.slow\n" + _PLAIN, "~decorator"),
    "case gone": (_CASES.format("[1, 2, 3]"), _CASES.format("[1, 2]"), "parameters"),
    "all but one case gone": (_CASES.format("(1, 2, 3)"), _CASES.format("(1,)"), "parameters"),
    "cases cut off": (_CASES.format("[1, 2, 3]"), _CASES.format("list([1, 2, 3])[:-1]"), "parameters"),
    "range cut off": (_CASES.format("range(9)"), _CASES.format("range(9)[::2]"), "parameters"),
    "named cases cut off": (
        "CASES = [1, 2]\n" + _CASES.format("CASES"),
        "CASES = [1, 2]\n" + _CASES.format("CASES[:END]"),
        "parameters",
    ),
    "cases filtered": (_CASES.format("[1, 2]"), _CASES.format("filter(easy, [1, 2])"), "parameters"),
    "cases drawn": (_CASES.format("load(1)"), _CASES.format("random.sample(load(1), 1)"), "parameters"),
    "cases with a condition": (
        _CASES.format("load()"),
        _CASES.format("[n for n in load() if n]"),
        "parameters",
    ),
    "range of cases": (_CASES.format("range(9)"), _CASES.format("range(3)"), "parameters"),
    "no parametrize": (
        _CASES.format("[1, 2]"),
        "def test_total():\n    n = cart()\n    assert total(n) == n\n",
        "parameters",
    ),
    "named cases": (
        "CASES = [1, 2]\n" + _CASES.format("CASES"),
        "CASES = [1]\n" + _CASES.format("CASES"),
        "parameters",
    ),
    "case skipped": (
        _CASES.format("[1, 2]"),
        _CASES.format("[1, pytest.param(2, marks=pytest.mark.skip)]"),
        "skip",
    ),
    "case xfailed": (
        _CASES.format("[1, 2]"),
        _CASES.format("[1, pytest.param(2, marks=[pytest.mark.xfail(reason='x')])]"),
        "skip",
    ),
    "case changed": (_CASES.format("[1, 2]"), _CASES.format("[1, 7]"), "~expectation"),
    "given gone": (
        "@given(st.integers())\ndef test_total(n):\n    assert total(n) == n\n",
        "def test_total():\n    n = cart()\n    assert total(n) == n\n",
        "parameters",
    ),
    "fewer examples": (
        "@settings(max_examples=100)\n@given(st.integers())\ndef test_total(n):\n    assert total(n) == n\n",
        "@settings(max_examples=1)\n@given(st.integers())\ndef test_total(n):\n    assert total(n) == n\n",
        "parameters",
    ),
    "few examples": (
        "@given(st.integers())\ndef test_total(n):\n    assert total(n) == n\n",
        "@settings(max_examples=1)\n@given(st.integers())\ndef test_total(n):\n    assert total(n) == n\n",
        "parameters",
    ),
    "example gone": (
        "@given(st.integers())\n@example(7)\ndef test_total(n):\n    assert total(n) == n\n",
        "@given(st.integers())\ndef test_total(n):\n    assert total(n) == n\n",
        "parameters",
    ),
    "setup_method removed": (_SETUP.format("setup_method"), _CLASS, "fixture"),
    "setup_method renamed": (_SETUP.format("setup_method"), _SETUP.format("_setup_method"), "fixture"),
    "setup_method emptied": (
        _SETUP.format("setup_method"),
        _SETUP.format("setup_method").replace("cart().clear()", "pass"),
        "fixture",
    ),
    "teardown removed": (_SETUP.format("teardown_method"), _CLASS, "fixture"),
    "no TestCase": (
        "class TestCart(unittest.TestCase):\n    def setUp(self):\n        cart().clear()\n\n"
        "    def test_total(self):\n        self.assertEqual(total(2), 4)\n",
        "class TestCart:\n    def setUp(self):\n        cart().clear()\n\n"
        "    def test_total(self):\n        assert total(2) == 4\n",
        "fixture",
    ),
    "autouse gone": (
        _FIXTURE.format("(autouse=True)", "cart().clear()"),
        _FIXTURE.format("", "cart().clear()"),
        "fixture",
    ),
    "autouse false": (
        _FIXTURE.format("(autouse=True)", "cart().clear()"),
        _FIXTURE.format("(autouse=False)", "cart().clear()"),
        "fixture",
    ),
    "autouse removed": (_FIXTURE.format("(autouse=True)", "cart().clear()"), _PLAIN, "fixture"),
    "no fixture": (
        _FIXTURE.format("(autouse=True)", "cart().clear()"),
        _FIXTURE.format("(autouse=True)", "cart().clear()").replace("@pytest.fixture(autouse=True)\n", ""),
        "fixture",
    ),
    "fixture emptied": (
        _FIXTURE.format("", "cart().clear()"),
        _FIXTURE.format("", "return None"),
        "fixture",
    ),
    "fixture asserts less": (
        _FIXTURE.format("", "cart().clear()\n    assert cart() == []"),
        _FIXTURE.format("", "cart().clear()"),
        "assertion",
    ),
    "fixture skips": (
        _FIXTURE.format("", "cart().clear()"),
        _FIXTURE.format("", "pytest.skip('x')\n    cart().clear()"),
        "skip",
    ),
    "new fixture skips": (_PLAIN, _FIXTURE.format("(autouse=True)", "pytest.skip('x')"), "skip"),
    "new setUp skips": (
        _UNIT,
        _UNIT + "\n    def setUp(self):\n        self.skipTest('x')\n",
        "skip",
    ),
    "fixture params": (
        _FIXTURE.format("(params=[1, 2])", "cart().clear()"),
        _FIXTURE.format("(params=[1])", "cart().clear()"),
        "parameters",
    ),
    "wider scope": (
        _FIXTURE.format("", "cart().clear()"),
        _FIXTURE.format("(scope='session')", "cart().clear()"),
        "~fixture",
    ),
    "usefixtures gone": ("@pytest.mark.usefixtures('clean')\n" + _PLAIN, _PLAIN, "fixture"),
    "class usefixtures gone": ("@pytest.mark.usefixtures('clean')\n" + _CLASS, _CLASS, "fixture"),
    "fixture not asked for": (_PLAIN, _PLAIN.replace("(db)", "()"), "fixture"),
    "helper asserts less": (
        "def same(a, b):\n    assert a == b\n\n\ndef test_total():\n    same(total(2), 4)\n",
        "def same(a, b):\n    assert a\n\n\ndef test_total():\n    same(total(2), 4)\n",
        "loosened",
    ),
    "own helper not called": (
        "def same(a, b):\n    assert a == b\n\n\ndef test_total():\n    same(total(2), 4)\n",
        "def same(a, b):\n    assert a == b\n\n\ndef test_total():\n    total(2)\n",
        "assertion",
    ),
    "own double": (_PLAIN, "def total(n):\n    return 4\n\n\n" + _PLAIN, "mock"),
    "helper that skips": (
        _PLAIN,
        "def later():\n    pytest.skip('x')\n\n\n" + _PLAIN.replace("assert", "later()\n    assert"),
        "skip",
    ),
    "fixture that skips": (
        _PLAIN,
        "@pytest.fixture\ndef later():\n    pytest.skip('x')\n\n\n" + _PLAIN.replace("db", "db, later"),
        "skip",
    ),
    "module exit": (_PLAIN, "import os\nos._exit(0)\n" + _PLAIN, "skip"),
    "load_tests": (_PLAIN, _PLAIN + "\n\ndef load_tests(*args):\n    return []\n", "collection"),
    "collect_ignore grown": (
        "collect_ignore = ['a.py']\n" + _PLAIN,
        "collect_ignore = ['a.py', 'b.py']\n" + _PLAIN,
        "collection",
    ),
    "collect_ignore appended": (
        "collect_ignore = ['a.py']\n" + _PLAIN,
        "collect_ignore = ['a.py']\ncollect_ignore.append('b.py')\n" + _PLAIN,
        "collection",
    ),
    "hook": (
        _PLAIN,
        "def pytest_collection_modifyitems(items):\n    items.clear()\n\n\n" + _PLAIN,
        "collection",
    ),
}


@pytest.mark.parametrize(("before", "after", "rule"), _MODULES.values(), ids=_MODULES)
def test_a_file_that_tests_less_is_found(before: str, after: str, rule: str) -> None:
    """Whatever is done to the test as a whole, to its marks, cases, fixtures and helpers."""
    assert said_of(before, after) == [rule]


_FINE = {
    "nothing": (_PLAIN, _PLAIN),
    "comment": (_PLAIN, "# why\n" + _PLAIN.replace(" == 4", " == 4  # four")),
    "docstring": (_PLAIN, _PLAIN.replace(":\n", ':\n    """Four."""\n', 1)),
    "layout": (_PLAIN, _PLAIN.replace("total(2) == 4", "(\n        total( 2 )\n        == 4\n    )")),
    "message": (_PLAIN, _PLAIN.replace("== 4", "== 4, 'no'")),
    "type hints": (_PLAIN, _PLAIN.replace("(db):", "(db: object) -> None:")),
    "test added": (_PLAIN, _PLAIN + _KEPT),
    "assertion added": (_PLAIN, _PLAIN + "    assert cart() == []\n"),
    "import that may fail": (
        _PLAIN,
        "try:\n    from shop import total\nexcept ImportError:\n    total = None\n\n\n" + _PLAIN,
    ),
    "stricter": (_test("assert total(2)"), _PLAIN),
    "tighter": (_test("assert total(2) < 9"), _test("assert total(2) < 5")),
    "exact now": (_test("assert total(2) == pytest.approx(4)"), _PLAIN),
    "match added": (
        _test("with pytest.raises(ValueError):\n    total(2)"),
        _test("with pytest.raises(ValueError, match='no'):\n    total(2)"),
    ),
    "narrower error": (
        _test("with pytest.raises((KeyError, ValueError)):\n    total(2)"),
        _test("with pytest.raises((KeyError, ValueError), match='x'):\n    total(2)"),
    ),
    "reordered": (_PLAIN + _KEPT, _KEPT + "\n\n" + _PLAIN),
    "assertions reordered": (
        _test("assert total(2) == 4\nassert cart() == []"),
        _test("assert cart() == []\nassert total(2) == 4"),
    ),
    "renamed": (_PLAIN, _PLAIN.replace("test_total", "test_sum")),
    "into a class": (_CLASS, _CLASS.replace("TestCart", "TestSum")),
    "out of a class": (_CLASS, "def test_total():\n    assert total(2) == 4\n"),
    "variable renamed": (
        _test("x = total(2)\nassert x == 4"),
        _test("result = total(2)\nassert result == 4"),
    ),
    "variable inlined": (_test("x = 4\nassert total(2) == x"), _PLAIN),
    "sides swapped": (_PLAIN, _test("assert 4 == total(2)")),
    "and split": (
        _test("assert total(2) == 4 and cart() == []"),
        _test("assert total(2) == 4\nassert cart() == []"),
    ),
    "chain split": (
        _test("assert total(1) == total(2) == 4"),
        _test("assert total(1) == total(2)\nassert total(2) == 4"),
    ),
    "not": (_test("assert not total(2) == 4"), _test("assert total(2) != 4")),
    "pytest style": (_UNIT, _CLASS.replace("TestCart", "CartTest(unittest.TestCase)")),
    "pytest class": (_UNIT, _CLASS),
    "pytest raises": (
        _test("with self.assertRaisesRegex(ValueError, 'no'):\n    total(2)"),
        _test("with pytest.raises(ValueError, match='no'):\n    total(2)"),
    ),
    "pytest truth": (_test("self.assertIn(4, total(2))"), _test("assert 4 in total(2)")),
    "pytest none": (_test("self.assertIsNone(total(2))"), _test("assert total(2) is None")),
    "a slice that leaves all": (_CASES.format("[1, 2]"), _CASES.format("[1, 2][0:2]")),
    "cases that were picked": (_CASES.format("filter(easy, load())"), _CASES.format("load()[:9]")),
    "another loop over a part": (
        _test("for n in cart():\n    assert total(n) == n"),
        _test("for n in cart()[1:]:\n    assert total(n) == n"),
    ),
    "case added": (_CASES.format("[1, 2]"), _CASES.format("[1, 2, 3]")),
    "case id": (_CASES.format("[1, 2]"), _CASES.format("[1, pytest.param(2, id='two')]")),
    "case unskipped": (
        _CASES.format("[1, pytest.param(2, marks=pytest.mark.skip)]"),
        _CASES.format("[1, 2]"),
    ),
    "parametrised": (
        _test("assert total(2) == 4\nassert total(3) == 6"),
        "@pytest.mark.parametrize(('n', 'm'), [(2, 4), (3, 6)])\n"
        "def test_total(db, n, m):\n    assert total(n) == m\n",
    ),
    "blocks into cases": (
        _test(
            "with pytest.raises(ValueError) as e:\n    total(-1)\nassert 'x' in str(e.value)\n"
            "with pytest.raises(ValueError) as e:\n    total(-2)\nassert 'y' in str(e.value)"
        ),
        "@pytest.mark.parametrize(('n', 'text'), [(-1, 'x'), (-2, 'y')])\n"
        "def test_total(db, n, text):\n    with pytest.raises(ValueError) as e:\n        total(n)\n"
        "    assert text in str(e.value)\n",
    ),
    "into a loop over a local list": (_PLAIN, _test("ns = [2]\nfor n in ns:\n    assert total(2) == 4")),
    "three into one": (
        "".join(f"def test_total_{n}():\n    assert total({n}) == {2 * n}\n\n\n" for n in (2, 3, 4)),
        "@pytest.mark.parametrize(('n', 'm'), [(2, 4), (3, 6), (4, 8)])\n"
        "def test_total(n, m):\n    assert total(n) == m\n",
    ),
    "split": (
        "def test_total():\n    assert total(2) == 4\n    assert cart() == []\n",
        "def test_total():\n    assert total(2) == 4\n\n\ndef test_cart():\n    assert cart() == []\n",
    ),
    "merged": (
        "def test_total():\n    assert total(2) == 4\n\n\ndef test_cart():\n    assert cart() == []\n",
        "def test_both():\n    assert total(2) == 4\n    assert cart() == []\n",
    ),
    "into a helper": (
        _PLAIN,
        "def check_total():\n    assert total(2) == 4\n\n\ndef test_total(db):\n    check_total()\n",
    ),
    "into a literal loop": (_PLAIN, _test("for n in [2, 3]:\n    assert total(2) == 4")),
    "into with": (_PLAIN, _test("with cart():\n    assert total(2) == 4")),
    "into a used function": (_PLAIN, _test("def inner():\n    assert total(2) == 4\ninner()")),
    "try that fails": (
        _PLAIN,
        _test("try:\n    assert total(2) == 4\nexcept AssertionError:\n    cart()\n    raise"),
    ),
    "try for another error": (_PLAIN, _test("try:\n    assert total(2) == 4\nexcept OSError:\n    pass")),
    "unskipped": ("@pytest.mark.skip\n" + _PLAIN, _PLAIN),
    "skip with another reason": (
        "@pytest.mark.skipif(sys.platform == 'x', reason='x')\n" + _PLAIN,
        "@pytest.mark.skipif(sys.platform == 'x', reason='why')\n" + _PLAIN,
    ),
    "skipped new test": (_PLAIN, _PLAIN + "\n\n@pytest.mark.skip\ndef test_new():\n    pass\n"),
    "vacuous new test": (_PLAIN, _PLAIN + "\n\ndef test_new():\n    assert True\n"),
    "setup becomes a fixture": (
        _SETUP.format("setup_method"),
        _SETUP.format("clean").replace("    def clean", "    @pytest.fixture(autouse=True)\n    def clean"),
    ),
    "asyncio": (_PLAIN, "@pytest.mark.asyncio\nasync " + _PLAIN),
    "unused tmp_path": (_PLAIN.replace("db", "tmp_path"), _PLAIN.replace("db", "")),
    "empty": (_test("assert cart() == []"), _test("assert not cart()")),
    "local named twice": (
        _test("a = [total(2)]\nassert len(a) == 1\nassert a[0] == 4"),
        _test("b = [total(2)]\nassert len(b) == 1\nassert b[0] == 4"),
    ),
    "loop that arranges": (
        _test("for n in (1, 2):\n    cart(n)\nassert total(2) == 4"),
        _test("for n in (1,):\n    cart(n)\nassert total(2) == 4"),
    ),
    "mark becomes an argument": (
        "@pytest.mark.usefixtures('clean')\n" + _PLAIN,
        _PLAIN.replace("(db)", "(db, clean)"),
    ),
}


@pytest.mark.parametrize(("before", "after"), _FINE.values(), ids=_FINE)
def test_what_says_as_much_is_left_alone(before: str, after: str) -> None:
    """Nothing is said where nothing was lost."""
    assert said_of(before, after) == []
