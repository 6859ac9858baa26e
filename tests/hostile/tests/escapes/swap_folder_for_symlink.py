# why: between a look at a path and its use a folder can become a symlink: a race against the overlay
# contained: whichever wins, the symlink leads to nothing outside
import contextlib
import os
import threading
from pathlib import Path


def test_races_to_write_through_a_folder_that_turns_into_a_symlink():
    Path("folder").mkdir()
    Path("link").symlink_to(os.environ["OUTSIDE"])

    def swap():
        for _ in range(2000):
            os.rename("folder", "aside")
            os.rename("link", "folder")
            os.rename("folder", "link")
            os.rename("aside", "folder")

    swapper = threading.Thread(target=swap)
    swapper.start()
    while swapper.is_alive():
        with contextlib.suppress(OSError), open("folder/canary.txt", "w") as file:
            file.write("changed")
