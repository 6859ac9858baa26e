from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def main(
    path: str,
    verbose: Annotated[bool, typer.Option(help="say more")] = False,
) -> None:
    print(path, verbose)
