"""Does every new import name something real and declared?

It must be the standard library's, the project's own, declared or locked by the base, or imported by the base
already. Nothing is imported to be asked. What is none of these is an error from a model and a warning from a
person; where the code goes on without it, as in a `try`, it is a warning from both.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import TYPE_CHECKING, Final

from codegate.core import Change, Finding, Severity
from codegate.gates import conclude
from codegate.gates.imports import standard
from codegate.gates.imports.declared import USUAL, declared, dependency_files, is_declaring
from codegate.gates.imports.installed import Installed
from codegate.gates.imports.javascript import judge_scripts
from codegate.gates.imports.known import (
    BRINGS,
    DECLARE,
    POPULAR,
    bringers,
    brought_by,
    canonical,
    is_known,
    known_to_bring,
    nearest,
)
from codegate.gates.imports.own import Own, Place
from codegate.gates.imports.statements import Import, imports_of, keeps_imports
from codegate.source import language_of

if TYPE_CHECKING:
    from codegate.core import Verdict
    from codegate.gates import Rules
    from codegate.source import Language
    from codegate.workspace import Workspace

# As the gate `syntax`: the worst text of this size takes 6 s to parse.
MAX_FILE: Final = 2_000_000
MAX_TOTAL: Final = 20_000_000
# What the file that Python, a tool or a build starts may import without a word.
_IMPLIED: Final = {
    "setup.py": {"setuptools", "pkg_resources"},
    "noxfile.py": {"nox"},
    "tasks.py": {"invoke"},
    "conf.py": {"sphinx"},
}
_TEST: Final = re.compile(r"(^|/)(tests?/|test_[^/]*$|conftest\.py$|[^/]*_test\.py$)")
_MOST_NAMED: Final = 10
_MOST_FINDINGS: Final = 100
_MOST_IMPORTS: Final = 10_000
_MOST_SEARCHES: Final = 30
_LONGEST: Final = 200
_FEW: Final = 200
_MISSPELT: Final = 0.85  # two letters changed places in a name of eight


class Imports:
    """The gate `imports`."""

    name = "imports"

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict:
        files, findings = _files(workspace, rules)
        new = [
            (path, found)
            for path, language, before, after in files
            for found in _new(path, language, before, after)
        ]
        findings += _Project(workspace, rules).judge(new)
        scripts, wrong = judge_scripts(workspace, rules)
        count = len(new) + scripts
        summary = f"{count or 'no'} new import{'' if count == 1 else 's'} beyond the standard library"
        return conclude(self.name, [*findings, *wrong], summary)


_File = tuple[str, "Language", bytes | None, bytes]


def _files(workspace: Workspace, rules: Rules) -> tuple[list[_File], list[Finding]]:
    """Return the changed Python files, and a finding for each that is too large to be judged."""
    files: list[_File] = []
    findings: list[Finding] = []
    total = 0
    for change in workspace.candidate.changes:
        after = workspace.after(change.path)
        language = language_of(change.path, after or b"")
        if after is None or not _is_python(change, language):
            continue
        total += len(after)
        if len(after) > MAX_FILE or total > MAX_TOTAL:
            message = (
                f"not judged: {len(after):,} bytes, where a file may have {MAX_FILE:,}, all {MAX_TOTAL:,}"
            )
            findings.append(Finding("imports/size", rules.by_hand, message, change.path, hint="Split it."))
        elif language is not None:
            files.append((change.path, language, workspace.before(change.path), after))
    return files, findings


def _is_python(change: Change, language: Language | None) -> bool:
    return language is not None and language.name == "python" and change.new_mode.startswith("100")


def _new(path: str, language: Language, before: bytes | None, after: bytes) -> Iterator[Import]:
    """Yield what a file imports that it did not before, each module and each name of it once.

    What the standard library has is passed over: most imports are that, and the base is then not read.
    """
    if before and keeps_imports(path, before, after):
        return
    found = [one for one in imports_of(language, path, after) if not standard.has_module(one.module)]
    old = imports_of(language, path, before) if found and before and len(before) <= MAX_FILE else []
    known = {(i.module, name) for i in old for name in (None, *(i.names or ()))}
    for new in sorted(found, key=lambda i: i.optional):  # one that may fail must not hide one that may not
        names = None if new.names is None else tuple(n for n in new.names if (new.module, n) not in known)
        if (new.module, None) not in known or names:
            yield Import(new.module, names, new.line, new.column, new.optional)
        known.update((new.module, name) for name in (None, *(new.names or ())))


class _Project:
    """What one candidate's imports are judged by. Each part is read when the first import needs it."""

    def __init__(self, workspace: Workspace, rules: Rules) -> None:
        self._workspace = workspace
        self._rules = rules
        self._imported: dict[str, bool] = {}

    def judge(self, new: list[tuple[str, Import]]) -> Iterator[Finding]:
        """Yield what is wrong with the new imports of some files, until it is too much to read."""
        # So that most changes cost the same in any repository.
        asked = self._without_obvious(new) if len(new) <= _FEW else new
        if asked:
            self._own.read(place for path, one in asked if one.names for place in self._places(path, one))
        found = (finding for path, one in asked[:_MOST_IMPORTS] for finding in self._one(path, one))
        told = list(islice(found, _MOST_FINDINGS))
        yield from told
        if len(told) == _MOST_FINDINGS or len(asked) > _MOST_IMPORTS:
            message = "not judged any further: too many new imports that nothing declares"
            yield Finding("imports/more", self._rules.by_hand, message, hint="Split the diff.")
        yield from self._declarations()

    def _without_obvious(self, asked: list[tuple[str, Import]]) -> list[tuple[str, Import]]:
        """Return the imports but for those of what is where it usually is, or declared where most do."""
        short = [(path, one) for path, one in asked if len(one.module) <= _LONGEST]
        own = Own.near(self._workspace, [(path, one.module, one.names or ()) for path, one in short])
        said = self._workspace.base_blobs(USUAL)
        usual = declared(said, said.get)
        obvious = set()
        for path, one in short:
            names, places = one.names or (), own.places(path, one.module)
            found = any(own.has(place) and all(own.holds(place, n) for n in names) for place in places)
            if found or (not places and bringers(one.module, names) & usual):
                obvious.add((path, one))
        return [pair for pair in asked if pair not in obvious]

    def _one(self, path: str, new: Import) -> Iterator[Finding]:
        places = self._places(path, new)
        if len(new.module) > _LONGEST:
            yield self._finding("unknown", path, new, "no module has a name as long as this", "")
        elif new.module.startswith(".") or any(place.is_sure for place in places):
            yield from self._within(path, new, places)
        elif self._is_foreign(path, new):
            return
        elif places:
            yield from self._within(path, new, places)
        elif standard.is_standard(new.top):
            message = f"the standard library has no module `{new.module}`"
            hint = nearest(new.module, standard.submodules(new.top))
            yield self._finding("missing", path, new, message, hint)
        else:
            yield self._undeclared(path, new)

    def _places(self, path: str, new: Import) -> list[Place]:
        return self._own.places(path, new.module) if len(new.module) <= _LONGEST else []

    def _declarations(self) -> Iterator[Finding]:
        """Yield a note for each file that declares what the base does not, and what of it looks misspelt."""
        for path in sorted(c.path for c in self._workspace.candidate.changes if is_declaring(c.path)):
            if new := sorted(declared([path], self._workspace.after) - self._declared):
                more = f" and {len(new) - _MOST_NAMED} more" if len(new) > _MOST_NAMED else ""
                message = f"this declares new dependencies: {', '.join(new[:_MOST_NAMED])}{more}"
                yield Finding("imports/dependency", Severity.NOTE, message, path)
                yield from self._lookalikes(path, new)

    def _lookalikes(self, path: str, new: list[str]) -> Iterator[Finding]:
        real = {canonical(name) for names in BRINGS.values() for name in names} | set(map(canonical, POPULAR))
        for name in new:
            if name not in real and (near := nearest(name, real, _MISSPELT)):
                message = f"`{name}` is called nearly as a package that many use"
                yield Finding("imports/lookalike", self._rules.by_hand, message, path, hint=near)

    def _within(self, path: str, new: Import, places: list[Place]) -> Iterator[Finding]:
        """Yield what the project's own modules lack of an import."""
        there = [place for place in places if self._own.has(place)]
        if not there:
            beyond = bringers(new.module, new.names or ()) - bringers(new.top)
            if not beyond & self._declared and not self._is_imported(new.module):
                leads = "is no module of the project" if places else "leads out of the project"
                near = [name for place in places for name in self._own.neighbours(place)]
                hint = nearest(new.module.rpartition(".")[2], near)
                yield self._finding("missing", path, new, f"`{new.module}` {leads}", hint)
            return
        for name in new.names or ():
            if not any(self._own.holds(place, name) for place in there):
                words = [word for place in there for word in self._own.words(place)]
                message = f"`{new.module}` has no `{name}`, neither a name nor a module"
                yield self._finding("name", path, new, message, nearest(name, words))

    def _is_foreign(self, path: str, new: Import) -> bool:
        """Say whether a module is one that the project has from elsewhere already, for all it says."""
        name = posixpath.basename(path)
        if new.top in _IMPLIED.get(name, ()) or (canonical(new.top) == "pytest" and _TEST.search(path)):
            return True
        by = bringers(new.module, new.names or ()) | (self._installed.owners(new.module) or set())
        # What is said to be below the standard library is not there because the base has the rest of it.
        known = new.module if standard.is_standard(new.top) else new.top
        return bool(by & self._declared) or self._is_imported(known)

    def _undeclared(self, path: str, new: Import) -> Finding:
        owners = self._installed.owners(new.module)
        if owners is None and not is_known(new.module) and not bringers(new.module) & self._declared_now:
            message = f"`{new.top}` is neither declared nor installed: it may be invented"
            meant = brought_by(new.top)
            hint = f"Did you mean `{meant}`?" if meant else nearest(new.top, self._real())
            return self._finding("unknown", path, new, message, hint or DECLARE)
        usual = known_to_bring(new.module)
        what = f" (`{min(owners)}`, which is installed)" if owners else f" (`{usual}`)" if usual else ""
        message = f"`{new.top}`{what} is a new dependency: the base does not declare it"
        return self._finding("undeclared", path, new, message, DECLARE)

    def _finding(self, rule: str, path: str, new: Import, message: str, hint: str) -> Finding:
        severity = Severity.WARNING if new.optional else self._rules.by_hand
        return Finding(f"imports/{rule}", severity, message, path, new.line, new.column, hint)

    def _real(self) -> Iterator[str]:
        """Yield the modules that could have been meant."""
        yield from (*standard.STANDARD, *BRINGS, *POPULAR, *self._own.tops(), *self._installed.tops())
        yield from (name.replace("-", "_") for name in self._declared)

    def _is_imported(self, module: str) -> bool:
        """Say whether a Python file of the base imports it already. Costs a search of the whole base."""
        if module not in self._imported and len(self._imported) < _MOST_SEARCHES:
            begin = r"^[[:space:]]*(from|import)[[:space:]]+([[:alnum:]_., ]+,[[:space:]]*)?"
            pattern = f"{begin}{module.replace('.', '[.]')}([^[:alnum:]_]|$)"
            found = self._workspace.base_matches(pattern) if module.isascii() else []
            self._imported[module] = any(path.endswith((".py", ".pyi")) for path in found)
        return self._imported.get(module, False)

    @cached_property
    def _own(self) -> Own:
        return Own.whole(self._workspace)

    @cached_property
    def _installed(self) -> Installed:
        return Installed(self._workspace.root)

    @cached_property
    def _declared(self) -> set[str]:
        return declared(dependency_files(self._workspace.base_files()), self._workspace.base_file)

    @cached_property
    def _declared_now(self) -> set[str]:
        changed = [change.path for change in self._workspace.candidate.changes]
        return declared(dependency_files(changed), self._workspace.after)
