"""Which packages and files a changed script newly imports, in JavaScript or TypeScript, that are not there.

A package must be Node's own, stand in a package.json of the base, or be imported by the base already; a file
must be in the result. What a bundler may take for something else (`@/x`, `#x`, `virtual:x`) is not judged.
"""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final

from codegate.core import Finding
from codegate.gates.imports.known import DECLARE, nearest
from codegate.source import language_of, parse

if TYPE_CHECKING:
    import tree_sitter

    from codegate.gates import Rules
    from codegate.source import Language
    from codegate.workspace import Workspace

LANGUAGES: Final = ("javascript", "typescript", "tsx")
_MANIFEST: Final = "package.json"
_MAX_FILE: Final = 2_000_000
_MOST: Final = 200
_ALIKE: Final = 0.75
# Node 24's `module.builtinModules`, without those that only `node:` reaches.
_NODE: Final = frozenset(
    (
        "assert", "async_hooks", "buffer", "child_process", "cluster", "console", "constants",
        "crypto", "dgram", "diagnostics_channel", "dns", "domain", "events", "fs", "http", "http2",
        "https", "inspector", "module", "net", "os", "path", "perf_hooks", "process", "punycode",
        "querystring", "readline", "repl", "stream", "string_decoder", "sys", "timers", "tls",
        "trace_events", "tty", "url", "util", "v8", "vm", "wasi", "worker_threads", "zlib",
    )
)  # fmt: skip
# As npm takes them (validate-npm-package-name); old ones may have capitals.
_PACKAGE: Final = re.compile(r"(@[A-Za-z0-9-][\w.~-]*/)?[A-Za-z0-9][\w.~-]*")
_TABLES: Final = ("dependencies", "devDependencies", "peerDependencies", "optionalDependencies", "imports")
_ENDINGS: Final = (
    "",
    ".js",
    ".mjs",
    ".cjs",
    ".jsx",
    ".ts",
    ".mts",
    ".cts",
    ".tsx",
    ".d.ts",
    ".json",
    ".node",
)
# TypeScript names the file that will be: `./a.js` stands for a.ts.
_COMPILED: Final = re.compile(r"\.([cm]?)js(x?)$")
_ASKING: Final = re.compile(rb"\b(import|require|from)\b")
_SCRIPTS: Final = (".js", ".mjs", ".cjs", ".jsx", ".ts", ".mts", ".cts", ".tsx", ".vue", ".svelte")


@dataclass(frozen=True, slots=True)
class _Import:
    module: str
    line: int
    column: int


def judge_scripts(workspace: Workspace, rules: Rules) -> tuple[int, list[Finding]]:
    """Return how many imports are new in scripts, and what is wrong with them."""
    new = [
        (change.path, found)
        for change in workspace.candidate.changes
        for found in _new(workspace, change.path)
    ]
    project = _Project(workspace)
    said = (_judge(project, path, found, rules) for path, found in new[:_MOST])
    return len(new), [finding for finding in said if finding is not None]


def _judge(project: _Project, path: str, new: _Import, rules: Rules) -> Finding | None:
    def finding(rule: str, message: str, hint: str) -> Finding:
        return Finding(f"imports/{rule}", rules.by_hand, message, path, new.line, new.column, hint)

    module = new.module.partition("?")[0]
    if module.startswith("."):
        there, near = project.has_file(path, module)
        return (
            None
            if there
            else finding(
                "missing", f"there is no file `{module}` in the result", nearest(module, near, _ALIKE)
            )
        )
    found = _PACKAGE.match(module)
    if (
        found is None
        or module[found.end() :][:1] not in ("", "/")
        or found[0] in _NODE
        or not project.manifests
    ):
        return None
    if found[0] in project.declared or project.imports(found[0]):
        return None
    message = f"`{found[0]}` stands in no package.json of the base: it may be invented"
    return finding("unknown", message, nearest(found[0], project.declared, _ALIKE) or DECLARE)


class _Project:
    """What a script of the result can import. Each part is read when the first import needs it."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._imported: dict[str, bool] = {}

    def has_file(self, path: str, module: str) -> tuple[bool, set[str]]:
        """Say whether a relative import leads to a file or folder of the result, and what stands there."""
        place = posixpath.normpath(posixpath.join(posixpath.dirname(path), module))
        folder, name = posixpath.split(place)
        if place == ".":
            return True, set()
        if place.startswith(".."):
            return False, set()
        names = self._workspace.names(folder)
        near = {f"{module.rpartition('/')[0]}/{posixpath.splitext(other)[0]}" for other in names}
        source = _COMPILED.sub(r".\1ts\2", name)
        return any(stem + ending in names for stem in (name, source) for ending in _ENDINGS), near

    def imports(self, package: str) -> bool:
        """Say whether a script of the base names this package already. Costs a search of the whole base."""
        if package not in self._imported:
            found = self._workspace.base_matches("['\"]" + re.escape(package).replace("/", "[/]") + "['\"/]")
            self._imported[package] = any(path.endswith(_SCRIPTS) for path in found)
        return self._imported[package]

    @cached_property
    def manifests(self) -> list[dict[str, Any]]:
        paths = self._workspace.base_paths([_MANIFEST])
        documents = (_document(data) for data in self._workspace.base_blobs(paths[:_MOST]).values())
        return [document for document in documents if isinstance(document, dict)]

    @cached_property
    def declared(self) -> set[str]:
        """Return the packages that the base declares, and those that it consists of."""
        tables = [
            table for doc in self.manifests for key in _TABLES if isinstance(table := doc.get(key), dict)
        ]
        names = {name for table in tables for name in table}
        typed = {
            name.removeprefix("@types/").replace("__", "/") for name in names if name.startswith("@types/")
        }
        scoped = {f"@{name}" for name in typed if "/" in name}
        return (
            names
            | typed
            | scoped
            | {name for doc in self.manifests if isinstance(name := doc.get("name"), str)}
        )


def _document(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError):
        return None


def _new(workspace: Workspace, path: str) -> Iterator[_Import]:
    before, after = workspace.before(path) or b"", workspace.after(path)
    language = language_of(path, after or b"")
    if after is None or language is None or language.name not in LANGUAGES or len(after) > _MAX_FILE:
        return  # the gate `syntax` tells what is too large
    known = {found.module for found in _imports(language, before)} if len(before) <= _MAX_FILE else set()
    for found in _imports(language, after):
        if found.module not in known:
            yield found


def _imports(language: Language, data: bytes) -> Iterator[_Import]:
    """Yield what is imported by a statement, re-exported, or asked for by `require` or `import()`."""
    waiting = [parse(language, data).root_node] if _ASKING.search(data) else []
    while waiting:
        node = waiting.pop()
        source = node.child_by_field_name("source") or _required(node)
        if source is not None and source.type == "string":
            text = (source.text or b"")[1:-1].decode("utf-8", "replace")
            yield _Import(text, source.start_point.row + 1, source.start_point.column + 1)
        waiting.extend(node.named_children)


def _required(node: tree_sitter.Node) -> tree_sitter.Node | None:
    if node.type != "call_expression":
        return None
    called, given = node.child_by_field_name("function"), node.child_by_field_name("arguments")
    if called is None or given is None or called.text not in (b"require", b"import", b"require.resolve"):
        return None
    return given.named_children[0] if given.named_child_count == 1 else None
