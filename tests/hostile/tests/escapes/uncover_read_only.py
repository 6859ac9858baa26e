# why: what was mounted read-only can be mounted again for writing
# rule: tests/failed
# says: Operation not permitted
import ctypes
import os

MS_REMOUNT, MS_BIND = 32, 4096


def test_mounts_again():
    if ctypes.CDLL(None, use_errno=True).mount(None, b"/proc", None, MS_REMOUNT | MS_BIND, None):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
