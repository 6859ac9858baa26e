"""Calls of `os` and `os.path` said by `pathlib`, where both come to the same."""

from __future__ import annotations

import ast
from typing import Final

# What asks a path something, or does something to it, and how a Path says it.
_METHODS: Final = {
    "os.path.exists": "exists", "os.path.isfile": "is_file", "os.path.isdir": "is_dir",
    "os.path.islink": "is_symlink", "os.remove": "unlink", "os.unlink": "unlink", "os.rmdir": "rmdir",
    "os.mkdir": "mkdir", "os.rename": "rename", "os.replace": "replace", "os.chmod": "chmod",
    "os.stat": "stat", "os.lstat": "lstat",
}  # fmt: skip
_STATS: Final = {
    "os.path.getsize": "st_size", "os.path.getmtime": "st_mtime", "os.path.getatime": "st_atime",
    "os.path.getctime": "st_ctime",
}  # fmt: skip
_TEXTS: Final = ("os.path.join", "os.path.expanduser")


def by_pathlib(code: str) -> str:
    """Return an expression said by `pathlib`, with all that is in it; "" where nothing is.

    What gave a text gives a text still. Left as they are: `dirname`, `basename`, `abspath` and `splitext`,
    which a Path tells otherwise for some texts (no directory, a slash at the end, `..`), and calls with
    descriptors or keywords that a Path has not.
    """
    try:
        tree = ast.parse(code, mode="eval")
    except (SyntaxError, ValueError, RecursionError):
        return ""
    before = ast.unparse(tree)
    after = ast.unparse(_Pathways().visit(tree))
    return "" if after == before else after


class _Pathways(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        name = ast.unparse(node.func)
        plain = not any(isinstance(a, ast.Starred) for a in node.args)
        if name in _TEXTS and node.args and plain and not node.keywords:
            return ast.Call(ast.Name("str"), [_path_of(self, node)], [])
        if (
            name in _METHODS
            and node.args
            and plain
            and not _has(node, "dir_fd", "src_dir_fd", "follow_symlinks")
        ):
            return _method(self, node, _METHODS[name])
        if name in _STATS and len(node.args) == 1 and plain:
            return ast.Attribute(_method(self, node, "stat"), _STATS[name])
        if name == "os.makedirs" and node.args and plain:
            made = _method(self, node, "mkdir")
            made.keywords.insert(0, ast.keyword("parents", ast.Constant(True)))
            return made if len(node.args) == 1 else self.generic_visit(node)
        if name == "os.listdir" and len(node.args) == 1 and plain:
            entries = ast.comprehension(ast.Name("entry"), _method(self, node, "iterdir"), [], 0)
            return ast.ListComp(ast.Attribute(ast.Name("entry"), "name"), [entries])
        if name == "open" and node.args and _is_joined(node.args[0]):
            inner = node.args[0]
            assert isinstance(inner, ast.Call)
            rest = [self.visit(a) for a in node.args[1:]]
            return ast.Call(node.func, [_path_of(self, inner), *rest], [self.visit(k) for k in node.keywords])
        return self.generic_visit(node)


def _has(node: ast.Call, *names: str) -> bool:
    return any(k.arg in names or k.arg is None for k in node.keywords)


def _is_joined(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and ast.unparse(node.func) in _TEXTS and not node.keywords


def _path_of(way: _Pathways, node: ast.expr) -> ast.expr:
    """Return a Path for what is a text of a path."""
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "os.path.join" and not node.keywords:
        return ast.Call(ast.Name("Path"), [_bare(way, a) for a in node.args], [])
    if isinstance(node, ast.Call) and ast.unparse(node.func) == "os.path.expanduser" and len(node.args) == 1:
        return ast.Call(ast.Attribute(_path_of(way, node.args[0]), "expanduser"), [], [])
    return ast.Call(ast.Name("Path"), [way.visit(node)], [])


def _bare(way: _Pathways, node: ast.expr) -> ast.expr:
    """Return a part of a path, which may be a Path itself."""
    visited: ast.expr = way.visit(node)
    is_text = isinstance(visited, ast.Call) and ast.unparse(visited.func) == "str" and _is_joined(node)
    return visited.args[0] if is_text and isinstance(visited, ast.Call) else visited


def _method(way: _Pathways, node: ast.Call, name: str) -> ast.Call:
    first, *rest = node.args
    called = ast.Attribute(_path_of(way, first), name)
    return ast.Call(called, [way.visit(a) for a in rest], [way.visit(k) for k in node.keywords])
