from pathlib import Path


def load(folder, name):
    path = str(Path(folder, "a", name))
    if not Path(folder, name).exists():
        Path(folder).mkdir(parents=True, exist_ok=True)
    with open(Path(folder, name), "w") as file:
        file.write(str(Path(path).stat().st_size))
    for one in sorted([entry.name for entry in Path(folder).iterdir()]):
        Path(folder, one).unlink()
    return path
