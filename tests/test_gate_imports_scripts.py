"""The gate `imports` in JavaScript and TypeScript: packages that are declared, files that are there."""

from __future__ import annotations

import json

import pytest
from conftest import GitRepo
from judging import said, verdict_of

from codegate.core import Origin, Outcome
from codegate.gates.imports import Imports

_PACKAGE = {
    "name": "@shop/web", "dependencies": {"lodash": "^4", "@scope/kit": "1"},
    "devDependencies": {"@types/bar": "*", "@types/foo__bar": "*"},
}  # fmt: skip
_BASE: dict[str, str | bytes] = {
    "package.json": json.dumps(_PACKAGE),
    "src/a.ts": "import old from 'undeclared-but-old';\n",
    "src/b/index.js": "export const b = 1;\n",
    "src/style.css": "a {}\n",
}


def _rules(repo: GitRepo, text: str, path: str = "src/new.ts") -> list[str]:
    base = repo.commit(_BASE)
    return [f.rule for f in verdict_of(Imports(), repo.path, base, repo.commit({path: text})).findings]


@pytest.mark.parametrize(
    "statement",
    [
        "import fs from 'fs';", "import fs from 'node:fs/promises';", "import path from 'fs/promises';",
        "import _ from 'lodash';", "import get from 'lodash/get';", "import { k } from '@scope/kit/deep';",
        "import './style.css';", "import { b } from './b';", "import { b } from './b/index.js';",
        "import a from './a.js';", "export * from './a';", "const a = require('../src/a');",
        "import old from 'undeclared-but-old/sub';", "import self from '@shop/web';",
        "import t from 'bar';", "import type { X } from '@foo/bar';",
        "import x from '@/alias';", "import x from '#internal';", "import x from 'virtual:thing';",
        "import x from 'https://example.com/x.js';", "import x from '~/x';",
        "import x from './style.css?inline';", "// import x from 'invented-thing';",
        "const s = 'import x from \"invented-thing\"';", "import(name);",
    ],
)  # fmt: skip
def test_what_is_there_may_be_imported(git_repo: GitRepo, statement: str) -> None:
    """Node's own, declared, typed, imported before, a file of the result, or a bundler's affair."""
    assert _rules(git_repo, statement + "\n") == []


@pytest.mark.parametrize(
    ("statement", "rule"),
    [
        ("import x from 'invented-thing';", "imports/unknown"),
        ("import x from '@scope/other';", "imports/unknown"),
        ("export { x } from 'invented-thing/sub';", "imports/unknown"),
        ("const x = require('invented-thing');", "imports/unknown"),
        ("const x = await import('invented-thing');", "imports/unknown"),
        ("import x from './nowhere';", "imports/missing"),
        ("import x from '../../outside';", "imports/missing"),
        ("import x = require('invented-thing');", "imports/unknown"),
    ],
)
def test_what_is_not_there_is_refused(git_repo: GitRepo, statement: str, rule: str) -> None:
    """In whatever form it is asked for."""
    assert _rules(git_repo, statement + "\n") == [rule]


def test_the_nearest_real_name_is_offered(git_repo: GitRepo) -> None:
    """An error from a model, a warning from a person, at its place."""
    base = git_repo.commit(_BASE)
    result = git_repo.commit({"src/new.js": "x;\nimport _ from 'lodahs';\n"})
    verdict = verdict_of(Imports(), git_repo.path, base, result)
    assert verdict.outcome is Outcome.FAILED
    assert said(verdict) == [("imports/unknown", "error", "src/new.js", 2)]
    assert verdict.findings[0].hint == "Did you mean `lodash`?"
    person = verdict_of(Imports(), git_repo.path, base, result, Origin.PERSON)
    assert (person.outcome, person.findings[0].severity) == (Outcome.PASSED, "warning")


def test_a_project_without_a_manifest_is_not_judged(git_repo: GitRepo) -> None:
    """A page's script may find its packages anywhere."""
    base = git_repo.commit({"a.js": "x;\n"})
    verdict = verdict_of(Imports(), git_repo.path, base, git_repo.commit({"b.js": "import x from 'any';\n"}))
    assert verdict.findings == ()


def test_the_results_manifest_does_not_count(git_repo: GitRepo) -> None:
    """A change cannot declare what it invents."""
    base = git_repo.commit(_BASE)
    manifest = {**_PACKAGE, "dependencies": {"invented-thing": "1"}}
    files = {"package.json": json.dumps(manifest), "src/new.js": "import x from 'invented-thing';\n"}
    assert "imports/unknown" in [
        f.rule for f in verdict_of(Imports(), git_repo.path, base, git_repo.commit(files)).findings
    ]


def test_a_new_dependency_that_looks_misspelt_is_told(git_repo: GitRepo) -> None:
    """A typo, or someone who waits for one."""
    base = git_repo.commit({"requirements.txt": "requests\n"})
    result = git_repo.commit({"requirements.txt": "requests\nreqeusts\nmy-own-thing\nnumpy\n"})
    found = verdict_of(Imports(), git_repo.path, base, result).findings
    assert [(f.rule, f.hint) for f in found if f.severity == "error"] == [
        ("imports/lookalike", "Did you mean `requests`?")
    ]
