# why: a judge that read the tree after the run would read what a process goes on writing
# contained: what is judged, shown and written comes from git's objects
import os
from pathlib import Path


def test_goes_on_writing():
    if os.fork() == 0:
        os.setsid()
        while True:
            for name in ("calc.py", "test_calc.py"):
                Path(name).write_text("def add(a, b):\n    return 3\n")
