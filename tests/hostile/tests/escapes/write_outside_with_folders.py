# why: a folder that is missing in the sandbox can be made there, at the same path as outside
# contained: what is written lands on the sandbox's own disk
import os
from pathlib import Path


def test_makes_the_folder_and_writes():
    folder = Path(os.environ["OUTSIDE"])
    folder.mkdir(parents=True, exist_ok=True)
    folder.joinpath("canary.txt").write_text("changed")
    folder.joinpath("trace.txt").write_text("was here")
