"""The gate `contract` says no to what a recipe promised and its result does not keep."""

from __future__ import annotations

import re
import sys

import pytest
from conftest import GitRepo

from codegate.config import Config
from codegate.core import Origin, Outcome, Patch, Scope, Target, Verdict
from codegate.errors import ConfigError
from codegate.gates import BUILTIN, load_gates, make_rules
from codegate.gates.contract import Contract
from codegate.gates.contract.docstrings import untrue
from codegate.gates.contract.mutants import mutated
from codegate.gates.contract.novelty import changed_members, new_tests
from codegate.repo import Repository, Stage
from codegate.workspace import Workspace


@pytest.fixture(autouse=True)
def _this_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VIRTUAL_ENV", sys.prefix)


def judge(
    repo: GitRepo,
    files: dict[str, str],
    checks: tuple[str, ...],
    targets: tuple[str, ...],
    about: str = "",
    **tests: object,
) -> Verdict:
    """Return the gate's verdict on new texts of files."""
    repository = Repository.discover(repo.path)
    settings = {"env": {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}, **tests}
    scope = Scope(tuple(map(_target, targets)), (), checks, (_target(about),) if about else ())
    rules = make_rules(Config.model_validate({"tests": settings}), Origin.PERSON, scope, ())
    with Stage(repository) as stage:
        base = stage.snapshot(repository.head(), files)
        candidate = stage.stage(base, Patch(files={path: text.encode() for path, text in files.items()}))
        return Contract().judge(Workspace(repository, stage, candidate), rules)


def _target(text: str) -> Target:
    path, _, symbol = text.partition("::")
    return Target(path, symbol or None)


def said(verdict: Verdict) -> list[tuple[str, str, str | None]]:
    return [(f.rule, f.severity.value, f.path) for f in verdict.findings]


def test_it_is_asked_only_where_a_request_names_checks() -> None:
    """The six are always there; this one comes after them, and no base lists it."""
    assert [g.name for g in load_gates(Config())] == list(BUILTIN)
    assert [g.name for g in load_gates(Config(), checks=("types",))] == [*BUILTIN, "contract"]
    assert [g.name for g in load_gates(Config(), ("contract", "lint"), ("types",))] == ["lint", "contract"]
    with pytest.raises(ConfigError, match="where a recipe names checks"):
        load_gates(Config(gates=("contract",)))
    with pytest.raises(ConfigError, match="there is no check `type`"):
        make_rules(Config(), Origin.MODEL, Scope((), (), ("type",)), ())


# The body of a function of `a`, `b` and `**more`, a docstring of it, and what is said of that.
_DOCSTRINGS = [
    ("return a", "Args:\n    a: One.\n    b (int): Two.\n\nReturns:\n    int: It.", []),
    ("return a", "Parameters\n----------\na, b : int\n    Both.\n\nReturns\n-------\nint\n    It.", []),
    ("return a", ":param a: One.\n:param int b: Two.\n:returns: It.", []),
    ("return a", "Args:\n    a: One.\n    c: Two.", ["no parameter `c`", "`b` is not described"]),
    ("return a", "Parameters\n----------\na : int\n    One.\n", ["`b` is not described"]),
    ("return a", ":param a: One.\n:param b: Two.\n:param c: No.", ["no parameter `c`"]),
    ("return a", "Args:\n    a: One.\n    b: Two.\n    **more: The rest.", []),
    ("print(a)", "Returns:\n    int: It.", ["none is"]),
    ("print(a)", "Returns: It.", ["none is"]),
    ("print(a)", "Returns:\n    None", []),
    ("def g(): return 1", "Returns:\n    int: It.", ["none is"]),
    ("raise NotImplementedError", "Returns:\n    int: It.", []),
    ("yield a", "Yields:\n    int: It.", []),
    ("yield a", "Returns:\n    int: It.", ["none is, it yields"]),
    ("return a", ":yields: It.", ["no generator"]),
    ("raise ValueError(a)", "Raises:\n    ValueError: If.", []),
    ("raise errors.Bad", "Raises:\n    errors.Bad: If.\n    KeyError: If.", ["`KeyError` is said"]),
    ("raise errors.Bad", "Raises\n------\nBad\n    If.\nTypeError\n    If.", ["`TypeError` is said"]),
    ("try: a()\nexcept (OSError, KeyError): raise", ":raises OSError: If.\n:raises KeyError: If.", []),
    ("try: a()\nexcept OSError as e: raise e", ":raises OSError: If.\n:raises KeyError: If.", ["`KeyError`"]),
    ("e = Bad(1)\nraise e", ":raises Bad: If.", []),
    ("return check(a)", "Raises:\n    RuntimeError: If.", []),
    ("def g(): raise KeyError\nprint(g)", "Raises:\n    KeyError: If.", ["`KeyError` is said"]),
    ("return a[b] / int(a)", ":raises KeyError: If.\n:raises ZeroDivisionError: If.", []),
    ("return a", "TODO: say it.", ["placeholder"]),
    ("return a", "The todo list:\n\n    >>> for x in y:\n    ...\n    ...     print(x)", []),
    ("return a", "Args:\n    a: ...\n    b: _description_", ["placeholder"] * 2),
    ("return a", "Args:\n    a: Description.\n    b: Two.", ["placeholder"]),
    ("return a", "Args:\n    a: Description of a.\n    b: Two.", ["placeholder"]),
]  # fmt: skip


@pytest.mark.parametrize(("body", "docstring", "wrong"), _DOCSTRINGS)
def test_a_docstring_says_what_the_code_says(body: str, docstring: str, wrong: list[str]) -> None:
    """Of parameters, values, generators and exceptions, in three styles; and no placeholder."""
    lines = "\n".join(f"    {line}" for line in ["Add it up.", "", *docstring.split("\n")])
    code = "\n".join(f"    {line}" for line in body.split("\n"))
    text = f'def f(a, b, **more):\n    """\n{lines}\n    """\n{code}\n\n\ndef check(a): raise RuntimeError\n'
    found = untrue(text.replace("Add it up.", "Old."), text, ["f"])
    assert [message for _, message in found] == [
        m for m in (one for _, one in found) if any(w in m for w in wrong)
    ]
    assert len(found) == len(wrong), found
    assert untrue(text, text, [None]) == []
    assert untrue("", text, ["g"]) == []


def test_a_docstring_says_more_than_a_name() -> None:
    """Of a class too, whose parameters are those of its `__init__`, and whose attributes are its own."""
    for name, text in (
        ("get_user", "Gets the user."),
        ("close", "Close."),
        ("HttpClient", "The HTTP client."),
    ):
        kind = "class" if name[0] == "H" else "def"
        head = f"{kind} {name}{'' if kind == 'class' else '()'}:\n"
        assert "no more than the name" in untrue("", f'{head}    """{text}"""\n', [None])[0][1]
        assert untrue("", f'{head}    """{text} And more."""\n', [None]) == []
    made = 'class A:\n    """Hold it.\n\n    Args:\n        x: One.\n        y: Two.\n    """\n'
    made += "    def __init__(self, {}): self.x = x\n"
    assert untrue("", made.format("x, y"), ["A"]) == []
    assert [m for _, m in untrue("", made.format("x, z"), ["A"])] == [
        "A: there is no parameter `y`", "A: the parameter `z` is not described beside the others",
    ]  # fmt: skip
    method = 'class A:\n    def f(self, x):\n        """Do it.\n\n        :param self: Me.\n'
    method += '        :param x: It.\n        """\n'
    assert [m for _, m in untrue("", method, ["A.f"])] == ["A.f: there is no parameter `self`"]


def test_what_is_new_is_known_by_the_text() -> None:
    """Tests and their classes, special methods, and what a dataclass makes by itself."""
    old = "def test_a(): pass\ndef test_b(): assert 1\nclass TestC:\n    def test_d(self): pass\n"
    new = old.replace("assert 1", "assert 2").replace(
        "(self): pass", "(self): pass\n    def test_e(self): pass"
    )
    assert new_tests(old, f"# a comment\n{new}def other(): pass\n") == ["test_b", "TestC::test_e"]
    plain = (
        "class A:\n    def __eq__(self, o): return 1\n    class B:\n        def __repr__(self): return ''\n"
    )
    assert changed_members("", plain, [None]) == {"A": ["__eq__"], "A.B": ["__repr__"]}
    assert changed_members("", plain, ["A.__eq__"]) == {"A": ["__eq__"]}
    assert changed_members(plain, plain, ["A"]) == {}
    assert changed_members("class A: x = 1", "@dataclass\nclass A:\n    x: int = 1", ["A"]) == {
        "A": ["__eq__", "__repr__"]
    }


def test_a_mutant_is_the_module_with_one_expression_exchanged() -> None:
    """Each compiles, none is in a hint, a docstring or a default; of no such function there is none."""
    source = (
        '@cached\ndef f(a: int, b=2) -> int:\n    """One 1."""\n    x: list[1] = [True]\n'
        "    if a < 3 and not b:\n        return a + len(f'{1}é')\n    return None\n"
    )
    found = mutated(source, "f")
    assert found is not None
    assert (found["name"], found["first"], found["line"], found["last"]) == ("f", 1, 2, 7)
    assert [m["said"].partition("` in")[0] for m in found["mutants"]] == [
        "`False", "`not (a < 3 and (not b))",
        "`a < 3 or not b", "`a >= 3", "`4", "`2",
        "`None", "`a - len(f'{1}é')",
    ]  # fmt: skip
    data = source.encode()
    for m in found["mutants"]:
        compile(data[: m["start"]] + m["text"].encode() + data[m["end"] :], "f", "exec")
    assert mutated(source, "g") is None


CALC = """\
import functools


class Calc:
    @functools.lru_cache(maxsize=None)
    def grade(self, points):
        if points < 0:
            raise ValueError("no")
        while points > 100:
            points = points - 100
        return points * 2 + 1


def other():
    return 1
"""
TESTS = """\
import pytest
from calc import Calc, other


@pytest.fixture
def calc():
    return Calc()


@pytest.mark.parametrize(("points", "grade"), [(0, 1), (3, 7), (103, 7)])
def test_grade(calc, points, grade):
    assert calc.grade(points) == grade


class TestErrors:
    def test_negative(self, calc):
        with pytest.raises(ValueError):
            calc.grade(-1)
"""
_BOTH = ("tests-run", "kills-mutants")


@pytest.fixture
def calc(git_repo: GitRepo) -> GitRepo:
    git_repo.commit({"calc.py": CALC, "test_old.py": "def test_old():\n    assert True\n", "conftest.py": ""})
    return git_repo


def test_tests_that_test_pass(calc: GitRepo) -> None:
    """One run tells that they pass, run the method, and notice its mutants, also one that never ends."""
    verdict = judge(calc, {"test_new.py": TESTS}, _BOTH, ("test_new.py",), "calc.py::Calc.grade")
    assert verdict.outcome is Outcome.PASSED, verdict
    assert verdict.findings == ()
    assert re.fullmatch(
        r"new tests on the base's code: 4 passed; [5-8] of 8 mutants noticed", verdict.summary
    )


_IDLE = """\
import pytest
import calc
import nothing_of_this_name


def test_other():
    assert calc.other() == 1
"""


def test_tests_that_do_not_test_are_refused(calc: GitRepo) -> None:
    """Red, silent, unseen and idle ones are told one by one."""
    text = TESTS.replace("(103, 7)", "(103, 8)").replace(
        "    def test_neg", "    @pytest.mark.skip\n    def test_neg"
    )
    text += (
        "\n\ndef test_idle():\n    assert other() == 1\n\n\nclass TestUnseen:\n    def __init__(self): pass\n"
    )
    text += "    def test_grade(self): pass\n"
    files, targets = {"test_new.py": text, "test_idle.py": _IDLE}, ("test_new.py", "test_idle.py")
    verdict = judge(calc, files, ("tests-run",), targets, "calc.py::Calc.grade")
    assert verdict.outcome is Outcome.FAILED, verdict
    assert {(f.rule, f.severity) for f in verdict.findings} == {("contract/tests-run", "error")}
    assert sorted(f.message.partition("\n")[0] for f in verdict.findings) == [
        "of 4 new tests 1 run no line of calc.py::Calc.grade",
        "test_idle.py::test_other is not collected",
        "test_new.py::TestErrors::test_negative does not pass on the base's code: skipped",
        "test_new.py::TestUnseen::test_grade is not collected",
        "test_new.py::test_grade[103-8] does not pass on the base's code: failed",
    ]
    assert any("No module named 'nothing_of_this_name'" in f.message for f in verdict.findings)


def test_tests_that_pass_on_most_mutants_are_refused(calc: GitRepo) -> None:
    """They run the code, and would not notice if it did something else: the finding shows what."""
    blind = TESTS.replace("calc.grade(points) == grade", "calc.grade(points) is not None")
    verdict = judge(calc, {"test_new.py": blind}, _BOTH, ("test_new.py",), "calc.py::Calc.grade")
    assert said(verdict) == [("contract/kills-mutants", "error", "test_new.py")]
    assert "mutants of calc.py::Calc.grade, such as line " in verdict.findings[0].message


def test_what_is_tested_is_the_base(calc: GitRepo) -> None:
    """A change of the code that lets a wrong test pass does not count; a change without a test is none."""
    wrong = {
        "test_new.py": TESTS.replace("(0, 1)", "(0, 2)"),
        "calc.py": CALC.replace("+ 1", "+ 1 + (not points)"),
    }
    verdict = judge(calc, wrong, ("tests-run",), ("test_new.py",), "calc.py::Calc.grade")
    assert [f.message.partition(" does")[0] for f in verdict.findings] == ["test_new.py::test_grade[0-2]"]
    none = judge(
        calc,
        {"test_old.py": "# x\ndef test_old():\n    assert True\n"},
        _BOTH,
        ("test_old.py",),
        "calc.py::other",
    )
    assert said(none) == [("contract/tests-run", "error", "test_old.py")]


def test_a_check_that_cannot_be_made_breaks_the_gate(calc: GitRepo) -> None:
    """No function, no single tests, no text that can be read: nothing of it is passed."""
    new, target = {"test_new.py": TESTS}, ("test_new.py",)
    for about, checks, command, says in (
        ("", _BOTH, None, "names no function"),
        ("calc.py::no", _BOTH, None, "there is no such function"),
        ("calc.py", _BOTH, None, "must be about a function"),
        ("calc.py::other", ("tests-run",), "make test", "tells of no single test"),
    ):
        verdict = judge(calc, new, checks, target, about, command=command)
        assert (verdict.outcome, verdict.required) == (Outcome.BROKEN, True)
        assert says in verdict.summary
    verdict = judge(calc, {"calc.py": "def f(:\n"}, ("docstring-true",), ("calc.py",))
    assert verdict.outcome is Outcome.BROKEN
    assert judge(calc, new, (), target).outcome is Outcome.SKIPPED


def test_a_project_of_unittest_is_asked_too(git_repo: GitRepo) -> None:
    """Its tests are run, measured and tried on mutants in the same way."""
    git_repo.commit({"calc.py": CALC, "test_old.py": ""})
    tests = (
        "import unittest\nfrom calc import Calc\n\n\n"
        "class TestCalc(unittest.TestCase):\n    def test_grade(self):\n"
        "        self.assertEqual(Calc().grade(3), 7)\n"
    )
    verdict = judge(
        git_repo,
        {"test_new.py": tests},
        _BOTH,
        ("test_new.py",),
        "calc.py::Calc.grade",
        command="python -m unittest",
    )
    assert (verdict.outcome, verdict.findings) == (Outcome.PASSED, ()), verdict
    assert re.search(r": 1 passed; [1-8] of \d mutants noticed", verdict.summary)


MONEY = """\
class Money:
    def __init__(self, amount, currency="EUR"):
        self.amount = amount
        self.currency = currency
        self.lock = object()

    def __repr__(self):
        return f"Money({self.amount!r}, {self.currency!r})"

    def __eq__(self, other):
        if not isinstance(other, Money):
            return NotImplemented
        return (self.amount, self.currency) == (other.amount, other.currency)

    def __hash__(self):
        return hash((self.amount, self.currency))
"""


def _without_methods() -> str:
    return MONEY[: MONEY.index("    def __repr__")] + "    x = 1\n"


_TEXT = 'f"Money({self.amount!r}, {self.currency!r})"'
_VARIANTS = [
    ("", "", []),
    (_TEXT, 'f"<Money {self.amount}>"', ["note: no text of an instance"]),
    (_TEXT, 'f"Money({self.amount!r})"', ["Money(2) evaluates to another object"]),
    (_TEXT, 'f"Money({self.currency})"', ["cannot be evaluated: NameError"] * 2),
    (_TEXT, "self.no", ["repr() raises AttributeError"]),
    ("if not isinstance(other, Money)", "if False", ["raises AttributeError"] * 4),
    ("== (other", "!= (other", ["to another object"] * 2 + ["not equal to itself", "with another hash"]),
    ("hash((self.amount, self.currency))", "id(self)", ["is equal to one with another hash"]),
]


def test_special_methods_hold_for_the_instances_that_tests_make(git_repo: GitRepo) -> None:
    """The text evaluates to an equal one; equality is what equality is, and agrees with the hash."""
    assert all(old in MONEY for old, _, _ in _VARIANTS)
    names = [f"Money{number}" for number in range(len(_VARIANTS))]
    texts = [
        MONEY.replace(o, n).replace("Money", name) for name, (o, n, _) in zip(names, _VARIANTS, strict=True)
    ]
    plain = "\n\n".join(_without_methods().replace("Money", name) for name in names)
    dated = "[decimal.Decimal(1), datetime.date(2020, 1, 2), {'a': datetime.timedelta(1)}]"
    uses = f"    M.Money0({dated})\n"
    uses += "".join(f"    M.{name}(1), M.{name}(2, 'USD'), M.{name}(1)\n" for name in names)
    git_repo.commit(
        {
            "money.py": plain,
            "test_money.py": f"import datetime, decimal\nimport money as M\n\n\ndef test():\n{uses}",
        }
    )
    git_repo.commit({"test_broken.py": "def test_nothing_to_do_with_it():\n    raise SystemExit\n"})
    verdict = judge(
        git_repo,
        {"money.py": "from datetime import datetime\n\n" + "\n\n".join(texts)},
        ("round-trip",),
        ("money.py",),
    )
    assert {f.rule for f in verdict.findings} == {"contract/round-trip"}
    for name, (_, _, wrong) in zip(names, _VARIANTS, strict=True):
        told = [f"{f.severity}: {f.message}" for f in verdict.findings if f.message.startswith(f"{name}: ")]
        assert len(told) == len(wrong), told
        for one, says in zip(told, wrong, strict=True):
            kind, _, rest = says.rpartition("note: ")
            assert rest.replace("Money", name) in one, told
            assert one.startswith("note" if "note: " in says else "error"), kind
        assert f"{name}: {3 + (name == 'Money0')} instances" in verdict.summary


def test_what_could_not_be_tried_is_said(git_repo: GitRepo) -> None:
    """No instance, no import: a note, and the gate passes; nothing special changed: no run at all."""
    git_repo.commit(
        {"money.py": _without_methods(), "test_other.py": "def test(): pass\n", "conftest.py": ""}
    )
    for files, says in (
        ({"money.py": MONEY}, "no test makes an instance"),
        ({"money.py": f"import nothing\n{MONEY}"}, "cannot be imported"),
    ):
        verdict = judge(git_repo, files, ("round-trip",), ("money.py::Money",))
        assert (verdict.outcome, said(verdict)) == (
            Outcome.PASSED,
            [("contract/round-trip", "note", "money.py")],
        )
        assert says in verdict.findings[0].message
    verdict = judge(git_repo, {"money.py": "x = 2\n"}, ("round-trip",), ("money.py",))
    assert verdict.summary == "no special method changed"


def test_a_hint_is_held_to_the_body(git_repo: GitRepo) -> None:
    """A value that may be missing, a name that is none; what was wrong before is nobody's fault."""
    body = "    if a > 1:\n        return 1.0\n\n\n"
    base = "import no_such_module\n\nx: int = ''\n\n\n" + "".join(f"def {n}(a):\n{body}" for n in "fghi")
    lax = "[tool.mypy]\nstrict_optional = false\nwarn_no_return = false\n"
    git_repo.commit({"a.py": base, "pyproject.toml": lax})
    hinted = (
        base.replace("def f(a)", "def f(a: int) -> float")
        .replace("def g(a)", "def g(a: int) -> float | None")
        .replace("def h(a)", "def h(a: Decimal) -> float | None")
        .replace("def i(a)", "def i(a: str) -> float | None")
    )
    verdict = judge(git_repo, {"a.py": hinted}, ("types",), ("a.py::f",))
    assert [(f.rule, f.severity, f.line, f.message.rpartition(" ")[2]) for f in verdict.findings] == [
        ("contract/types", "error", 6, "[return-value]"),
        ("contract/types", "error", 16, "[name-defined]"),
        ("contract/types", "error", 22, "[operator]"),
    ]
    assert verdict.summary == "3 new errors of mypy"


def test_a_changed_docstring_is_told_where_it_stands(git_repo: GitRepo) -> None:
    """By whoever the change is; what is no target, or did not change, is not asked."""
    base = 'def f(a):\n    """TODO"""\n\n\ndef g(a):\n    """Do."""\n'
    git_repo.commit({"a.py": base})
    changed = base.replace('"""Do."""', '"""Do it.\n\n    Args:\n        b: It.\n    """')
    verdict = judge(git_repo, {"a.py": changed}, ("docstring-true",), ("a.py",))
    assert [(f.rule, f.line) for f in verdict.findings] == [("contract/docstring-true", 6)] * 2
    assert judge(git_repo, {"a.py": changed}, ("docstring-true",), ("a.py::f",)).findings == ()
