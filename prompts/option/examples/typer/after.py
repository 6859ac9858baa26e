from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def main(
    path: str,
    verbose: Annotated[bool, typer.Option(help="say more")] = False,
    out: Annotated[str | None, typer.Option(help="where the result goes")] = None,
) -> None:
    print(path, verbose)
