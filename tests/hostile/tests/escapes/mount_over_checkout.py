# why: with a mount of its own the program chooses what a path shows
# rule: tests/failed
# says: Operation not permitted
import ctypes
import os


def test_mounts():
    if ctypes.CDLL(None, use_errno=True).mount(b"none", b"/tmp", b"tmpfs", 0, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
