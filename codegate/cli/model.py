"""`codegate model`: the weights on this machine, pinned by digest, and which model is used."""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Literal

import typer

from codegate.visible import visible

app = typer.Typer(
    help="The models on this machine, pinned by digest.", no_args_is_help=True, rich_markup_mode=None
)

_Id = Annotated[str, typer.Argument(metavar="ID", help="The model's id, as `codegate model list` prints it.")]


@app.command("list")
def list_(
    form: Annotated[Literal["text", "json"], typer.Option("--format", help="How to print.")] = "text",
) -> None:
    """Print the models that codegate knows: which are here (✓), which one is used (*), and what fits."""
    from codegate.models.fit import fit
    from codegate.models.weights import Store, known

    store, used = Store(), _used()
    fits = {m.id: fit(m.shape) for m in known().values()}
    rows = [
        {"id": m.id, "bytes": m.bytes, "sha256": m.sha256, "licence": m.licence, "summary": m.summary,
         "path": str(store.path(m)) if store.has(m) else None, "used": m.id == used,
         "memory": {"needed": fits[m.id].needed, "free": fits[m.id].free},
         "context_tokens": fits[m.id].context, "fit": str(fits[m.id])}
        for m in known().values()
    ]  # fmt: skip
    if form == "json":
        print(json.dumps(rows, indent=2))
        return
    for row, m in zip(rows, known().values(), strict=True):
        mark = f"{'*' if row['used'] else ' '}{'✓' if row['path'] else ' '}"
        memory = f"{fits[m.id].needed / 1e9:.1f} GB of memory: {fits[m.id]}"
        print(f"{mark} {m.id:20} {m.bytes / 1e6:6.0f} MB  {memory}  {m.licence:11} {m.summary}")
    free = next(iter(fits.values())).free
    if free is not None:
        _say(f"{max(free, 0) / 1e9:.1f} GB of memory are free now")


@app.command()
def pull(
    model: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Without it, the default model.")
    ] = None,
    source: Annotated[
        Path | None, typer.Option("--from", metavar="FILE", help="Take the weights from a file.")
    ] = None,
) -> None:
    """Fetch a model's weights, check their digest, and print where they are. Continues after a break."""
    from codegate.models.pull import pull as fetch
    from codegate.models.weights import DEFAULT, Store, find_known

    found = find_known(model or DEFAULT)
    with _bar(found.id, found.bytes) as progress:
        print(fetch(Store(), found, source=source, say=_say, progress=progress))


@app.command()
def remove(model: _Id) -> None:
    """Remove a model's weights, and what an unfinished download left of it."""
    from codegate.models.weights import Store, find_known

    freed = Store().remove(find_known(model))
    _say(f"{model}: {freed / 1e6:.0f} MB freed" if freed else f"{model} was not here")


@app.command()
def verify(
    model: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Without it, all that are here.")
    ] = None,
) -> None:
    """Read the weights anew and compare their digest; ends with 1 if one is wrong."""
    from codegate.models.weights import Store, find_known, known

    store = Store()
    wanted = [find_known(model)] if model else [m for m in known().values() if store.has(m)]
    wrong = False
    for one in wanted:
        right = store.has(one) and store.digest(store.path(one), fresh=True) == one.sha256
        what = "right" if right else "WRONG" if store.has(one) else "not here"
        print(f"{one.id:20} {what}")
        wrong = wrong or not right
    raise typer.Exit(1 if wrong else 0)


@app.command()
def use(
    model: Annotated[
        str, typer.Argument(metavar="ID", help="An id, the path of a GGUF file, `remote` or `remote:NAME`.")
    ],
) -> None:
    """Have this model used from now on, where neither a project nor an option says otherwise."""
    from codegate.config import load_user, user_config_path
    from codegate.models.weights import Store, find_known

    kind, colon, rest = model.partition(":")
    if kind == "remote":
        load_user().endpoint(rest or None)
    elif "/" in model or model.endswith(".gguf"):
        model = str(Store().open(str(Path(model).resolve())).path)
    elif not colon and not Store().has(find_known(model)):
        _say(f"its weights are not here yet: codegate model pull {model}")
    path = user_config_path()
    _choose(path, model)
    _say(f"{model} is used from now on ({path})")


@app.command()
def bench(
    models: Annotated[
        list[str] | None,
        typer.Argument(metavar="[ID]...", help="Which to ask; without any, the one that is used."),
    ] = None,
    ways: Annotated[
        list[str] | None,
        typer.Option(
            "--mode", metavar="WAY", help="rules, free, symbol or recipe; :8 asks for eight candidates."
        ),
    ] = None,
    families: Annotated[
        list[str] | None, typer.Option("--family", metavar="NAME", help="Only this kind of task.")
    ] = None,
    tasks: Annotated[
        list[str] | None, typer.Option("--tasks", metavar="PATTERN", help="Only tasks whose id fits.")
    ] = None,
    results: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Where results are kept, and gone on from.")
    ] = None,
    budget_minutes: Annotated[
        float | None, typer.Option(metavar="N", help="End after the task that is asked then.")
    ] = None,
) -> None:
    """Ask models a fixed set of tasks in real libraries, and print what came of it. Goes on after a break.

    The set is in codegate's repository, not in the installed package: run this from a checkout.
    """
    from codegate.cli.benchmark import ask_tasks

    options = {"--model": models or [_used()], "--mode": ways, "--family": families, "--tasks": tasks}
    single = {"--results": results, "--budget-minutes": budget_minutes}
    given = [word for option, values in options.items() for value in values or [] for word in (option, value)]
    given += [word for option, value in single.items() if value is not None for word in (option, str(value))]
    raise typer.Exit(ask_tasks(given))


def _used() -> str:
    from codegate.config import load_user
    from codegate.models.weights import DEFAULT

    return load_user().model or DEFAULT


def _choose(path: Path, model: str) -> None:
    """Set `model` in the user's settings and leave every other byte as it is."""
    from codegate.config import load_user
    from codegate.errors import ConfigError

    load_user(path)  # says what is wrong with the file before it is touched
    text = path.read_text("utf-8") if path.exists() else ""
    line = f"model = {json.dumps(model)}"
    top = re.match(r"(?ms).*?(?=^\s*\[|\Z)", text)
    head = text[: top.end()] if top else ""
    changed, times = re.subn(r"(?m)^model[ \t]*=.*$", lambda _: line, head, count=1)
    new = (changed if times else f"{line}\n{head}") + text[len(head) :]
    with contextlib.suppress(tomllib.TOMLDecodeError):
        if tomllib.loads(new) == tomllib.loads(text) | {"model": model}:
            path.parent.mkdir(parents=True, exist_ok=True)
            beside = path.with_name(f".{path.name}.{os.getpid()}")
            beside.write_text(new, "utf-8")
            os.replace(beside, path)
            return
    raise ConfigError(f"{path} is written in a way that codegate cannot change", f"write there: {line}")


def _say(message: str) -> None:
    print(visible(message), file=sys.stderr)


@contextlib.contextmanager
def _bar(name: str, total: int) -> Iterator[Callable[[int, int], None]]:
    """Yield what is told how far a download is: a bar on a terminal, a line for each tenth elsewhere."""
    if sys.stderr.isatty() and os.environ.get("TERM") != "dumb":
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TimeRemainingColumn,
            TransferSpeedColumn,
        )

        columns = (BarColumn(), DownloadColumn(), TransferSpeedColumn(), TimeRemainingColumn())
        with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
            task = bar.add_task(name, total=total, visible=False)
            yield lambda done, _: bar.update(task, completed=done, visible=True)
        return
    tenth = 0

    def tell(done: int, whole: int) -> None:
        nonlocal tenth
        if 10 * done // whole > tenth:
            tenth = 10 * done // whole
            _say(f"{name}: {10 * tenth} %")

    yield tell
