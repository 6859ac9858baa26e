import click


@click.command()
@click.option("--verbose", is_flag=True)
def main(path: str = ".", verbose: bool = False) -> None:
    print(path, verbose)
