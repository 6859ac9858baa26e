"""What a project rules: its base commit states it, and no diff can bring its own."""

from __future__ import annotations

import hashlib
import json
from functools import cached_property
from typing import Annotated, Literal

from pydantic import Field, Strict, model_validator

from codegate.config.table import Command, Count, Glob, Globs, Names, Rule, Seconds, Table, Variable


class ScopeRules(Table):
    """What a change may touch.

    `allow` lifts the default protection of paths, and lets a model delete, link, change the mode or put a
    binary there; it never widens what a request named. `protect` adds protected paths and outweighs `allow`.
    `max_files` and `max_lines` (added and removed together) bound one diff. Patterns as in a `.gitignore`.
    """

    allow: Globs = ()
    protect: Globs = ()
    max_files: Count = 50
    max_lines: Count = 2_000


class TestRules(Table):
    """How the project's tests are run, and what they may use.

    `command` None means pytest; `build` runs before it, on each tree. `timeout` is in seconds, `memory`,
    `output` (of each stream) and `disk` in MiB; `processes` counts threads too. `coverage` has the lines that
    a change brings and no test runs told.
    """

    __test__ = False  # not a test, whatever pytest thinks of its name

    command: Command | None = None
    build: Command | None = None
    timeout: Seconds = 600.0
    memory: Count = 4_096
    processes: Count = 1_024
    output: Count = 32
    disk: Count = 2_048
    coverage: bool = True
    sandbox: Literal["bubblewrap", "none"] = "bubblewrap"
    network: bool = False
    env: dict[Variable, str] = Field(default_factory=dict)


class LimitRules(Table):
    """What one gate may take to read a diff: `seconds` of time, `memory` in MiB. The tests have their own."""

    seconds: Seconds = 300.0
    memory: Count = 4_096


class LinterRules(Table):
    """A linter beside ruff: `command` runs in the sandbox, the changed files that `files` cover behind it.

    `format` is what it prints: SARIF, reviewdog's rdjson, or lines of `path:line:col: message`. `timeout` is
    in seconds.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]*$")]
    command: Command
    files: Annotated[Globs, Field(min_length=1)]
    format: Literal["sarif", "rdjson", "lines"] = "lines"
    timeout: Seconds = 120.0


class ApprovalRules(Table):
    """Who approves: a person at the terminal, or `count` signatures by keys that the file `signers` lists."""

    require: Literal["person", "signatures"] = "person"
    signers: Glob | None = None
    count: Count = 1

    @model_validator(mode="after")
    def _consistent(self) -> ApprovalRules:
        if self.require == "signatures" and self.signers is None:
            raise ValueError('`require = "signatures"` needs `signers`, the path of an allowed-signers file')
        if self.require == "person" and (self.signers is not None or self.count != 1):
            raise ValueError('`signers` and `count` mean something with `require = "signatures"` only')
        return self


class Config(Table):
    """A project's rules, as its base commit states them.

    `rules` weighs single rules otherwise than codegate does, by name or, as `lint/*`, a gate's at once;
    which of them bend is for the gates to say. Nothing of a file that `keep_local` covers is shown to a model
    on another machine.
    """

    model: str | None = None
    keep_local: Globs = ()
    gates: Names = ()
    rules: dict[Rule, Literal["error", "warning"]] = Field(default_factory=dict)
    scope: ScopeRules = ScopeRules()
    limits: LimitRules = LimitRules()
    linters: Annotated[tuple[LinterRules, ...], Strict(False)] = ()
    tests: TestRules = TestRules()
    approval: ApprovalRules = ApprovalRules()

    @cached_property
    def sha256(self) -> str:
        """One name for these rules: a default that is written out makes no difference."""
        return hashlib.sha256(json.dumps(self.model_dump(mode="json"), sort_keys=True).encode()).hexdigest()


def weakened(config: Config) -> dict[str, str]:
    """Return each key by which a rule is weaker than the default, with a sentence for people."""
    tests, scope = config.tests, config.scope
    usual_tests, usual_scope = TestRules(), ScopeRules()
    weaker = {
        "tests.sandbox": (tests.sandbox == "none", "no sandbox: tests run with all the rights of the user"),
        "tests.network": (tests.network, "the tests may use the network"),
        "tests.timeout": (tests.timeout > usual_tests.timeout, f"the tests may take {tests.timeout:g} s"),
        "scope.max_files": (
            scope.max_files > usual_scope.max_files,
            f"a diff of {scope.max_files} files",
        ),
        "scope.max_lines": (
            scope.max_lines > usual_scope.max_lines,
            f"a diff of {scope.max_lines} lines",
        ),
        "scope.allow": (bool(scope.allow), f"not protected: {', '.join(scope.allow)}"),
    }
    for name, what in (("memory", "MiB of memory"), ("processes", "processes"), ("output", "MiB of output"),
                       ("disk", "MiB of disk")):  # fmt: skip
        given = getattr(tests, name)
        weaker[f"tests.{name}"] = given > getattr(usual_tests, name), f"the tests may use {given} {what}"
    for rule, weight in config.rules.items():
        weaker[f"rules.{rule}"] = weight == "warning", f"{rule} is a warning, whoever wrote it"
    return {key: sentence for key, (holds, sentence) in weaker.items() if holds}
