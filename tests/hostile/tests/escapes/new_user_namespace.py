# why: in a user namespace of its own a program has all capabilities, and the kernel's odd corners open
# rule: tests/failed
# says: Operation not permitted
import ctypes
import os

CLONE_NEWUSER = 0x10000000


def test_becomes_root():
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWUSER):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
