# why: work that was never committed would be gone
# contained: only the sandbox's view of it is gone
import contextlib
import os
import shutil


def test_deletes():
    for entry in os.scandir("."):
        with contextlib.suppress(OSError):
            shutil.rmtree(entry) if entry.is_dir(follow_symlinks=False) else os.remove(entry)
