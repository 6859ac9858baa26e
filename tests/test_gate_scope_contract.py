"""A contract's words leave free what they name, and nothing beside it, by whoever the change is."""

from __future__ import annotations

import pytest
from conftest import GitRepo
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from judging import opened, rules_for, said

from codegate.core import Origin, Scope, Target
from codegate.errors import ConfigError
from codegate.gates import make_rules
from codegate.gates.scope import Scope as ScopeGate
from codegate.gates.scope.contract import judged
from codegate.source.contract import read_changes, validate_changes, validate_checks

BASE = '''\
"""A bank."""

import os

__all__ = ["Account"]
RATE = 2


class Account(Base):
    """One."""

    kind = "plain"
    open: bool = True

    # the owner's
    def __init__(self, owner, *names, limit=0, **more):
        self.owner = owner

    def close(self, now):  # at once
        """Close."""
        print("closing", self.owner)
        return now  # done

    def stub(self):
        ...


@cached
def other(a, b=(1, 2)):
    # a comment
    return os.sep


def bare(a): return a
'''


def rules_of(
    result: str, words: tuple[str, ...], *names: str, base: str = BASE, path: str = "m.py"
) -> list[str]:
    """Return the rules of what is said of a change of a file; its targets are symbols, or the file itself."""
    targets = tuple(Target(path, name) for name in names) or (Target(path),)
    found = list(judged(path, base.encode(), result.encode(), targets, read_changes(words)))
    assert all(f.message and f.hint and f.severity == "error" for f in found)
    return [f.rule for f in found]


def changed(old: str, new: str) -> str:
    assert BASE.count(old) == 1
    return BASE.replace(old, new)


_HIDDEN = "\n    def hidden(self): ...\n"
_NEW = '    def __repr__(self):\n        return "x"\n'

ALLOWED = [
    ("docstring", "Account", '"""One."""', '"""Another.\n\n    Of two lines.\n    """'),
    ("docstring", "Account", '    """One."""\n\n', ""),
    ("docstring", "Account.stub", "        ...\n", '        """Do."""\n'),
    ("docstring", "Account.stub", "        ...\n", "        r'''Do.'''\n\n        ...\n"),
    ("docstring", "other", "    # a comment\n", '    # a comment\n    """Do."""\n\n'),
    ("docstring", "", '"""A bank."""', '"""Two banks."""'),
    ("docstring", "", '"""A bank."""\n\n', ""),
    ("annotations", "Account.close", "(self, now)", "(self, now: datetime | None) -> 'datetime | None'"),
    ("annotations", "Account.close", "(self, now)", "(\n        self,\n        now: Any,\n    ) -> None"),
    ("annotations", "Account", "*names, limit=0, **more", "*names: str, limit: int = 0, **more: list[Any]"),
    ("annotations", "Account", "self.owner = owner", "self.owner: str = owner"),
    ("annotations", "Account", "open: bool =", "open ="),
    ("annotations", "other", "a, b=(1, 2)):", "a: Literal['x()', -1], b: tuple[int, ...] = (1, 2)) -> str:"),
    ("annotations", "", "RATE = 2", "RATE: Final = 2"),
    ("annotations", "", "def bare(a):", "def bare(a: Callable[[int], str]) -> int:"),
    ("decorators", "Account", "class Account", "@dataclass(frozen=True)\nclass Account"),
    ("decorators", "other", "@cached\n", ""),
    ("bases", "Account", "(Base)", "(Base, Generic[T])"),
    ("bases", "Account", "(Base)", ""),
    ("body", "Account.close", 'print("closing", self.owner)\n        return now  # done', "pass"),
    ("body", "other", "    return os.sep\n", "    # another\n    return os.curdir\n    # end\n"),
    ("docstring body", "other", "    # a comment\n    return os.sep\n", '    """Do."""\n    return 1\n'),
    ("body", "bare", "a): return a", "a):\n    if a:\n        return a\n    return None"),
    ("member:__repr__", "Account", "    # the owner's\n", f"{_NEW}\n    # the owner's\n"),
    ("member:__repr__", "Account", "        ...\n", f"        ...\n\n{_NEW}"),
    ("member:c*", "Account", '        return now  # done\n', "        return 2\n"),
    ("member:kind", "Account", 'kind = "plain"', 'kind: str = "fancy"'),
    ("member:kind", "Account", 'kind = "plain"\n', "@property\n    def kind(self):\n        return 1\n"),
    ("removal:__init__", "Account", BASE[BASE.index("    def __init__"):BASE.index("    def close")], ""),
    ("definition:Error*", "Account", "@cached\n", "class ErrorA(Base):\n    pass\n\n\n@cached\n"),
    ("definition:test_*", "", "return a\n", "return a\n\n\n@given(1)\ndef test_a():\n    assert True\n"),
    ("assign:__all__", "Account", '["Account"]', '[\n    "Account",\n    "other",\n]'),
    ("assign:logger", "Account.close", "RATE = 2\n", "RATE = 2\nlogger = logging.getLogger(__name__)\n"),
    ('query:(call function: (identifier) @f (#eq? @f "print")) @change', "Account.close",
     'print("closing", self.owner)', 'logger.info("closing %s", self.owner)'),
    ("query:(return_statement) @change", "Account.close", "return now  # done",
     "if now:\n            return 1\n        return 2  # done"),
    ("query:(return_statement (_) @change)", "", "return os.sep", "return Path(os.sep) / 'a'"),
]  # fmt: skip


@pytest.mark.parametrize(("words", "name", "old", "new"), ALLOWED)
def test_what_the_words_name_is_free(words: str, name: str, old: str, new: str) -> None:
    """And imports of the top level with it; under no other word is the same."""
    told = (words,) if words.startswith("query") else tuple(words.split())
    result = changed(old, new).replace("import os\n", "import os\nimport sys\n")
    assert rules_of(result, told, *filter(None, [name])) == []
    others = {"docstring", "annotations", "decorators", "bases", "member:nothing"} - set(told)
    for other in others:
        assert rules_of(result, (other,), *filter(None, [name])) != [], other


REFUSED = [
    ("docstring", "Account.close", '"""Close."""', '"""Close."""\n        os.system("x")\n        """y"""'),
    ("docstring", "Account.close", '"""Close."""', '"""Close."""; os.system("x")'),
    ("docstring", "Account.close", '"""Close."""', 'f"""{os.system(1)}"""'),
    ("docstring", "Account.close", '"""Close."""', 'b"""Close."""'),
    ("docstring", "Account.close", '"""Close."""', '"""Close.""" % os.system(1)'),
    ("docstring", "Account.close", '"""Close."""', '"""Close."""  # noqa'),
    ("docstring", "Account.close", "# at once", "# later"),
    ("docstring", "Account", '"""Close."""', '"""Open."""'),
    ("annotations", "Account", "limit=0", "limit: __import__('os').system('x') = 0"),
    ("annotations", "Account", "limit=0", "limit: \"__import__('os').system('x')\" = 0"),
    ("annotations", "Account", "limit=0", "limit: list[(y := 1)] = 0"),
    ("annotations", "Account", "limit=0", "limit: (lambda: 1) = 0"),
    ("annotations", "Account", "limit=0", "limit: [x for x in y] = 0"),
    ("annotations", "Account", "limit=0", "limit: f'{x()}' = 0"),
    ("annotations", "Account", "limit=0", "limit: (int  # noqa\n    ) = 0"),
    ("annotations", "Account", "limit=0", "limit: int = 1"),
    ("annotations", "Account", "limit=0", "limit, other=0"),
    ("annotations", "Account", "limit=0", "limit"),
    ("annotations", "Account", "*names", "names"),
    ("annotations", "Account", "self.owner = owner", "self.owner: str = owner; self.x: int = 1"),
    ("annotations", "Account", "self.owner = owner", "self.owner: str = owner\n        self.x: int"),
    ("annotations", "Account.close", "now):", "now) -> str: os.system('x');"),
    ("annotations", "Account.close", "RATE = 2", "RATE: int = 2"),
    ("decorators", "other", "@cached", "@(lambda f: os.system('x') or f)"),
    ("decorators", "other", "@cached", "@cached\n@x[0]"),
    ("decorators", "other", "@cached", "@cached\n# noqa"),
    ("decorators", "Account", "    def close", "    @cached\n    def close"),
    ("member:__repr__", "Account", "class Account", "@evil\nclass Account"),
    ("member:close", "Account", "    def stub", "    @evil\n    def stub"),
    ("member:close", "Account", "    def close", "    @(yield)\n    def close"),
    ("bases", "Account", "(Base)", "(Base, make())"),
    ("bases", "Account", "(Base)", "(Base): x = 1\nclass B(Base)"),
    ("member:__repr__", "Account", "    # the owner's", f"{_NEW}{_HIDDEN}    # the owner's"),
    ("member:__repr__", "Account", "        ...\n", f"        ...\n\n{_NEW}\n    os.system('x')\n"),
    ("member:__repr__", "Account", "        ...\n", f"        ...\n\n{_NEW}\n\nos.system('x')\n"),
    ("member:kind", "Account", 'kind = "plain"', 'kind = hidden = "plain"'),
    ("member:kind", "Account", 'kind = "plain"', 'kind = "plain"; hidden = 1'),
    ("member:kind", "Account", 'kind = "plain"', 'kind, hidden = 1, 2'),
    ("member:kind", "Account", '    kind = "plain"\n', ""),
    ("member:*", "other", "return os.sep", "return 1"),
    ("removal:stub", "Account", "now  # done\n", "now  # done\n\n    def stub(self): ...\n"),
    ("removal:close", "Account", "def stub", "def halt"),
    ("definition:other", "Account", "    return os.sep\n", "    return 1\n"),
    ("definition:other", "Account", BASE[BASE.index("@cached"):BASE.index("\n\ndef bare")], ""),
    ("definition:test_*", "Account", "RATE = 2\n", "RATE = 2\n\n\ndef test_a(): ...\nx = 1\n"),
    ("definition:a", "", "RATE = 2\n", "RATE = 2\nif 1:\n    def a(): ...\n"),
    ("assign:__all__", "", '["Account"]', '["Account"]\n__all__ += [x()]'),
    ("assign:__all__", "", '__all__ = ["Account"]\n', ""),
    ("assign:RATE", "Account", "RATE = 2", "RATE = other = 2"),
    ("assign:logger", "Account.close", 'print("closing', 'logger = 1\n        print("closing'),
    ("body", "Account.close", '"""Close."""', '"""Open."""'),
    ("body", "Account.close", "now  # done\n", f"now  # done\n{_HIDDEN}"),
    ("body", "Account.close", "(self, now)", "(self, now=os.system('x'))"),
    ("definition:other", "Account", "import os\n", "import os\nfrom e import other\n"),
    ("definition:ot*", "Account", "    return os.sep\n", "    return os.sep\n\n\ndef otheｒ(): ...\n"),
    ("definition:o*", "Account", "    return os.sep\n", "    return os.sep\n\n\nclass os: ...\n"),
    ("assign:other", "Account", "    return os.sep\n", "    return os.sep\n\n\nother = 1\n"),
    ("bases", "Account", "(Base)", "(Base, **more)"),
    ("docstring", "Account", "import os\n", "import os\nfrom e import *\n"),
    ("docstring", "Account", "import os\n", "import os\nimport e as RATE\n"),
    ("docstring", "Account", "import os\n", "import os\nfrom e import print\n"),
    ("docstring", "Account", "import os\n", "from os import (  # c\rpath); e(  # \n path)\n"),
    ("query:(call) @change", "Account.close", "self.owner)\n", "self.owner)\n        os.system('x')\n"),
    ("query:(call) @change", "Account.close", "self.owner)\n", "self.owner); os.system('x')\n"),
    ("query:(call) @change", "Account.close", "return now  # done", "return now()"),
    ("query:(return_statement) @change", "other", "return os.sep", "return 1\n\n\nos.system('x')"),
    ("query:(return_statement) @change", "other", "return now  # done", "return 1  # done"),
    ("query:(integer) @change", "other", "(1, 2)", "(1, 2, 3)"),
]  # fmt: skip


@pytest.mark.parametrize(("word", "name", "old", "new"), REFUSED)
def test_what_comes_along_is_refused(word: str, name: str, old: str, new: str) -> None:
    """Code behind a docstring, in an annotation, beside a member, in a decorator; and what is taken away."""
    assert rules_of(changed(old, new), (word,), *filter(None, [name])) != []


def test_beside_every_target_it_is_the_old_rule(git_repo: GitRepo) -> None:
    """`scope/node` outside them, `scope/contract` within one, by whoever; what may be added beside passes."""
    base = git_repo.commit({"m.py": BASE, "n.md": "x\n"})
    for old, new, rule in (
        ("return os.sep", "return 1", "scope/node"),
        ('kind = "plain"', "kind = 1", "scope/contract"),
        ("RATE = 2\n", "RATE = 2\n\n\nclass Error(Exception):\n    pass\n", ""),
    ):
        result = git_repo.commit({"m.py": changed(old, new)})
        for origin in Origin:
            with opened(git_repo.path, base, result) as workspace:
                words = ("docstring", "definition:Error")
                rules = rules_for(git_repo.path, base, origin, ("m.py::Account",), words)
                found = said(ScopeGate().judge(workspace, rules))
            assert [(f[0], f[1]) for f in found] == ([(rule, "error")] if rule else [])
    git_repo.git("rm", "-q", "m.py")
    result = git_repo.commit({"n.md": "y\n"})
    with opened(git_repo.path, base, result) as workspace:
        rules = rules_for(git_repo.path, base, Origin.PERSON, ("m.py", "n.md"), ("docstring",))
        found = said(ScopeGate().judge(workspace, rules))
    assert [f[:3] for f in found if f[1] == "error"] == [
        ("scope/contract", "error", "m.py"), ("scope/contract", "error", "n.md"),
    ]  # fmt: skip


def test_what_no_grammar_tells_is_refused_and_a_query_works_in_any_language() -> None:
    """Fail closed: a word that is understood for Python alone says so elsewhere."""
    assert rules_of("let x = 2\n", ("docstring",), base="let x = 1\n", path="m.js") == ["scope/contract"]
    assert rules_of("x\n", ("query:(x) @change",), base="y\n", path="m.unknown") == ["scope/contract"]
    words = ("query:(number) @change",)
    assert rules_of("let x = 2\n", words, base="let x = 1\n", path="m.js") == []
    assert rules_of("let x = y()\n", words, base="let z = 1\n", path="m.js") == ["scope/contract"]


def test_a_new_file_holds_what_may_be_added() -> None:
    """Imports and the definitions that fit; nothing else runs when it is imported."""
    text = "import pytest\nfrom m import other\n\n\ndef test_a():\n    assert other(1)\n"
    words = ("definition:test_*",)
    assert rules_of(text, words, base="", path="test_m.py") == []
    assert rules_of(f"{text}\n\ntest_a()\n", words, base="", path="test_m.py") == ["scope/contract"]


def test_a_line_that_only_python_ends_hides_nothing() -> None:
    """A lone CR ends a line for Python, and none for the grammar."""
    word = ("member:close",)
    result = changed("        return now  # done\n", "        return now  # done\rimport evil\n")
    assert rules_of(result, word, "Account") == ["scope/contract"]


def test_blank_lines_in_a_string_are_no_layout() -> None:
    """Where a string's last line looks like a comment above an import that changes."""
    base = 'TEXT = """a\n\n# x"""\nimport os\n\n\nclass A:\n    """One."""\n'
    result = base.replace("import os", "import os\nimport sys")
    assert rules_of(result, ("docstring",), "A", base=base) == []
    result = result.replace("\n\n# x", "\n\n\n\n# x")
    assert rules_of(result, ("docstring",), "A", base=base) == ["scope/node"]
    assert rules_of(result, ("docstring",), base=base) == ["scope/contract"]


@pytest.mark.parametrize(
    ("word", "says", "hint"),
    [
        ("docstrings", "no word `docstrings`", "`docstring`"),
        ("members:x", "no word `members:x`", "`member:…`"),
        ("member:", "lacks a name", "member:…"),
        ("body:x", "takes nothing", "Write `body`"),
        ("", "no word ``", "docstring, annotations"),
        ("query:(nothing) @change", "none of python", "Mend"),
        ("query:(call", "none of python", "Mend"),
        ("query:(call) @x", "captures nothing as @change", "@change"),
    ],
)
def test_a_word_that_there_is_not_is_refused_where_rules_are_made(word: str, says: str, hint: str) -> None:
    """With the nearest one; a query is compiled then."""
    with pytest.raises(ConfigError, match="changes: ") as caught:
        validate_changes([word])
    assert says in caught.value.message
    assert hint in caught.value.hint
    with pytest.raises(ConfigError):
        rules_for_words((word,))


def rules_for_words(words: tuple[str, ...]) -> None:
    from codegate.config import Config

    make_rules(Config(), Origin.MODEL, Scope((Target("a.py"),), words), ())


def test_a_check_that_there_is_not_names_the_nearest() -> None:
    """As a word does."""
    with pytest.raises(ConfigError, match="no check `docstrings-true`") as caught:
        validate_checks(["types", "docstrings-true"])
    assert "`docstring-true`" in caught.value.hint


# What each word frees of a target, beside the import and what only fills a body.
_FREE = [
    ("docstring", "Account", '"""One."""'),
    ("docstring", "Account.close", '"""Close."""'),
    ("decorators", "other", "@cached\n"),
    ("bases", "Account", "Account(Base)"),
    ("body", "other", "def other(a, b=(1, 2)):\n    # a comment\n    return os.sep\n"),
    ("member:close", "Account", BASE[BASE.index("    def close") : BASE.index("    def stub")]),
    ("assign:RATE", "Account", "RATE = 2"),
    ("query:(integer) @change", "other", "(1, 2)"),
    ("definition:test_*", "other", "\n"),
]
_AT = st.integers(0, len(BASE) - 1).filter(lambda at: not BASE[at].isspace())


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(_FREE), _AT, st.sampled_from(["", "x", "0", "#", "()", ";y", "\\", "a\n", '"']))
def test_any_edit_beside_what_a_word_names_is_refused(case: tuple[str, str, str], at: int, new: str) -> None:
    """Whatever single place it is in, and whatever is put there or taken away."""
    word, name, free = case
    for span in (free, "import os", "        ..."):
        start = BASE.index(span)
        assume(not start - 1 <= at <= start + len(span))
    result = BASE[:at] + new + BASE[at + (not new) :]
    assert rules_of(result, (word,), name) != []


_NAME = st.from_regex(r"[a-z]{1,6}", fullmatch=True)


@settings(max_examples=60, deadline=None)
@given(st.text(st.characters(exclude_characters='"\\\r\0', exclude_categories=["Cs"]), min_size=1), _NAME)
def test_any_text_in_its_place_is_free(text: str, name: str) -> None:
    """Of a docstring any words, of an annotation any type, of a member any body."""
    assert rules_of(changed('"""One."""', f'"""{text}"""'), ("docstring",), "Account") == []
    hint = f"limit: {name}_.X[{name}_, None] | 'list[{name}_]' = 0"
    assert rules_of(changed("limit=0", hint), ("annotations",), "Account") == []
    body = f'        {name}_ = """{text}"""\n        return now  # done\n'
    assert rules_of(changed("        return now  # done\n", body), ("member:close",), "Account") == []
