# why: the text of a short symlink lies in the kernel's memory, beside the disk
# rule: tests/failed
# says: No space left on device
import os


def test_makes_many_symlinks():
    for number in range(100_000):
        os.symlink("x" * 100, f"/dev/shm/{number}")
