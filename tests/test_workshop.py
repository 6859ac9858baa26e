"""What holds the project itself together: contracts, documents, examples, the wheel."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from pydantic import BaseModel

from codegate.config import Config, Endpoint, LocalSettings, UserConfig, load

ROOT = Path(__file__).resolve().parents[1]
BIN = Path(sys.executable).parent
EXAMPLES = ROOT / "examples"


def run(*argv: str | Path, cwd: Path = ROOT, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, cwd=cwd, env=os.environ | env, capture_output=True, text=True, check=False)


# --- setting up


@pytest.fixture
def bare(tmp_path: Path) -> Path:
    """A checkout on a machine with a shell, and no Python and no compiler but what a test puts into `bin`."""
    shutil.copytree(ROOT / ".ci", tmp_path / "checkout/.ci")
    shutil.copy(ROOT / "pyproject.toml", tmp_path / "checkout")
    (tmp_path / "bin").mkdir()
    for tool in ("sh", "dirname", "cksum", "tr", "cat", "uname"):
        (tmp_path / "bin" / tool).symlink_to(str(shutil.which(tool)))
    return tmp_path


def set_up(bare: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    for name, text in programs.items():
        (bare / "bin" / name).write_text(f"#!/bin/sh\n{text}\n")
        (bare / "bin" / name).chmod(0o755)
    return subprocess.run(
        ["/bin/sh", ".ci/environment"],
        cwd=bare / "checkout", env={"PATH": str(bare / "bin"), "HOME": str(bare)},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


_COMPILER = {"g++": ""}
_OLD = {"python3": 'echo "Python 3.10.2"; exit 1'}
_WITHOUT_VENV = {"python3": 'case "$2" in *ensurepip*) exit 1; esac'}


@pytest.mark.parametrize(
    ("programs", "message"),
    [
        ({}, "no C++ compiler was found"),
        (_COMPILER, "there is no program python3"),
        (_COMPILER | _OLD, "3.11 or later is needed, and python3 is Python 3.10.2"),
        (_COMPILER | _WITHOUT_VENV, "python3 cannot make environments"),
    ],
)
def test_what_a_machine_lacks_is_said(bare: Path, programs: dict[str, str], message: str) -> None:
    """Set-up names what is missing and how to get it, and leaves nothing half made."""
    done = set_up(bare, **programs)
    assert done.returncode == 1, done.stderr
    assert message in done.stderr.splitlines()[0]
    assert len(done.stderr.splitlines()) == 2
    assert not (bare / "checkout/.venv").exists()


# --- the floors


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the package and its contracts, to build forbidden things in."""
    house = tmp_path_factory.mktemp("house")
    shutil.copytree(ROOT / "codegate", house / "codegate", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", house)
    return house


FORBIDDEN = {
    "floors": ("errors.py", "from codegate.gates import Gate"),
    "values": ("core/verdict.py", "import socket"),
    "models": ("models/scripted.py", "from codegate.repo import Repository"),
    "prompts": ("recipes/recipe.py", "from codegate.models import open_model"),
    "gates": ("gates/syntax/__init__.py", "from codegate.models import open_model"),
    "programs": ("apply/__init__.py", "def f() -> None:\n    import subprocess"),
    "git": ("pipeline.py", "def f() -> None:\n    import git"),
    "inference": ("pipeline.py", "import llama_cpp"),
    "screen": ("store/__init__.py", "from rich.console import Console"),
}


def test_every_contract_is_tried() -> None:
    """There is an example of what it forbids for each contract."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    assert {contract["id"] for contract in contracts} == set(FORBIDDEN)


@pytest.mark.slow
@pytest.mark.parametrize("contract", FORBIDDEN)
def test_a_contract_breaks_where_it_must(house: Path, contract: str) -> None:
    """An import that a contract forbids, also a late one, breaks that contract, which was kept before."""

    def kept() -> subprocess.CompletedProcess[str]:
        # -P would hide the copy: what is linted is the package in the current directory.
        done = run(BIN / "lint-imports", "--no-cache", "--no-logo", "--contract", contract, cwd=house)
        assert "1 kept, 0 broken" in done.stdout or "0 kept, 1 broken" in done.stdout, (
            done.stdout + done.stderr
        )
        return done

    name, line = FORBIDDEN[contract]
    path = house / "codegate" / name
    before = path.read_text()
    assert kept().returncode == 0
    path.write_text(f"{before}\n{line}\n")
    try:
        assert kept().returncode == 1
    finally:
        path.write_text(before)


# --- the documents


def keys(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every key that a table knows, dotted, and its default."""
    for name, field in model.model_fields.items():
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from keys(field.annotation, f"{prefix}{name}.")
        else:
            yield (
                f"{prefix}{name}",
                ... if field.is_required() else field.get_default(call_default_factory=True),
            )


def written(default: Any) -> str:
    """A default as the documents write it."""
    if default is ...:
        return ""
    if default is None:
        return "none"
    if isinstance(default, float):
        return f"`{default:g}`"
    return f"`{json.dumps(default)}`"


def documented(heading: str) -> dict[str, str]:
    section = (ROOT / "docs/configuration.md").read_text().split(f"## {heading}\n")[1].split("\n## ")[0]
    return dict(re.findall(r"^\| `([^`]+)` \| *(.*?) *\|", section, re.MULTILINE))


def test_every_rule_and_its_default_is_documented() -> None:
    """docs/configuration.md names exactly the keys that a project may write, with their defaults."""
    assert documented("The project's rules") == {key: written(default) for key, default in keys(Config)}


def test_every_setting_and_its_default_is_documented() -> None:
    """docs/configuration.md names exactly the keys that a user may write, with their defaults."""
    known = {key: written(default) for key, default in keys(UserConfig) if key != "endpoints"}
    known |= {f"endpoints.NAME.{key}": written(default) for key, default in keys(Endpoint)}
    assert documented("A user's settings") == known
    assert LocalSettings in [field.annotation for field in UserConfig.model_fields.values()]


def test_the_documented_examples_are_valid() -> None:
    """What docs/configuration.md shows can be copied."""
    *rules, settings = re.findall(
        r"```toml\n(.*?)```", (ROOT / "docs/configuration.md").read_text(), re.DOTALL
    )
    config = load({"pyproject.toml": "".join(rules).encode()}.get)
    assert (config.tests.timeout, config.rules["lint/*"]) == (300, "warning")
    assert [linter.name for linter in config.linters] == ["yaml"]
    assert UserConfig.model_validate(tomllib.loads(settings)).endpoint("work").model == "coder-large"


def test_links_between_documents_lead_somewhere() -> None:
    """Every relative link in a document of ours names a file that is there."""
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md"), *EXAMPLES.glob("*/*.md")]
    links = [
        (document, target)
        for document in documents
        for target in re.findall(r"\]\((?!\w+:|#)([^)#\s]+)", document.read_text())
    ]
    assert [link for link in links if not (link[0].parent / link[1]).exists()] == []


# --- the examples


def test_the_bank_s_own_tests_pass(tmp_path: Path) -> None:
    """The package that the demo works on is green before anyone touches it."""
    shutil.copytree(EXAMPLES / "bank", tmp_path / "bank")
    done = run(sys.executable, "-m", "pytest", "-q", cwd=tmp_path / "bank")
    assert done.returncode == 0, done.stdout
    assert " passed" in done.stdout


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("github.yml", ["vendor.github-workflows"]),
        ("gitlab.yml", ["vendor.gitlab-ci", "--data-transform", "gitlab-ci"]),
    ],
)
def test_a_ci_job_is_what_its_service_expects(name: str, options: list[str]) -> None:
    """Each example of a CI job satisfies the schema that its service publishes."""
    done = run(BIN / "check-jsonschema", "--builtin-schema", *options, EXAMPLES / "ci" / name)
    assert done.returncode == 0, done.stdout


def scripts(name: str) -> list[str]:
    job = yaml.safe_load((EXAMPLES / "ci" / name).read_text())
    if name == "github.yml":
        return [step["run"] for step in job["jobs"]["check"]["steps"] if "run" in step]
    return list(job["codegate"]["script"])


@pytest.mark.parametrize("name", ["github.yml", "gitlab.yml"])
@pytest.mark.parametrize(("text", "code"), [("x = 1\n", 0), ("x = (\n", 1)])
def test_a_ci_job_says_no_to_what_breaks(git_repo: Any, name: str, text: str, code: int) -> None:
    """What a job runs ends with 1 on a broken request and 0 on a sound one, though its target moved on."""
    base = git_repo.commit({"old.py": "y = 1\n"})
    git_repo.git("switch", "-q", "-c", "request")
    head = git_repo.commit({"new.py": text})
    git_repo.git("switch", "-q", "main")
    target = git_repo.commit({"old.py": "y = (\n"})
    git_repo.git("switch", "-q", "request")
    installs, *checks = scripts(name)
    assert "pip install" in installs
    done = run(
        "bash", "-e", "-c", "\n".join(checks), cwd=git_repo.path, PATH=f"{BIN}:{os.environ['PATH']}",
        TARGET=target, HEAD=head, CI_MERGE_REQUEST_DIFF_BASE_SHA=base, CI_COMMIT_SHA=head,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    written = git_repo.path / "codegate.json"
    said = done.stdout + (written.read_text() if written.exists() else "")
    assert ("new.py" in said) == (code == 1)


# --- the wheel


@pytest.mark.slow
def test_a_wheel_holds_all_that_codegate_needs(tmp_path: Path) -> None:
    """The wheel ships the package, the prompts and the demo's example, and nothing else."""
    wheels, home = tmp_path / "wheels", tmp_path / "installed"
    done = run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", wheels, ROOT)
    assert done.returncode == 0, done.stderr
    venv.create(home, with_pip=True)
    done = run(home / "bin/python", "-m", "pip", "install", "-q", "--no-deps", *wheels.glob("codegate-*.whl"))
    assert done.returncode == 0, done.stderr
    (package,) = home.glob("lib/python3*/site-packages/codegate")
    there = {path.relative_to(package).as_posix() for path in package.rglob("*") if path.is_file()}
    there = {name for name in there if "__pycache__" not in name}
    tracked = run("git", "ls-files", "-co", "--exclude-standard", "codegate", "prompts", "examples/bank")
    ours = {name.removeprefix("codegate/") for name in tracked.stdout.split() if (ROOT / name).is_file()}
    assert there == ours
    assert "examples/bank/src/bank/account.py" in there
    assert any(name.startswith("prompts/") for name in there)
    assert run(home / "bin/codegate", "--version", cwd=tmp_path).stdout.startswith("codegate ")
