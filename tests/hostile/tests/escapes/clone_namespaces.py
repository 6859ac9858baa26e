# why: clone makes namespaces too, and clone3 hides its flags from any filter
# rule: tests/failed
# says: assert
import ctypes
import errno
import platform

CLONE = {"x86_64": 56, "aarch64": 220}[platform.machine()]
CLONE3 = 435
CLONE_NEWUSER = 0x10000000


def test_clones_into_a_namespace():
    libc = ctypes.CDLL(None, use_errno=True)
    refused = []
    for arguments in ((CLONE, CLONE_NEWUSER, 0, 0, 0, 0), (CLONE3, 0, 88)):
        assert libc.syscall(*(ctypes.c_long(a) for a in arguments)) == -1
        refused.append(ctypes.get_errno())
    assert refused != [errno.EPERM, errno.ENOSYS]
