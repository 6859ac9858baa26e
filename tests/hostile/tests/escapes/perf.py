# why: performance counters have told the secrets of other processes
# rule: tests/failed
# says: Operation not permitted
import ctypes
import os
import platform

PERF_EVENT_OPEN = {"x86_64": 298, "aarch64": 241}[platform.machine()]


def test_counts():
    attributes = (ctypes.c_uint32 * 32)(1, 128)  # PERF_TYPE_SOFTWARE, size
    if ctypes.CDLL(None, use_errno=True).syscall(PERF_EVENT_OPEN, ctypes.byref(attributes), 0, -1, -1, 0) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
