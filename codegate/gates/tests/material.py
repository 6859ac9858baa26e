"""What tests are made of: the files that decide what a suite says beside the code that it tests."""

from __future__ import annotations

import configparser
import tomllib
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, Final

from codegate.gates.weakening.files import test_file_patterns
from codegate.sandbox import Overlay

if TYPE_CHECKING:
    from codegate.workspace import Workspace

# Whoever has one of these has pytest, which knows best what a test is (pytest's reference, "rootdir").
_PYTESTS_OWN: Final = ("pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "conftest.py")
_CONFIGURING: Final = {
    "pyproject.toml": b"tool.pytest",
    "tox.ini": b"[pytest]",
    "setup.cfg": b"[tool:pytest]",
}
_STEERING: Final = (*_PYTESTS_OWN, "sitecustomize.py", "usercustomize.py", "*.pth")
_METADATA: Final = ("*.egg-info", "*.dist-info")  # they name plug-ins: entry points
# By the habits of pytest, unittest, Go, JavaScript, Java, Ruby, PHP and C#.
_TESTS: Final = (
    "test_*", "*_test.*", "test.py", "tests.py", "*.test.*", "*.spec.*", "*_spec.rb", "*Test.java",
    "*Tests.java", "*Test.php", "*Tests.cs",
)  # fmt: skip
_FOLDERS: Final = frozenset(["tests", "test", "__tests__", "__snapshots__", "spec"])
_MAKEFILES: Final = ("Makefile", "makefile", "GNUmakefile")


def has_tests(workspace: Workspace) -> bool:
    """Say whether the base or the change may have tests: a file named like one, or a word about pytest."""
    changed = [change.path for change in workspace.candidate.changes if not change.is_deletion]
    paths = [*changed, *workspace.base_files()]
    if any(_is_python_test(path) or path.rpartition("/")[2] in _PYTESTS_OWN for path in paths):
        return True
    return any(
        said in (workspace.base_file(path) or b"")
        for name, said in _CONFIGURING.items()
        for path in workspace.base_paths([name])
    )


def changed_material(workspace: Workspace, tests: Iterable[str], command: Sequence[str]) -> frozenset[str]:
    """Return the changed paths that the base's tests are made of, or that would be loaded with them.

    `tests` are the base's tests by node id. Where these lie in a folder for tests, all in there belongs to
    them, data too; where none is known, any such folder does. A file of configuration belongs to them if its
    part about pytest changed.
    """
    files, patterns = _files(tests), test_file_patterns(workspace)
    folders = {folder for path in files if (folder := _folder(path))}
    return frozenset(
        change.path
        for change in workspace.candidate.changes
        if change.path in files
        or _is_named_so(change.path, command)
        or any(fnmatchcase(change.path.rpartition("/")[2], p.rpartition("/")[2]) for p in patterns)
        or (_folder(change.path) in folders if files else _folder(change.path) is not None)
        or _reconfigures(workspace, change.path)
    )


def folders_of_tests(workspace: Workspace) -> frozenset[str]:
    """Return the folders of the result that pytest puts on the path: those of tests that are no packages."""
    patterns = test_file_patterns(workspace)
    folders = {
        path.rpartition("/")[0]
        for path in (*workspace.base_files(), *(c.path for c in workspace.candidate.changes))
        if any(fnmatchcase(path.rpartition("/")[2], p.rpartition("/")[2]) for p in (*patterns, "conftest.py"))
    }
    return frozenset(folder for folder in folders if "__init__.py" not in workspace.names(folder))


def restored(overlay: Overlay, base: Overlay, paths: Iterable[str]) -> Overlay:
    """Return `overlay` with these paths as `base` has them. Both are laid over the same checkout."""
    files, deletions = dict(overlay.files), set(overlay.deletions)
    for path in paths:
        files.pop(path, None)
        deletions.discard(path)
        if path in base.files:
            files[path] = base.files[path]
        elif path in base.deletions:
            deletions.add(path)
    return Overlay(overlay.root, files, tuple(sorted(deletions)))


def _files(tests: Iterable[str]) -> set[str]:
    """Return the files of tests, without code that has tests in its docstrings only: it is what is tested."""
    found = set()
    for test in tests:
        path, _, rest = test.partition("::")
        module = path.removesuffix(".py").replace("/", ".")
        doctest = path.endswith(".py") and any(
            rest == name or rest.startswith(f"{name}.") for name in _endings(module)
        )
        if not doctest:
            found.add(path)
    return found


def _endings(module: str) -> list[str]:
    parts = module.removesuffix(".__init__").split(".")
    return [".".join(parts[start:]) for start in range(len(parts))]


def _folder(path: str) -> str | None:
    """Return the outermost folder for tests that a path lies in."""
    *folders, _ = path.split("/")
    for depth, name in enumerate(folders, 1):
        if name in _FOLDERS:
            return "/".join(folders[:depth])
    return None


def _is_named_so(path: str, command: Sequence[str]) -> bool:
    *folders, name = path.split("/")
    if any(fnmatchcase(folder, pattern) for folder in folders for pattern in _METADATA):
        return True
    made = command[0].rpartition("/")[2] in ("make", "gmake") and not folders and name in _MAKEFILES
    return made or path in command or any(fnmatchcase(name, p) for p in (*_TESTS, *_STEERING))


def _is_python_test(path: str) -> bool:
    *folders, name = path.split("/")
    named = name.startswith("test") or name.endswith("_test.py") or "tests" in folders or "test" in folders
    return named and name.endswith(".py")


def _reconfigures(workspace: Workspace, path: str) -> bool:
    """Say whether the change gives pytest another configuration in a file that other tools share."""
    if path not in _CONFIGURING:
        return False
    before, after = workspace.before(path), workspace.after(path)
    try:
        return bool(_of_pytest(path, before) != _of_pytest(path, after))
    except (ValueError, configparser.Error, RecursionError):  # nobody can tell
        return True


def _of_pytest(path: str, data: bytes | None) -> Any:
    text = (data or b"").decode("utf-8")
    if path.endswith(".toml"):
        return tomllib.loads(text).get("tool", {}).get("pytest")
    parser = configparser.RawConfigParser(strict=False)
    parser.read_string(text)
    return {s: dict(parser[s]) for s in ("pytest", "tool:pytest") if parser.has_section(s)}
