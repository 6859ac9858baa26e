"""What a task's hidden check is written with. It is copied into the sandbox, and run there beside the library.

A check finds, as globals: `before` and `after` (a dict of path and text, of all files that are told of), `path`
and `name` of the target, and the functions below. It raises AssertionError for a wrong answer.
"""

from __future__ import annotations

import ast
import importlib
import inspect
import io
import json
import logging
import re
import subprocess
import sys
import typing
from collections.abc import Callable, Iterable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

before: dict[str, str] = {}
after: dict[str, str] = {}
path = name = source = writes = ""

_Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
_Function = ast.FunctionDef | ast.AsyncFunctionDef


def main() -> None:
    """Run the check of a case file."""
    case = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    where, _, what = case["target"].partition("::")
    told = {key: case[key] for key in ("before", "after", "source", "writes")}
    globals().update(told, path=where, name=what)
    assert case["after"] != case["before"], "nothing changed"
    exec(compile(case["check"], "check", "exec"), globals())  # noqa: S102 - the task set's own text


# What is there.


def module(file: str = "") -> Any:
    """Import the module of a file of the library, the target's without one."""
    parts = Path(file or path).with_suffix("").parts
    top = Path(source).parts
    if parts[: len(top)] == top:
        parts = parts[len(top) :]
    return importlib.import_module(".".join(parts).removesuffix(".__init__"))


def obj(symbol: str = "") -> Any:
    """Return what a dotted name of the target's module is bound to, the target without one."""
    found = module()
    for part in (symbol or name).split("."):
        found = getattr(found, part)
    return found


def tree(text: str = "") -> ast.Module:
    return ast.parse(text or after[path])


def node(symbol: str = "", text: str = "") -> Any:
    """Return the definition of a dotted name in the result: of overloads, the last."""
    found: Any = tree(text)
    for part in (symbol or name).split("."):
        named = [n for n in found.body if isinstance(n, _Definition) and n.name == part]
        assert named, f"{symbol or name} is gone"
        found = named[-1]
    return found


def segment(symbol: str = "") -> str:
    """Return the text of a definition in the result, its decorators left out."""
    return ast.get_source_segment(after[path], node(symbol)) or ""


# What may not change.


def kept(*but: str, docstrings: bool = False, hints: bool = False) -> None:
    """Refuse a change of any definition of the target's file but the target, or those named.

    Imports may come and go. With `docstrings` or `hints` the target may change in these alone.
    """
    free = but or (() if docstrings or hints else (name,))
    old, new = ({} if not text else _pieces(text, docstrings, hints) for text in (before[path], after[path]))
    for one, dump in old.items():
        if not _covered(one, free):
            assert one in new, f"{one} is gone"
            assert dump == new[one], f"{one} changed"
    for one in new:
        assert one in old or _covered(one, free), f"{one} was added"


def _covered(one: str, free: Sequence[str]) -> bool:
    return any(one == f or one.startswith(f + ".") or (f + ".").startswith(one + ".") for f in free)


def _pieces(text: str, docstrings: bool, hints: bool) -> dict[str, str]:
    """Return each definition that holds no other, and each other statement, with its meaning."""
    found: dict[str, str] = {}

    def visit(body: Iterable[ast.stmt], outer: str) -> None:
        for number, one in enumerate(body):
            if isinstance(one, ast.Import | ast.ImportFrom) or _is_typing_block(one):
                continue
            if isinstance(one, ast.ClassDef):
                inner = [s for s in one.body if not (docstrings and _is_docstring(s))]
                head = ast.ClassDef(one.name, one.bases, one.keywords, [], one.decorator_list)
                found[f"{outer}{one.name}.#head"] = ast.dump(head)
                visit(inner, f"{outer}{one.name}.")
                continue
            label = outer + (getattr(one, "name", "") or _bound(one) or f"#{ast.dump(one)[:80]}")
            while label in found:
                label += "'"
            found[label] = ast.dump(_bare(one, docstrings, hints))

    visit(ast.parse(text).body, "")
    return found


def _bound(one: ast.stmt) -> str:
    if isinstance(one, ast.AnnAssign):
        return ast.unparse(one.target)
    return ast.unparse(one.targets[0]) if isinstance(one, ast.Assign) else ""


def _is_typing_block(one: ast.stmt) -> bool:
    return isinstance(one, ast.If) and "TYPE_CHECKING" in ast.unparse(one.test)


def _is_docstring(one: ast.stmt) -> bool:
    return isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant) and isinstance(one.value.value, str)


def _bare(one: ast.stmt, docstrings: bool, hints: bool) -> ast.AST:
    if not (docstrings or hints):
        return one
    copy = ast.parse(ast.unparse(one))
    for inner in ast.walk(copy):
        if docstrings and isinstance(inner, _Definition) and inner.body and _is_docstring(inner.body[0]):
            inner.body = inner.body[1:] or [ast.Pass()]
        if hints and isinstance(inner, _Function):
            inner.returns = None
            given = inner.args
            for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs, given.vararg, given.kwarg):
                if argument is not None:
                    argument.annotation = None
    return copy.body[0]


def same_code() -> None:
    """Refuse a change of anything but docstrings."""
    kept(docstrings=True)


# Docstrings.

_SECTIONS = {
    "google": (r"^(?:Args|Arguments|Parameters|Keyword Args):\s*$", r"^Raises:\s*$", r"^(?:Returns|Yields):"),
    "numpy": (r"^Parameters\n-+\s*$", r"^Raises\n-+\s*$", r"^(?:Returns|Yields)\n-+\s*$"),
}
_PLACEHOLDER = re.compile(r"_description_|_summary_|\bTODO\b|\bFIXME\b|<[a-z ]+>|\[description\]|lorem ipsum", re.I)


def docstring(
    style: str, *, words: Sequence[str] = (), raises: Sequence[str] = (), may_raise: Sequence[str] = (),
    params: Sequence[str] | None = None, returns: bool | None = None,
) -> None:  # fmt: skip
    """Refuse a docstring of another style, or one that tells what the code does not have, or leaves out what it has.

    `params` are the signature's without one. `raises` are the exceptions that it must name, `may_raise` those
    that it may name too. Each of `words` is a regular expression that some of it must match. Only the
    docstring may have changed.
    """
    same_code()
    text = inspect.cleandoc(ast.get_docstring(node(), clean=False) or "")
    assert text, "there is no docstring"
    first = text.partition("\n\n")[0]
    assert len(first.split()) >= 3, f"it says nothing: {first!r}"
    assert not re.match(r"(?:Args|Parameters|Returns|Raises)(?::|\n-)|:param", first), "no sentence comes first"
    assert not (bad := _PLACEHOLDER.search(text)), f"a placeholder: {bad and bad[0]}"
    told = _documented(style, text)
    wanted = _parameters() if params is None else list(params)
    assert sorted(told["params"]) == sorted(wanted), f"parameters {sorted(told['params'])}, not {sorted(wanted)}"
    for parameter, said in told["params"].items():
        assert len(re.findall(r"\w+", said)) >= 2, f"says nothing of {parameter}: {said!r}"
    named = set(told["raises"])
    assert named >= set(raises), f"does not name {sorted(set(raises) - named)}"
    assert named <= {*raises, *may_raise}, f"raises no {sorted(named - {*raises, *may_raise})}"
    if returns is not None:
        assert bool(told["returns"]) == returns, f"returns: {told['returns']!r}"
    for word in words:
        assert re.search(word, text, re.I), f"nothing of /{word}/ in it"


def _parameters() -> list[str]:
    given = node().args
    every = [*given.posonlyargs, *given.args, given.vararg, *given.kwonlyargs, given.kwarg]
    return [one.arg for one in every if one is not None and one.arg not in ("self", "cls")]


def _documented(style: str, text: str) -> dict[str, Any]:
    if style == "rest":
        fields = _fields(text)
        params = {a.split()[-1].lstrip("*").strip("\\*"): b for k, a, b in fields if k in ("param", "parameter", "arg")}
        raised = [a.split()[-1].rpartition(".")[2] for k, a, _ in fields if k in ("raises", "raise", "except") and a.split()]
        returned = " ".join(b for k, _, b in fields if k in ("return", "returns", "yields", "yield"))
        return {"params": params, "raises": raised, "returns": returned.strip()}
    starts = _SECTIONS[style]
    entry = r"^\s*\*{0,2}(\w+)\s*(?:\([^)]*\))?\s*:(.*)$" if style == "google" else r"^\*{0,2}(\w+(?:, *\*{0,2}\w+)*)\s*(?:[:(].*)?$"
    params = {}
    for names, said in _entries(style, _section(style, text, starts[0]), entry):
        params.update({one.strip(" *"): said for one in names.split(",")})
    pattern = r"^\s*([\w.`~:]+)\s*:(.*)$" if style == "google" else r"^([\w.`~:]+)\s*:?$"
    raised = [n.strip("`~:").rpartition(".")[2] for n, _ in _entries(style, _section(style, text, starts[1]), pattern)]
    found = re.search(starts[2], text, re.M)
    returned = text[found.end() :].split("\n\n")[0].strip() if found else ""
    return {"params": params, "raises": raised, "returns": returned}


def _fields(text: str) -> list[tuple[str, str, str]]:
    """Return the fields of reST, `:kind argument: what is said`, with the lines that continue each."""
    found: list[tuple[str, str, str]] = []
    open_ = False
    for line in text.splitlines():
        if match := re.match(r":(\w+)([^:]*):(.*)$", line):
            found.append((match[1], match[2], match[3]))
        elif open_ and (line[:1].isspace() or not line) and found:
            found[-1] = (*found[-1][:2], f"{found[-1][2]} {line.strip()}")
        open_ = bool(match) or (open_ and (line[:1].isspace() or not line))
    return found


def _section(style: str, text: str, start: str) -> str:
    found = re.search(start, text, re.M)
    if not found:
        return ""
    rest = text[found.end() :].strip("\n")
    end = re.search(r"^\S.*:\s*$|^\S" if style == "google" else r"^\w[\w ]*\n-{3,}\s*$", rest, re.M)
    return inspect.cleandoc("\n" + rest[: end.start() if end else None]) if style == "google" else rest[: end.start() if end else None]


def _entries(style: str, section: str, pattern: str) -> list[tuple[str, str]]:
    """Return the entries of a section: lines at the left margin, and what is said below each."""
    found: list[tuple[str, str]] = []
    for line in section.splitlines():
        if line and not line[0].isspace() and (match := re.match(pattern, line)):
            found.append((match[1], match[2] if match.re.groups > 1 else ""))
        elif found:
            found[-1] = (found[-1][0], f"{found[-1][1]} {line.strip()}")
    return found


# Type hints.


def hints(*, code: bool = True, symbol: str = "", **wanted: Sequence[str] | str) -> None:
    """Refuse hints that do not resolve, or are none of those that are right: `returns`, and one for each parameter.

    Each is a shape (`shape`), `*` in it standing for anything, or several of them. `Any` fits no other shape.
    Only hints may have changed, where `code` is.
    """
    if code:
        kept(hints=True)
    function = obj(symbol)
    function = inspect.unwrap(getattr(function, "__func__", function))
    found = typing.get_type_hints(function, _typing_names())
    for parameter, shapes in wanted.items():
        key = "return" if parameter == "returns" else parameter
        assert key in found, f"{parameter} has no hint"
        patterns = [shapes] if isinstance(shapes, str) else list(shapes)
        got = shape(found[key])
        assert any(_fits(pattern, got) for pattern in patterns), f"{parameter} is {got}, not {patterns[0]}"


def _typing_names() -> dict[str, Any]:
    """Return the module's names, with those that it imports for a type checker alone."""
    found = dict(vars(module()))
    for one in tree().body:
        if _is_typing_block(one) and isinstance(one, ast.If):
            for inner in one.body:
                try:
                    code = compile(ast.Module([inner], []), "typing", "exec")
                    exec(code, {**found, "__package__": found["__package__"]}, found)  # noqa: S102
                except ImportError:
                    continue
    return found


def _fits(pattern: str, got: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), got) is not None


def shape(hint: Any) -> str:
    """Return a type as text that is the same for equal types: `None|list[str]`, `Iterable`, `Callable`, `Any`.

    Members of a union are sorted, and int is part of float. Type variables and object are Any, and arguments
    that are all Any are left out; so are those of Callable.
    """
    if hint is None or hint is type(None):
        return "None"
    if hint in (Any, object, inspect.Parameter.empty) or isinstance(hint, typing.TypeVar):
        bound = getattr(hint, "__bound__", None) if isinstance(hint, typing.TypeVar) else None
        limits = getattr(hint, "__constraints__", ()) if isinstance(hint, typing.TypeVar) else ()
        return shape(typing.Union[tuple(limits)]) if limits else shape(bound) if bound else "Any"
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return shape(arguments[0])
    if origin is typing.Union or type(hint).__name__ == "UnionType":
        parts = {part for argument in arguments for part in shape(argument).split("|")} if not any(
            "[" in shape(a) for a in arguments
        ) else {shape(argument) for argument in arguments}
        if "Any" in parts:
            return "Any"
        return "|".join(sorted(parts - ({"int"} if "float" in parts else set())))
    if origin is typing.Literal:
        return f"Literal[{', '.join(sorted(map(repr, arguments)))}]"
    if origin is None:
        return getattr(hint, "__name__", str(hint).rpartition(".")[2])
    label = origin.__name__
    if label == "Callable":
        return label
    inner = ["..." if argument is ... else shape(argument) for argument in arguments]
    if label in ("Generator", "Iterator", "Iterable") and inner:
        label, inner = ("Iterator" if label == "Generator" else label), inner[:1]
    return label if all(one in ("Any", "...") for one in inner) else f"{label}[{', '.join(inner)}]"


# Behaviour.


def fails(what: type[BaseException] | tuple[type[BaseException], ...], action: Callable[[], object]) -> BaseException:
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


def logged(action: Callable[[], object], *messages: str, level: str, logger: str = "") -> None:
    """Refuse an action that prints, or has no record of a level, by the module's logger, for each message."""
    records: list[logging.LogRecord] = []
    handler = logging.Handler()
    handler.emit = records.append  # type: ignore[method-assign]
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
    """Refuse a `repr` that is the default one, or lacks the class's name or a part, or shows what it never may."""
    text = repr(value)
    assert isinstance(text, str)
    assert text != object.__repr__(value), f"the default: {text}"
    for part in (type(value).__name__, *parts):
        assert part in text, f"no {part!r} in {text}"
    for part in never:
        assert part not in text, f"{part!r} in {text}"


def equals(same: Sequence[tuple[Any, Any]], different: Sequence[tuple[Any, Any]], other: object = 3) -> None:
    """Refuse an `==` that takes unlike for like, or like for unlike, or does not leave other types to others."""
    for a, b in same:
        assert a == b and b == a, f"{a!r} != {b!r}"
        assert not a != b
    for a, b in different:
        assert a != b and b != a, f"{a!r} == {b!r}"
        assert not a == b
    value = same[0][0]
    assert value != other, "equal to a value of another type"
    assert type(value).__eq__(value, other) is NotImplemented, "no NotImplemented for another type"


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
            assert a < b and b > a and a <= b and b >= a, f"{a!r} is not below {b!r}"
            assert not (b < a or a > b or b <= a or a >= b), f"{b!r} is not above {a!r}"
        assert a <= a and a >= a and not a < a and not a > a  # noqa: PLR0124
    fails(TypeError, lambda: rising[0] < other)


def exports(*names: str) -> None:
    """Refuse an `__all__` that is not of these names, in whatever order, or a change of anything else."""
    kept("__all__")
    found = list(module().__all__)
    assert sorted(found) == sorted(names), f"it has {sorted(set(found) ^ set(names))} too many or too few"


def protocol(new: str, but: Sequence[str] = ()) -> None:
    """Refuse a Protocol that has not the target's public methods, all of them and as the target declares them.

    Those of `but` may be there or not: properties.
    """
    kept(new)
    kind, model = vars(module())[new], obj()
    assert getattr(kind, "_is_protocol", False), f"{new} is no Protocol"
    public = {n: f for n, f in vars(model).items() if inspect.isfunction(f) and not n.startswith("_")}
    told = {n: f for n, f in vars(kind).items() if inspect.isfunction(f) and not n.startswith("_")}
    assert set(told) - set(but) == set(public) - set(but), f"not alike: {sorted(set(told) ^ set(public))}"
    for one, function in public.items():
        mine, theirs = (inspect.signature(f).parameters.values() for f in (told[one], function))
        assert [(p.name, p.kind, p.default) for p in mine] == [(p.name, p.kind, p.default) for p in theirs], one
        hints_of = [typing.get_type_hints(f, _typing_names()) for f in (told[one], function)]
        mine_, theirs_ = ({k: shape(v) for k, v in found.items()} for found in hints_of)
        assert mine_ == theirs_, f"{one}: {mine_}, not {theirs_}"
    assert getattr(kind, "_is_runtime_protocol", False), "isinstance cannot ask it"


def by_pathlib() -> None:
    """Refuse a target in which os.path is left, or pathlib is not used, and a change of anything else."""
    kept(name)
    code = ast.unparse(node().body[1:] if ast.get_docstring(node()) else node().body)
    assert "Path" in code, "no Path in it"
    assert "os.path" not in code, "os.path is left in it"


def by_fstrings() -> None:
    """Refuse a target in which a text is still made by % or .format, and a change of anything else."""
    kept(name)
    for one in ast.walk(node()):
        if isinstance(one, ast.BinOp) and isinstance(one.op, ast.Mod):
            assert not (isinstance(one.left, ast.Constant) and isinstance(one.left.value, str)), "a % is left"
        if isinstance(one, ast.Call) and isinstance(one.func, ast.Attribute):
            assert one.func.attr != "format", "a .format is left"


def routes(folder: str, service: str, root: str) -> None:
    """Refuse a service in which create, list, read, replace and delete of `root` do not work."""
    from fastapi import FastAPI
    from fastapi.testclient import TestClient

    sys.path.insert(0, folder)
    here = importlib.import_module(service)
    app = here.app if isinstance(getattr(here, "app", None), FastAPI) else here.make_app()
    client = TestClient(app)
    one = {"id": 7, "name": "a", "price": 1.5}
    assert client.get(root).json() == []
    made = client.post(root, json=one)
    assert made.status_code == 201, f"create: {made.status_code}"
    assert one.items() <= made.json().items()
    assert [i["id"] for i in client.get(root).json()] == [7]
    assert client.get(f"{root}/7").json()["name"] == "a"
    assert client.get(f"{root}/8").status_code == 404, "read of none"
    changed = client.put(f"{root}/7", json=one | {"name": "b"})
    assert changed.status_code == 200, f"replace: {changed.status_code}"
    assert client.get(f"{root}/7").json()["name"] == "b"
    assert client.put(f"{root}/8", json=one | {"id": 8}).status_code == 404, "replace of none"
    assert client.post(root, json={"id": "x"}).status_code == 422
    assert client.delete(f"{root}/8").status_code == 404, "delete of none"
    assert client.delete(f"{root}/7").status_code == 204, "delete"
    assert client.get(root).json() == []
    assert "".join(before[path].split()) != "".join(after[path].split())


def section(heading: str, *, before_: str, after: str = "", words: Sequence[str] = (), first: bool = False) -> None:
    """Refuse a text in which a line of the old one is gone, or `heading` is not between two others once.

    `words` are regular expressions that what is new must match. With `first`, a heading of the name may stand
    further down too.
    """
    old, new = before[path], globals()["after"][path]
    lines = iter(new.splitlines())
    for line in old.splitlines():
        assert not line.strip() or any(one.rstrip() == line.rstrip() for one in lines), f"gone: {line!r}"
    assert first or len(re.findall(rf"^{re.escape(heading)}\s*$", new, re.M)) == 1, "the section is not there once"
    at = new.index(heading)
    assert (new.index(after) if after else -1) < at < new.index(before_), "the section is somewhere else"
    added = new[at : new.index(before_)]
    for word in words:
        assert re.search(word, added), f"nothing of /{word}/ in it"
    known = set(old.splitlines())
    outside = [one for one in (new[:at] + new[new.index(before_) :]).splitlines() if one.strip() and one not in known]
    assert not outside, f"more was added: {outside[0]!r}"


# Tests.


def new_tests() -> list[str]:
    """Return the files of tests that the result brings or changes. It must change nothing else."""
    changed = [file for file, text in after.items() if before.get(file) != text]
    tests = [file for file in changed if re.search(r"(^|/)(test_[^/]*|[^/]*_test|conftest)\.py$", file)]
    assert tests, "there is no test"
    assert tests == changed, f"it changes {sorted(set(changed) - set(tests))}"
    return [file for file in tests if not file.endswith("conftest.py")]


def pytest(*files: str) -> tuple[int, str, int]:
    """Run pytest on files and return its status, its last line, and how many tests passed."""
    command = [sys.executable, "-B", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "--no-header", "--noconftest",
               "-o", "addopts=", "-c", "/dev/null", "--rootdir", ".", *files]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    said = done.stdout.strip() or done.stderr.strip()
    passed = re.search(r"(\d+) passed", said)
    faults = re.findall(r"^E\s+(.*)", said, re.M)
    return done.returncode, (faults or [said.rpartition("\n")[2]])[0], int(passed[1]) if passed else 0


def kills(*mutants: tuple[str, str], file: str = "", at_least: int = 1, select: str = "") -> None:
    """Refuse tests that fail on the right code, or pass with the code broken as each mutant breaks it.

    A mutant is a text of the code's `file` and what takes its place. Only the test `select` is run, all without.
    """
    tests = [f"{one}::{select}" if select else one for one in new_tests()]
    status, said, passed = pytest(*tests)
    assert status == 0, f"they fail on the right code: {said}"
    assert passed >= at_least, f"{passed} tests, not {at_least}"
    place = Path(file or path)
    right = place.read_text("utf-8")
    survived = []
    for old, new in mutants:
        assert old in right, f"no mutant, not in the code: {old!r}"
        place.write_text(right.replace(old, new, 1), "utf-8")
        if pytest(*tests)[0] == 0:
            survived.append(f"{old.strip()} → {new.strip()}")
        place.write_text(right, "utf-8")
    assert not survived, f"they pass with: {survived}"


def one_by_one(cases: int, *mutants: tuple[str, str], file: str) -> None:
    """Refuse a test that is not `cases` cases or more by a parametrisation, fails, or lets a mutant live."""
    decorators = [ast.unparse(one) for one in node().decorator_list]
    assert sum("parametrize" in one for one in decorators) == 1, "it is not parametrized, or more than once"
    assert not any(isinstance(one, ast.For | ast.While) for one in ast.walk(node())), "it still loops"
    kills(*mutants, file=file, at_least=cases, select=name)


if __name__ == "__main__":
    main()
