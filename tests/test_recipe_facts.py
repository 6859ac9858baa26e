"""What is read of code is what Python itself says of it, on real code and on written cases."""

from __future__ import annotations

import argparse
import ast
import asyncio.base_events
import configparser
import importlib
import inspect
import json.encoder
import keyword
import logging.handlers
import pathlib
import shutil
import statistics
import sysconfig
import textwrap
import typing
import warnings
from pathlib import Path
from types import FunctionType, ModuleType

import pytest

from codegate.errors import UsageError
from codegate.grammar import parse_gbnf
from codegate.recipes.facts import ClassFacts, FunctionFacts, find_facts, module_facts, type_names
from codegate.recipes.facts.segments import segment
from codegate.recipes.rules import one_type, type_grammar
from codegate.recipes.shapes import shapes

STANDARD = Path(sysconfig.get_path("stdlib"))
REAL = (argparse, configparser, json.encoder, logging.handlers, pathlib, shutil, statistics,
        asyncio.base_events, typing)  # fmt: skip
KINDS = {
    "positional": inspect.Parameter.POSITIONAL_ONLY, "either": inspect.Parameter.POSITIONAL_OR_KEYWORD,
    "keyword": inspect.Parameter.KEYWORD_ONLY, "*": inspect.Parameter.VAR_POSITIONAL,
    "**": inspect.Parameter.VAR_KEYWORD,
}  # fmt: skip


def function(code: str, name: str = "f") -> FunctionFacts:
    _, tree = module_facts("m.py", textwrap.dedent(code))
    facts = find_facts(tree, textwrap.dedent(code), name)
    assert isinstance(facts, FunctionFacts)
    return facts


def class_(code: str) -> ClassFacts:
    _, tree = module_facts("m.py", textwrap.dedent(code))
    facts = find_facts(tree, textwrap.dedent(code), "C")
    assert isinstance(facts, ClassFacts)
    return facts


def defined(module: ModuleType) -> dict[str, FunctionType]:
    """Return the plain functions and methods of a module, by their dotted names."""
    found: dict[str, FunctionType] = {}
    for owner in (module, *(c for c in vars(module).values() if isinstance(c, type))):
        if owner is module or owner.__module__ == module.__name__:
            prefix = "" if owner is module else f"{owner.__name__}."
            members = ((name, getattr(one, "__func__", one)) for name, one in vars(owner).items())
            found |= {f"{prefix}{name}": one for name, one in members if isinstance(one, FunctionType)}
    return {
        n: f for n, f in found.items() if f.__module__ == module.__name__ and not hasattr(f, "__wrapped__")
    }


def test_parameters_are_those_that_a_signature_has() -> None:
    """Names, kinds and defaults, of some hundred functions of the standard library."""
    compared = 0
    for module in REAL:
        text = Path(inspect.getfile(module)).read_text()
        _, tree = module_facts("m.py", text)
        for name, real in defined(module).items():
            said = find_facts(tree, text, name)
            if not isinstance(said, FunctionFacts) or real.__code__.co_name != said.name:
                continue
            parameters = list(inspect.signature(real).parameters.values())
            parameters = parameters[1:] if said.receiver else parameters
            assert [p.name for p in said.parameters] == [p.name for p in parameters], name
            assert [KINDS[p.stars or p.kind] for p in said.parameters] == [p.kind for p in parameters], name
            for one, other in zip(said.parameters, parameters, strict=True):
                assert one.is_optional == (other.default is not inspect.Parameter.empty), name
                if one.default is not None and one.default.isidentifier() and one.default in vars(module):
                    assert vars(module)[one.default] is other.default, name
                elif one.default is not None and other.default is None:
                    assert one.default == "None"
            assert said.yields == (inspect.isgeneratorfunction(real) or inspect.isasyncgenfunction(real)), (
                name
            )
            assert said.docstring == inspect.getdoc(real) or real.__doc__ is None, name
            compared += 1
    assert compared > 400


@pytest.mark.parametrize("share", [0, pytest.param(1, marks=pytest.mark.slow)])
def test_nothing_in_the_standard_library_is_too_much(share: int) -> None:
    """Each module is read, or refused as no Python, and a type can be written of its names."""
    paths = [p for p in sorted(STANDARD.glob("*.py")) + sorted(STANDARD.glob("[a-s]*/*.py"))
             if "site-packages" not in p.parts]  # fmt: skip
    for path in paths if share else paths[::9]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                facts, _ = module_facts(path.name, path.read_text("utf-8"))
            except (UsageError, UnicodeDecodeError):
                continue
        assert set(facts.public) <= set(facts.bound)
        assert "int" in type_names(facts)
        for grammar in (type_grammar(facts, unions=True), one_type(facts)):
            assert parse_gbnf(grammar).matches("int")


def test_a_segment_is_what_python_says_it_is() -> None:
    """Of every statement of a file with many, one with letters of many bytes, and one with CRLF."""
    for text in (
        inspect.getsource(json.encoder),
        'x = "é"; y = "ü" # ö\nif y: z = "é"\n',
        "a = 1\r\nif a:\r\n  b = '\x0c'\r\n",
    ):
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.stmt):
                assert segment(text, node) == ast.get_source_segment(text, node)


@pytest.mark.parametrize(
    ("body", "returns", "guess", "yields", "raises"),
    [
        ("pass", False, "None", False, ()),
        ("return None", False, "None", False, ()),
        ("return 1", True, "int", False, ()),
        ("if a: return 1\n    return 2.5", True, "", False, ()),
        ("if a: return 1", True, "", False, ()),
        ("if a: return 'x'\n    raise KeyError(a)", True, "str", False, ("KeyError",)),
        ("def g(): return 1\n    lambda: (yield)", False, "None", False, ()),
        ("yield a", False, "None", True, ()),
        ("yield from a\n    return 3", True, "int", True, ()),
        ("try: a()\n    except E as e: raise e", False, "None", False, ()),
        ("try: a()\n    except E: raise", False, "None", False, ()),
        ("raise m.Error from a\n    raise make()\n    raise m.Error", False, "None", False, ("m.Error",)),
        ("while True: return not a", True, "bool", False, ()),
        ("while True:\n        break\n    else: return 1", True, "", False, ()),
        ("with a: return len(a)", True, "int", False, ()),
        ("try: return 1\n    finally: pass", True, "int", False, ()),
        ("try: return 1\n    except E: pass", True, "", False, ()),
    ],
)  # fmt: skip
def test_what_a_body_returns_yields_and_raises(
    body: str, returns: bool, guess: str, yields: bool, raises: tuple[str, ...]
) -> None:
    """Not what functions within it do; a type only where every way out has that one."""
    facts = function(f"def f(a):\n    {body}\n")
    assert (facts.returns_value, facts.guess, facts.yields, facts.raises) == (returns, guess, yields, raises)


def test_what_a_class_is_made_of() -> None:
    """What the constructor keeps of each parameter, under the name by which others read it."""
    facts = class_("""
        class C(Base, metaclass=M):
            '''Doc.'''
            kind = "x"
            def __init__(self, name: str, size=3, *rest, api_key, other, unused):
                '''Make it.'''
                self._size, self.name = size, name
                self.rest = rest
                self.api_key = api_key
                self.seen = []
                self.other = other + 1
            @property
            def size(self):
                '''How large.'''
                return self._size
            def __eq__(self, o): return self.name == o.name and self._size == o._size
    """)
    assert [(a.parameter, a.name, a.public) for a in facts.fields] == [
        ("name", "name", "name"), ("size", "_size", "size"), ("rest", "rest", "rest"),
        ("api_key", "api_key", "api_key"),
    ]  # fmt: skip
    assert [a.name for a in facts.fields if a.is_secret] == ["api_key"]
    assert "api_key" not in [a.name for a in facts.shown]
    assert [(a.type, a.default) for a in facts.fields[:2]] == [("str", None), ("int", "3")]
    assert (facts.bases, facts.keywords, facts.compared) == (("Base",), ("metaclass=M",), ("name", "_size"))
    assert facts.does_more == ("self.seen = []", "self.other = other + 1")
    plain = class_(
        "@dataclass\nclass C:\n    a: int\n    b: 'ClassVar[int]' = 2\n    c = 3\n    d: str = ''\n"
    )
    assert plain.is_dataclass
    assert [a.name for a in plain.fields] == ["a", "d"]


@pytest.mark.parametrize(
    ("name", "secret"),
    [("password", True), ("passwd", True), ("api_key", True), ("apikey", True), ("access_token", True),
     ("client_secret", True), ("PRIVATE_KEY", True), ("salt", True), ("key", False), ("monkey", False),
     ("saltwater", False), ("compass", False), ("name", False), ("_hashed_password", True)],
)  # fmt: skip
def test_names_of_secrets_are_known(name: str, secret: bool) -> None:
    """So that no __repr__ prints one."""
    (attribute,) = class_(f"class C:\n    {name}: str\n").attributes
    assert attribute.is_secret is secret


@pytest.mark.parametrize(
    ("docstrings", "style"),
    [
        (["Do.\n\n    Args:\n        a: One.\n    "], "google"),
        (["Do.\n\n    Parameters\n    ----------\n    a : int\n        One.\n    "], "numpy"),
        (["Do.\n\n    :param a: One.\n    :returns: Two.\n    "], "rest"),
        (["Do: just do.", "Args: none."], ""),
        (["Do.\n\n    Args:\n        a: One.\n"] * 2 + ["Do.\n\n    :param a: b\n"], "google"),
        ([], ""),
    ],
)  # fmt: skip
def test_the_style_of_docstrings_is_that_of_most(docstrings: list[str], style: str) -> None:
    """Where none has sections there is none."""
    text = "".join(f'def f{n}(a):\n    """{one}"""\n' for n, one in enumerate(docstrings))
    assert module_facts("m.py", text)[0].style == style


@pytest.mark.parametrize("text", ["def f(:\n", "x = " + "(" * 500, "\0", "return" + "-" * 100_000 + "1"])
def test_what_python_cannot_read_is_refused(text: str) -> None:
    """With the file's name and what else can be done, never with a crash."""
    with pytest.raises(UsageError, match=r"m\.py cannot be read as Python"):
        module_facts("m.py", text)


def test_a_module_is_named_as_it_is_imported() -> None:
    """In a flat and in a `src` layout, a package by its folder."""
    names = {
        p: module_facts(p, "")[0].module for p in ("src/a/b.py", "a/__init__.py", "lib/c.py", "tests/d.py")
    }
    assert list(names.values()) == ["a.b", "a", "c", "tests.d"]
    assert importlib.import_module(module_facts("json/decoder.py", "")[0].module)


def test_any_keys_of_a_sample_become_names_that_differ() -> None:
    """Those that begin with a digit, are empty or words of Python, or differ by their signs alone."""
    keys = ["1a", "a-b", "a_b", "a.b", "", "class", "Class", "é", '"):', "a\n"]
    (shape,) = shapes(dict.fromkeys(keys, 1), "X")
    names = [field.name for field in shape.fields]
    assert all(name.isidentifier() and not keyword.iskeyword(name) for name in names)
    assert len(set(names)) == len(keys)
    many = shapes({f"a{'-' * n}": {f"k{n}": n} for n in range(1100)}, "X")
    assert len({shape.name for shape in many}) == 1101
