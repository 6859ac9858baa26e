# why: a name in the checkout can stand for a file elsewhere
# rule: tests/failed
# says: FileNotFoundError
# without a jail: succeeds
import os
from pathlib import Path


def test_writes_through_a_symlink_it_made():
    Path("made").symlink_to(os.environ["OUTSIDE"])
    with open("made/canary.txt", "r+") as file:
        file.write("changed")
