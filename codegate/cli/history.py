"""`codegate undo` and `codegate log`: what was applied here."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def undo(
    id: Annotated[  # noqa: A002
        str | None,
        typer.Argument(
            metavar="[ID]",
            help="An id of `codegate log`, or its start; else the last one.",
            show_default=False,
        ),
    ] = None,
) -> None:
    """Take back what was applied, byte for byte, or say why not."""
    from codegate.apply import undo as take_back
    from codegate.cli.progress import say
    from codegate.repo import Repository
    from codegate.store import Store
    from codegate.visible import visible

    repository = Repository.discover(Path.cwd())
    with Store(repository.state()) as store:
        receipt = take_back(repository, store, id, say=say)
    for file in receipt.files:
        print(visible(file.path))
    print(f"took back {receipt.id}", file=sys.stderr)


def log() -> None:
    """List what was applied here, the newest first."""
    from codegate.repo import Repository
    from codegate.store import Store
    from codegate.visible import visible

    with Store(Repository.discover(Path.cwd()).state()) as store:
        for receipt in reversed(store.receipts()):
            model = visible(receipt.model.id) if receipt.model else "by hand"
            state = "undone" if receipt.undone_at else "applied"
            paths = " ".join(visible(file.path) for file in receipt.files)
            print(f"{receipt.id}  {state:7}  {visible(receipt.approved_by)}  {model}  {paths}")
            print(f"    {visible(receipt.instruction)}")
