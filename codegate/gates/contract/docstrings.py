"""Does a changed docstring say of its function what the code says too?"""

from __future__ import annotations

import ast
import re
from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING, Final

from codegate.gates.contract.facts import Definition, Facts, Function, definitions, facts_of

if TYPE_CHECKING:
    from docstring_parser import Docstring

# In any place, and as all that is said of something.
_PLACEHOLDER: Final = re.compile(
    r"\b(?:TODO|FIXME|XXX|TBD)\b|(?<!\w)_(?:summary|description|type)_(?!\w)"
    r"|[\[<](?:description|summary|your [^\]>]*)[\]>]"
)
_NOTHING: Final = re.compile(
    r"\.\.\.|(?:short |brief )?(?:description|summary|docstring)(?: here| (?:of|for)(?: the| an?)? \S+)?\.?",
    re.IGNORECASE,
)
_RETURNS: Final = re.compile(r"^[ \t]*Returns?:[ \t]*\S", re.MULTILINE)
_EMPTY: Final = frozenset(
    ["a", "an", "the", "this", "that", "it", "is", "of", "for", "to", "function", "method", "class"]
)

Said = tuple[int, str]


def untrue(before: str, after: str, symbols: Collection[str | None]) -> list[Said]:
    """Return line and message of what is wrong in the docstrings of the symbols that changed; None is all."""
    known = _documented(ast.parse(before))
    module = ast.parse(after)
    found: list[Said] = []
    for name, (node, text) in _documented(module).items():
        if text is None or (name in known and known[name][1] == text):
            continue
        if None in symbols or name in symbols:
            line = node.body[0].lineno if node.body else 1
            found += (
                (line, f"{name or 'the module'}: {message}") for message in _wrong(name, node, text, module)
            )
    return found


def _documented(module: ast.Module) -> dict[str, tuple[ast.Module | Definition, str | None]]:
    found: dict[str, tuple[ast.Module | Definition, str | None]] = {"": (module, ast.get_docstring(module))}
    return found | {name: (node, ast.get_docstring(node)) for name, node in definitions(module.body)}


def _wrong(name: str, node: ast.Module | Definition, text: str, module: ast.Module) -> Iterator[str]:
    from docstring_parser import parse

    if not text.strip():
        yield "the docstring is empty"
    said = parse(text)
    parts = [said.short_description or "", *(one.description or "" for one in said.meta)]
    for found in filter(None, [_PLACEHOLDER.search(text), *map(_NOTHING.fullmatch, map(str.strip, parts))]):
        yield f"the docstring holds a placeholder, “{found[0]}”"
    if name and _words(text) == _words(re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name.rpartition(".")[2])):
        yield "the docstring says no more than the name"
    if isinstance(node, Function):
        is_method = isinstance(_parent(name, module), ast.ClassDef)
        yield from _of_function(said, text, facts_of(node, module, is_method=is_method))
    elif isinstance(node, ast.ClassDef):
        yield from _of_class(said, node, module)


def _words(text: str) -> list[str]:
    found = (word.lower() for word in re.findall(r"[A-Za-z0-9]+", text.replace("_", " ")))
    return [word.removesuffix("s") for word in found if word not in _EMPTY]


def _parent(name: str, module: ast.Module) -> Definition | None:
    return dict(definitions(module.body)).get(name.rpartition(".")[0])


def _of_function(said: Docstring, text: str, facts: Facts) -> Iterator[str]:
    yield from _parameters(said, facts, frozenset())
    yield from _raises(said, facts)
    yields = any(one.is_generator for one in said.many_returns)
    returns = [one for one in said.many_returns if not one.is_generator]
    says_none = all(
        one.type_name == "None" or (one.description or "").strip(".`") == "None" for one in returns
    )
    says_value = not says_none if returns else _RETURNS.search(text) is not None
    if says_value and not (facts.returns or facts.is_stub):
        yield "a value is said to be returned, and none is" + (", it yields" if facts.yields else "")
    if yields and not (facts.yields or facts.is_stub):
        yield "it is said to yield, and is no generator"


def _of_class(said: Docstring, node: ast.ClassDef, module: ast.Module) -> Iterator[str]:
    """Hold a class to what its `__init__` takes, or to its attributes."""
    attributes = {
        n.target.id for n in node.body if isinstance(n, ast.AnnAssign) and isinstance(n.target, ast.Name)
    }
    attributes |= {
        n.attr
        for n in ast.walk(node)
        if isinstance(n, ast.Attribute) and isinstance(n.ctx, ast.Store) and isinstance(n.value, ast.Name)
    }
    made = next((n for n in node.body if isinstance(n, Function) and n.name == "__init__"), None)
    facts = facts_of(made, module, is_method=True) if made is not None else Facts((), (), False, False, True)
    if made is not None or not node.bases:  # what a base takes is not known here
        yield from _parameters(said, facts, attributes)
    if made is not None:
        yield from _raises(said, facts)


def _parameters(said: Docstring, facts: Facts, beside: Collection[str]) -> Iterator[str]:
    sections = [one for one in said.params if one.args and one.args[0] != "attribute"]
    names = [n.strip().lstrip("\\*") for one in sections for n in one.arg_name.replace("\\", "").split(",")]
    known = {*facts.parameters, *facts.starred}
    for name in names:
        if name.isidentifier() and name not in known and name not in beside:  # else it is prose
            yield f"there is no parameter `{name}`"
    for name in facts.parameters if sections else ():
        if name not in names and not name.startswith("_"):
            yield f"the parameter `{name}` is not described beside the others"


def _raises(said: Docstring, facts: Facts) -> Iterator[str]:
    for one in said.raises:
        for name in re.split(r"\s*(?:,|\bor\b)\s*", one.type_name or ""):
            last = name.strip("`~: ").rpartition(".")[2]
            if last and last not in facts.raises and not facts.is_stub:
                yield f"`{last}` is said to be raised, and nothing here raises it"
