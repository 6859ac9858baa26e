"""The judges: each gate asks one question of a candidate, under the rules of the base commit."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cache
from importlib.metadata import Distribution, EntryPoint, PackageNotFoundError, distribution, entry_points
from itertools import islice
from typing import TYPE_CHECKING, Final, Protocol

from codegate.core import Finding, Origin, Outcome, Scope, Severity, Verdict
from codegate.errors import CodegateError, ConfigError, UsageError
from codegate.gates.weights import refuse_unbending
from codegate.source import language_of
from codegate.source.contract import validate_changes, validate_checks
from codegate.source.grammars import LANGUAGES

if TYPE_CHECKING:
    from codegate.config import Config
    from codegate.workspace import Workspace

GROUP: Final = "codegate.gates"
MAX_FINDINGS: Final = 500
BUILTIN: Final = ("scope", "syntax", "lint", "imports", "secrets", "tests")
# codegate's own too, asked where the base lists them.
OPTIONAL: Final = ("types",)
# Asked where a request names checks, and only there.
CONTRACT: Final = "contract"

# What decides beside codegate's own code: another version may answer otherwise, so it is another rule.
_CHECKERS: Final = (
    "codegate", "ruff", "unidiff", "detect-secrets", "pyyaml", "tree-sitter",
    *sorted({language.distribution for language in LANGUAGES}),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Rules:
    """What a candidate is judged by: the base's configuration, whose hand it is, and the request's scope.

    `sha256` names all of it, with the gates asked and the versions of what they ask
    with. Made by `make_rules`.
    """

    config: Config
    origin: Origin
    scope: Scope
    sha256: str

    @property
    def by_hand(self) -> Severity:
        """How much it weighs to do what a person may and a model may not: a warning, or an error."""
        return Severity.ERROR if self.origin is Origin.MODEL else Severity.WARNING


class Gate(Protocol):
    """One question. A gate is made without arguments, and keeps nothing from one candidate to the next.

    `judge` answers for anything that a diff can hold: a "no" is a Verdict. An exception means that the gate
    could not answer, and makes it a `broken` Verdict; so does the end of the process that it works in, which
    is its own unless it says `is_jailer`: that it runs what it judges in a sandbox, within its own limits.
    """

    @property
    def name(self) -> str: ...

    def judge(self, workspace: Workspace, rules: Rules) -> Verdict: ...


def conclude(gate: str, findings: Iterable[Finding], summary: str, most: int = MAX_FINDINGS) -> Verdict:
    """Return the required gate's Verdict on `findings`: failed if one is an error, else passed.

    Errors come first. Beyond `most` they are only counted: no one reads more, and a report has bounds. Before
    one that is left out stands another of its rule and weight: nothing is passed for want of room.
    """
    weights = list(Severity)
    given = sorted(findings, key=lambda finding: weights.index(finding.severity))
    failed = bool(given) and given[0].severity is Severity.ERROR
    if len(given) > most:
        kept = _cut(given, most)
        note = f"{len(given) - len(kept)} more findings are left out"
        given = [*kept, Finding(f"{gate}/more", Severity.NOTE, note)]
    return Verdict(gate, Outcome.FAILED if failed else Outcome.PASSED, True, summary, tuple(given))


def _cut(given: list[Finding], most: int) -> list[Finding]:
    """Return the first finding of each rule and weight, and of the others as many as there is room for."""
    first = {(f.rule, f.severity): place for place, f in reversed(list(enumerate(given)))}
    heads = set(first.values())
    others = (place for place in range(len(given)) if place not in heads)
    return [given[place] for place in sorted({*heads, *islice(others, max(0, most - len(heads)))})]


def load_gates(config: Config, only: Collection[str] = (), checks: Collection[str] = ()) -> list[Gate]:
    """Return every built-in gate, then those that the base's configuration lists beside them, in its order.

    Where a request names `checks`, the gate that makes them comes last. With `only` just those named are
    loaded; UsageError for a name that none of them has.

    Built-in gates are read from codegate's own distribution alone, so that nothing else installed can stand
    in for one. Raises ConfigError for a listed name that is built in, missing, provided twice, or no gate,
    and for a rule that a base may not weigh.
    """
    refuse_unbending(config)
    entries = [*_builtin(BUILTIN), *_plugins(config), *_builtin((CONTRACT,) if checks else ())]
    if unknown := set(only) - {entry.name for entry in entries}:
        known = ", ".join(entry.name for entry in entries)
        raise UsageError(f"there is no gate “{min(unknown)}”", f"known here: {known}")
    return [_load(entry) for entry in entries if not only or entry.name in only]


def make_rules(config: Config, origin: Origin, scope: Scope, gates: Iterable[Gate], git: str = "") -> Rules:
    """Return the Rules of one run, named by a digest that depends on nothing but what can change a verdict.

    `gates` are those that will be asked; `git` is git's own version. Raises ConfigError for a contract with a
    word or a check that there is not.
    """
    for language in {language_of(target.path) for target in scope.targets or ()}:
        validate_changes(scope.changes, language)
    validate_checks(scope.checks)
    targets = None if scope.targets is None else sorted(str(t) for t in scope.targets)
    versions = {name: _version(name) for name in _CHECKERS}
    plugins = {e.name: [e.value, e.dist.name, e.dist.version] for e in _plugins(config) if e.dist is not None}
    whole = {
        "config": config.sha256,
        "origin": origin,
        "scope": [targets, scope.changes, scope.checks, sorted(str(t) for t in scope.about)],
        "gates": sorted(gate.name for gate in gates),
        "plugins": plugins,
        "versions": versions | {"git": git, "python": sys.version},
    }
    digest = hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()
    return Rules(config, origin, scope, digest)


def _builtin(names: tuple[str, ...]) -> list[EntryPoint]:
    declared = {e.name: e for e in _own().entry_points if e.group == GROUP} if names else {}
    if missing := [name for name in names if name not in declared]:
        raise _broken_installation(f"does not declare its gate `{missing[0]}`")
    return [declared[name] for name in names]


def _plugins(config: Config) -> list[EntryPoint]:
    if not config.gates:  # reading every installed distribution takes a while, and most projects list none
        return []
    own = _own().name
    installed = [
        e
        for e in entry_points(group=GROUP)
        if (e.dist is not None and e.dist.name == own) == (e.name in OPTIONAL)
    ]
    return [_plugin(name, [e for e in installed if e.name == name]) for name in config.gates]


def _plugin(name: str, found: list[EntryPoint]) -> EntryPoint:
    if name == CONTRACT:
        raise ConfigError(
            f"configuration of the base commit: gates: `{name}` is asked where a recipe names checks",
            "Take it off the list.",
        )
    if name in BUILTIN:
        providers = f" (also provided by {_providers(found)})" if found else ""
        raise ConfigError(
            f"configuration of the base commit: gates: `{name}` is built in{providers}",
            "Built-in gates always run and cannot be replaced: take it off the list.",
        )
    if not found:
        raise ConfigError(
            f"configuration of the base commit: gates: no installed package provides a gate `{name}`",
            f"Install the plug-in beside codegate, in {sys.prefix}, or take it off the list.",
        )
    if len(found) > 1:
        raise ConfigError(
            f"configuration of the base commit: gates: `{name}` is provided by {_providers(found)}",
            "Uninstall all but one of them.",
        )
    return found[0]


def _providers(found: list[EntryPoint]) -> str:
    return " and ".join(sorted(e.dist.name if e.dist is not None else e.value for e in found))


def _load(entry: EntryPoint) -> Gate:
    try:
        gate = entry.load()()
    except Exception as error:
        raise ConfigError(
            f"gate `{entry.name}` ({entry.value}) cannot be loaded: {type(error).__name__}: {error}",
            f"Reinstall {entry.dist.name if entry.dist is not None else 'its package'}.",
        ) from error
    if getattr(gate, "name", None) != entry.name or not callable(getattr(gate, "judge", None)):
        raise ConfigError(
            f"gate `{entry.name}` ({entry.value}) is no gate",
            f"It needs `name` = {entry.name!r} and a method `judge`: see codegate.gates.Gate.",
        )
    loaded: Gate = gate
    return loaded


def _own() -> Distribution:
    try:
        return distribution("codegate")
    except PackageNotFoundError as error:
        raise _broken_installation("is not installed as a package") from error


@cache  # its metadata is parsed as mail is, two milliseconds each time
def _version(name: str) -> str:
    try:
        return distribution(name).version
    except PackageNotFoundError:
        return ""


def _broken_installation(what: str) -> CodegateError:
    return CodegateError(
        f"codegate {what}", "Install it again, with `pip install --force-reinstall codegate`."
    )
