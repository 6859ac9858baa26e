# why: a program in the kernel sees every process
# rule: tests/failed
# says: Operation not permitted
import ctypes
import os
import platform

BPF = {"x86_64": 321, "aarch64": 280}[platform.machine()]


def test_makes_a_map():
    attributes = (ctypes.c_uint32 * 32)(2, 4, 8, 1)  # BPF_MAP_TYPE_ARRAY: key 4, value 8, one entry
    if ctypes.CDLL(None, use_errno=True).syscall(BPF, 0, ctypes.byref(attributes), 128) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
