# why: the kernel's keyrings belong to the user, not to a namespace
# rule: tests/failed
# says: Operation not permitted
import ctypes
import os
import platform

ADD_KEY = {"x86_64": 248, "aarch64": 217}[platform.machine()]
KEY_SPEC_USER_KEYRING = -4


def test_leaves_a_key():
    arguments = (b"user", b"codegate-was-here", b"x", ctypes.c_size_t(1), KEY_SPEC_USER_KEYRING)
    if ctypes.CDLL(None, use_errno=True).syscall(ADD_KEY, *arguments) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
