import click


@click.command()
@click.option("--verbose", is_flag=True)
@click.option("--max-size", type=int, default=10, help="the largest size")
def main(max_size: int, path: str = ".", verbose: bool = False) -> None:
    print(path, verbose)
