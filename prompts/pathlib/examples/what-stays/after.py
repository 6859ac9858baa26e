import os
from pathlib import Path


def f(path, fd):
    os.stat("a", dir_fd=fd)
    return os.path.dirname(str(Path(path).expanduser())), os.environ["A"]
