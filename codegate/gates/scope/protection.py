"""Does the change touch what steers a gate, a build or a hook?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from codegate.core import Finding
from codegate.gates.lines import new_lines
from codegate.gates.scope.names import folded
from codegate.globs import Globs

if TYPE_CHECKING:
    from codegate.gates import Rules
    from codegate.workspace import Workspace

# What decides how code is judged, built, installed or run, and what others run by itself.
PROTECTED: Final = {
    "git": (".gitattributes", ".gitmodules", ".gitignore", ".gitconfig", ".lfsconfig", "gitmod~*", "gitatt~*",
            "gitign~*", "gi7eba~*", "gi7d29~*", "gi250a~*"),
    "codegate": ("codegate.toml", ".codegate/**"),
    "how the project is built and its tools are configured": (
        "pyproject.toml", "setup.cfg", "setup.py", "hatch.toml", "hatch_build.py", "pdm.toml", "*.egg-info",
        "*.dist-info", "package.json", "tsconfig*.json", "Cargo.toml", "build.rs", "go.mod", "go.work",
        ".cargo/**", ".npmrc", ".yarnrc*", "pip.conf", "uv.toml",
    ),
    "the linters": (
        "ruff.toml", ".ruff.toml", ".flake8", "pylintrc", ".pylintrc", "pylintrc.toml", ".pylintrc.toml",
        ".isort.cfg", ".bandit", "bandit.yaml", ".secrets.baseline", ".eslintrc*", "eslint.config.*",
        ".golangci.*", "clippy.toml", ".clippy.toml", "rustfmt.toml", ".rustfmt.toml",
    ),
    "the type checkers": ("mypy.ini", ".mypy.ini", "pyrightconfig.json", "ty.toml", "pyrefly.toml"),
    "the tests": (
        "pytest.ini", ".pytest.ini", "pytest.toml", ".pytest.toml", "tox.ini", "tox.toml", "noxfile.py",
        "conftest.py", ".coveragerc", ".coveragerc.toml", "jest.config.*", "vitest.config.*",
    ),
    "how Python starts": ("sitecustomize.py", "usercustomize.py", "*.pth", "pyvenv.cfg", ".python-version",
                          ".venv/**", "venv/**"),
    # With the checkout first on `sys.path`, a module of such a name is the one that runs the tests.
    "what runs the tests": (
        "pytest", "pytest.py*", "pytest.*so", "_pytest", "_pytest.py*", "_pytest.*so", "pluggy", "pluggy.py*",
        "pluggy.*so", "iniconfig", "iniconfig.py*", "iniconfig.*so", "xdist", "xdist.py*", "xdist.*so",
        "py.py*", "py.*so", "codegate_report*",
    ),
    "what is built and run by itself": (
        "Makefile", "GNUmakefile", "*.mk", "justfile", ".justfile", "Taskfile.y*ml", ".envrc", ".env",
        ".pre-commit-config.yaml", ".pre-commit-hooks.yaml", "prek.toml", "lefthook.y*ml", ".husky/**",
        ".githooks/**", ".github/**", ".gitlab-ci.yml", ".gitlab/**", ".gitea/**", ".forgejo/**", ".ci/**",
        ".circleci/**", ".travis.yml", ".cirrus.*", "azure-pipelines*.yml", "appveyor.yml", ".appveyor.yml",
        ".drone.yml", ".woodpecker*", "Jenkinsfile", ".readthedocs.y*ml", ".buildkite/**", "renovate.json",
        "Dockerfile*", "docker-compose*.y*ml", "compose.y*ml", ".devcontainer/**", ".vscode/**", ".idea/**",
        "CODEOWNERS",
    ),
    "which packages are installed": (
        "requirements*.txt", "requirements*.in", "constraints*.txt", "requirements/**", "Pipfile", "*.lock",
        "package-lock.json", "npm-shrinkwrap.json", "pnpm-lock.yaml", "go.sum", "go.work.sum", "pylock*.toml",
        "environment.y*ml", "conda-lock.yml",
    ),
}  # fmt: skip

_GROUPS: Final = [(what, Globs(patterns, fold=True)) for what, patterns in PROTECTED.items()]


def protected(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each changed path that the base protects, by default or by its `scope.protect`."""
    own, allowed = Globs(rules.config.scope.protect, fold=True), Globs(rules.config.scope.allow)
    for change in workspace.candidate.changes:
        asked = "/".join(folded(part) for part in change.path.split("/"))
        if pattern := own.matching(asked):
            message = f"the base protects this path (`{pattern}`)"
            yield Finding("scope/protected", rules.by_hand, message, change.path, hint="Change it by hand.")
            continue
        what = next((what for what, globs in _GROUPS if asked in globs), None)
        if what is not None and change.path not in allowed:
            hint = allowing(change.path)
            yield Finding("scope/protected", rules.by_hand, f"this steers {what}", change.path, hint=hint)


def plugins(workspace: Workspace, rules: Rules) -> Iterator[Finding]:
    """Yield a finding for each new line that has pytest load a plug-in: it decides the outcomes of all."""
    allowed = Globs(rules.config.scope.allow)
    for change in workspace.candidate.changes:
        after = workspace.after(change.path)
        if after is None or not change.path.casefold().endswith(".py") or change.path in allowed:
            continue
        for number, line in new_lines(workspace.before(change.path), after):
            if b"pytest_plugins" in line:
                message, hint = "this has pytest load a plug-in", allowing(change.path)
                yield Finding("scope/plugins", rules.by_hand, message, change.path, number, hint=hint)


def allowing(path: str) -> str:
    """Return the hint that tells how a base allows such a change for good."""
    return f'Change it by hand, or commit `scope.allow = ["{path}"]` to codegate\'s configuration first.'
