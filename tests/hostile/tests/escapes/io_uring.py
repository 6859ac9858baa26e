# why: what goes through a ring passes no filter on system calls
# rule: tests/failed
# says: Function not implemented
import ctypes
import os

IO_URING_SETUP = 425


def test_makes_a_ring():
    parameters = (ctypes.c_uint32 * 30)()
    if ctypes.CDLL(None, use_errno=True).syscall(IO_URING_SETUP, 1, ctypes.byref(parameters)) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
