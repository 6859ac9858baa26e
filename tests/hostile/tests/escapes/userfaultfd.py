# why: it stops the kernel in the middle of a copy, which is how its races are won
# rule: tests/failed
# says: Operation not permitted
import ctypes
import os
import platform

USERFAULTFD = {"x86_64": 323, "aarch64": 282}[platform.machine()]


def test_handles_faults():
    if ctypes.CDLL(None, use_errno=True).syscall(USERFAULTFD, 1) < 0:  # UFFD_USER_MODE_ONLY
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
