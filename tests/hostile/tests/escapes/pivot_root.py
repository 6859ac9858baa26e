# why: the old root of a sandbox is one pivot away if it may pivot
# rule: tests/failed
# says: Operation not permitted
import ctypes
import os
import platform

PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}[platform.machine()]


def test_turns_the_root():
    if ctypes.CDLL(None, use_errno=True).syscall(PIVOT_ROOT, b".", b"."):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
