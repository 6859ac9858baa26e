"""`codegate doctor`: what works here, and how to mend what does not."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from codegate.errors import CodegateError, Exit
from codegate.visible import visible


@dataclass(frozen=True)
class Finding:
    """One line of the doctor's: `mend` is empty where all is well; `needed`, if codegate needs it.

    `lines` are for copying.
    """

    what: str
    says: str
    mend: str = ""
    needed: bool = True
    lines: tuple[str, ...] = ()


def doctor(
    trying: Annotated[
        bool, typer.Option("--try", help="Ask each server a word, to see which forms of answer it holds to.")
    ] = False,
    ports: Annotated[
        list[int] | None,
        typer.Option(
            "--port",
            min=1,
            max=65535,
            metavar="PORT",
            help="Look for servers of models at this port of 127.0.0.1 (repeatable), not at the usual ones.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Say what works here, and how to mend what does not. Finishes what a crash left behind.

    Looks for servers of models on this machine, and asks them for their names only, but with --try.
    """
    bad = False
    servers = partial(_servers, ports, trying)
    for question in (_codegate, _git, _sandbox, _ruff, _model, servers, _terminal, _repository):
        for finding in _ask(question):
            mark = "✓" if not finding.mend else "✗" if finding.needed else "–"
            print(f"{mark} {finding.what:10} {visible(finding.says)}")
            if finding.mend:
                print(f"  {'':10} mend: {visible(finding.mend)}")
            for line in finding.lines:
                print(f"  {'':10}   {visible(line)}")
            bad = bad or bool(finding.mend and finding.needed)
    raise typer.Exit(Exit.UNABLE if bad else Exit.OK)


def _ask(question: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    try:
        yield from question()
    except CodegateError as error:
        name = getattr(question, "__name__", "_servers").lstrip("_")
        yield Finding(name, error.message, error.hint or "see the documentation")


def _codegate() -> Iterator[Finding]:
    import platform

    from codegate import __version__

    yield Finding("codegate", f"{__version__} on Python {platform.python_version()}, {sys.executable}")


def _git() -> Iterator[Finding]:
    from codegate.repo import git_version

    version = git_version()
    numbers = tuple(int(part) for part in version.split(".")[:2] if part.isdigit())
    yield Finding("git", version, "" if numbers >= (2, 38) else "upgrade git: 2.38 is the oldest that serves")


def _repository() -> Iterator[Finding]:
    from codegate.repo import Repository

    repository = Repository.discover(Path.cwd())
    yield Finding("repository", f"{repository.top} at {repository.head()[:12]}")
    for question in (_state, _rules, _tests):  # without a repository there is nothing to ask these
        yield from _ask(question)


def _state() -> Iterator[Finding]:
    """Finish or roll back what a crash left, and look at the working state."""
    from codegate.apply import recover
    from codegate.repo import Repository
    from codegate.store import Store

    repository = Repository.discover(Path.cwd())
    with Store(repository.state()) as store:
        for sentence in recover(repository, store):
            yield Finding("recovered", sentence)
        if damage := store.damage():
            yield Finding(
                "state", "; ".join(damage), f"move {repository.state()} away: codegate makes a new one"
            )
        else:
            yield Finding("state", f"{len(store.pending())} pending, {len(store.receipts())} applied")


def _rules() -> Iterator[Finding]:
    from codegate.config import weakened
    from codegate.gates import load_gates
    from codegate.pipeline import open_project

    with open_project(Path.cwd()) as project:
        config = project.config(project.repository.head())
    yield Finding("rules", ", ".join(gate.name for gate in load_gates(config)))
    for key, sentence in weakened(config).items():
        yield Finding("weakened", f"{key}: {sentence}")


def _tests() -> Iterator[Finding]:
    from codegate.gates.interpreter import find_interpreter
    from codegate.pipeline import open_project

    with open_project(Path.cwd()) as project:
        command = project.config(project.repository.head()).tests.command
        top = project.repository.top
    if command is not None:
        yield Finding("tests", command if isinstance(command, str) else " ".join(command))
        return
    python = find_interpreter(top)
    yield Finding("tests", f"pytest on Python {python.version} ({python.origin})")


def _sandbox() -> Iterator[Finding]:
    from codegate.sandbox import open_sandbox

    yield Finding("sandbox", open_sandbox("bubblewrap").name)


def _ruff() -> Iterator[Finding]:
    from ruff import find_ruff_bin

    try:
        yield Finding("ruff", find_ruff_bin())
    except FileNotFoundError:
        yield Finding("ruff", "not found beside codegate", "pip install ruff, where codegate is installed")


def _model() -> Iterator[Finding]:
    from importlib.util import find_spec

    from codegate.cli.conversation import DEFAULT_MODEL
    from codegate.config import load_user

    user = load_user()
    name = user.model or DEFAULT_MODEL
    if ":" not in name and name != "remote":
        yield _weights(name)
    if find_spec("llama_cpp") is None:
        yield Finding(
            "inference", "llama-cpp-python is not installed", "pip install 'codegate[local]'", needed=False
        )
    for key, endpoint in user.endpoints.items():
        yield Finding("endpoint", f"{key}: {endpoint.model} at {endpoint.base_url}")


def _servers(ports: list[int] | None, trying: bool) -> Iterator[Finding]:
    from codegate.cli.servers import server_findings
    from codegate.models.servers import PORTS

    yield from server_findings(ports or PORTS, trying)


def _weights(name: str) -> Finding:
    from codegate.models.weights import Store, find_known

    if Path(name).suffix == ".gguf":
        there, mend = Path(name).is_file(), "check the path in your settings"
    else:
        there, mend = Store().has(find_known(name)), f"codegate model pull {name}"
    return Finding("model", name if there else f"{name} is not here yet", "" if there else mend, needed=False)


def _terminal() -> Iterator[Finding]:
    from codegate.cli.terminal import has_terminal

    if has_terminal():
        yield Finding("terminal", "there is one to ask at")
    else:
        yield Finding("terminal", "none", "run codegate in a terminal to approve anything", needed=False)
