"""The project's own modules, as the result has them: flat, under `src/`, or beside the importing file."""

from __future__ import annotations

import posixpath
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from codegate.workspace import Workspace

_SOURCES: Final = (".py", ".pyi", ".pyx")
_COMPILED: Final = (".so", ".pyd")
# From what else a module may be built.
_BUILT: Final = (
    ".c", ".cc", ".cpp", ".cxx", ".rs", ".f", ".f90", ".pxd", ".proto", ".in", ".tmpl", ".j2", ".mako",
)  # fmt: skip
_PROTOBUF: Final = re.compile(r"_pb2(_grpc)?$")
# What can give a module names, or modules below it, that no text of it holds.
_DYNAMIC: Final = re.compile(
    rb"import \*|__getattr__|__path__|globals\(\)|locals\(\)|vars\(\)|sys\.modules|exec\(|setattr|__dict__"
    rb"|lazy|meta_path"
)
_WORD: Final = re.compile(rb"[A-Za-z_][A-Za-z0-9_]*")
_SOURCE_FOLDERS: Final = ("src", "lib", "python", "source")
_PROJECT: Final = ("pyproject.toml", "setup.py", "setup.cfg")
_MAX_READ: Final = 5_000_000


@dataclass(frozen=True, slots=True)
class Place:
    """Where a module may be: its path without a suffix, or a package's folder.

    `is_sure` says that it is below where projects have their packages; elsewhere a folder may just be called
    like a dependency.
    """

    path: str
    is_sure: bool


class Own:
    """The modules of the result's tree.

    A folder that is no package itself may be one that Python looks into. What the tree lacks may still stand
    in the user's checkout, built or generated: it is looked for there too.
    """

    def __init__(self, workspace: Workspace, files: Iterable[str], read: Mapping[str, bytes]) -> None:
        self._workspace = workspace
        changes = workspace.candidate.changes
        self._gone = {change.path for change in changes if change.is_deletion}
        self._files = ({*files} | {change.path for change in changes}) - self._gone
        self._read = dict(read)

    @classmethod
    def whole(cls, workspace: Workspace) -> Own:
        """Return all that the project has. Costs what the repository's size costs."""
        return cls(workspace, workspace.base_files(), {})

    @classmethod
    def near(cls, workspace: Workspace, wanted: Iterable[tuple[str, str, Iterable[str]]]) -> Own:
        """Return what the project has where modules usually are, of those that are asked for.

        `wanted` is the importing file, the module, and names of it. Costs the same in any repository.
        """
        likely = {path for asked in wanted for path in _likely(*asked)}
        found = workspace.base_blobs(sorted(likely))
        return cls(workspace, found, found)

    def places(self, path: str, module: str) -> list[Place]:
        """Return where `module`, imported by the file at `path`, may be: its first part is there."""
        folder = posixpath.dirname(path)
        if module.startswith("."):
            name = module.lstrip(".")
            for _ in range(len(module) - len(name) - 1):
                if not folder:
                    return []
                folder = posixpath.dirname(folder)
            return [Place(_join(folder, *name.split(".")), True)]
        top, *below = module.split(".")
        return [
            Place(_join(root, top, *below), self._is_source(root))
            for root in sorted(self._tops.get(top, ()))
            if root == folder or _join(root, "__init__.py") not in self._files
        ]

    def read(self, places: Iterable[Place]) -> None:
        """Read the sources of modules, all at once: each by itself would take a process."""
        wanted = {path for place in places for path in self._sources(place.path)}
        self._read |= self._workspace.base_blobs(sorted(wanted))

    def has(self, place: Place) -> bool:
        """Say whether a module or package is there, or could be for all that can be told."""
        if self._is_there(place.path):
            return True
        above = posixpath.dirname(place.path)
        return bool(above) and any(_DYNAMIC.search(text) for text in self._texts(above))

    def holds(self, place: Place, name: str) -> bool:
        """Say whether a module that is there has that name, or could have."""
        below = _join(place.path, name)
        if name.startswith("__") or not name.isascii() or below in self._modules:
            return True
        texts = self._texts(place.path)
        word = re.compile(rb"(?<![\w.])" + re.escape(name.encode()) + rb"(?!\w)")
        if any(word.search(text) or _DYNAMIC.search(text) for text in texts):
            return True
        # Without a text it is built, or a folder of modules.
        return self._is_there(below) or (not texts and place.path not in self._folders)

    def words(self, place: Place) -> set[str]:
        """Return the words in a module, and the names of the modules below it."""
        found = {word.decode() for text in self._texts(place.path) for word in _WORD.findall(text)}
        return found | set(self.neighbours(Place(_join(place.path, "any"), place.is_sure)))

    def tops(self) -> Iterator[str]:
        """Yield all names by which a module could be imported."""
        return iter(self._tops)

    def neighbours(self, place: Place) -> list[str]:
        """Return the names of the modules that stand where this one should."""
        folder = posixpath.dirname(place.path)
        return sorted(posixpath.basename(p) for p in self._modules if posixpath.dirname(p) == folder)

    def _is_source(self, root: str) -> bool:
        marks = (_join(root, mark) for mark in _PROJECT)
        return not root or posixpath.basename(root) in _SOURCE_FOLDERS or any(m in self._files for m in marks)

    def _is_there(self, path: str) -> bool:
        return path in self._modules or _PROTOBUF.sub("", path) in self._built or self._on_disk(path)

    def _sources(self, place: str) -> list[str]:
        stems = (place, _join(place, "__init__"))
        return [path for stem in stems for suffix in _SOURCES if (path := stem + suffix) in self._files]

    def _texts(self, place: str) -> list[bytes]:
        return [self._text(path) for path in self._sources(place)]

    def _text(self, path: str) -> bytes:
        changed = self._workspace.after(path)
        if changed is not None:
            return changed
        if path not in self._read:
            self._read |= self._workspace.base_blobs([path])
        return self._read.get(path, b"") + self._disk_text(path)

    def _on_disk(self, place: str) -> bool:
        if any(path.startswith((f"{place}.", f"{place}/")) for path in self._gone):
            return False
        at = self._workspace.root / place
        try:
            return at.is_dir() or any(at.parent.glob(f"{at.name}.*"))
        except (OSError, ValueError):
            return False

    def _disk_text(self, path: str) -> bytes:
        """Return what the user's checkout has there: a text that is not committed yet."""
        at = self._workspace.root / path
        try:
            if not at.is_file():
                return b""
            with at.open("rb") as file:
                return file.read(_MAX_READ)
        except (OSError, ValueError):
            return b""

    @cached_property
    def _modules(self) -> set[str]:
        return {_stem(p) for p in self._files if p.endswith((*_SOURCES, *_COMPILED))} | self._folders

    @cached_property
    def _built(self) -> set[str]:
        return {_stem(p) for p in self._files if p.endswith(_BUILT)}

    @cached_property
    def _folders(self) -> set[str]:
        """All folders with a module somewhere below them."""
        found: set[str] = set()
        for path in self._files:
            if path.endswith((*_SOURCES, *_COMPILED)):
                while (path := posixpath.dirname(path)) and path not in found:
                    found.add(path)
        return found

    @cached_property
    def _tops(self) -> dict[str, set[str]]:
        """For each name the folders in which a module or package of that name stands."""
        found: dict[str, set[str]] = defaultdict(set)
        for place in self._modules:
            found[posixpath.basename(place)].add(posixpath.dirname(place))
        return found


def _likely(path: str, module: str, names: Iterable[str]) -> Iterator[str]:
    """Yield where a module and its names' modules usually are: at the top, in `src`, or beside the file."""
    folder = posixpath.dirname(path)
    roots: Iterable[str] = dict.fromkeys(("", "src", folder))
    stripped = module.lstrip(".")
    if module != stripped:
        parents = len(module) - len(stripped) - 1
        roots = ["/".join(folder.split("/")[: -parents or None])] if parents <= folder.count("/") + 1 else []
    for root in roots:
        place = _join(root, *stripped.split("."))
        for each in (_join(root, stripped.partition(".")[0]), place, *(_join(place, name) for name in names)):
            yield from (f"{each}.py", _join(each, "__init__.py"))


def _stem(path: str) -> str:
    folder, name = posixpath.split(path)
    return _join(folder, name.partition(".")[0])


def _join(*parts: str) -> str:
    return "/".join(part for part in parts if part)
