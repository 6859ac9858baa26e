# why: who traces a process runs code in it
# rule: tests/failed
# says: Operation not permitted
# without a jail: succeeds
import ctypes
import os
import time

PTRACE_ATTACH, PTRACE_DETACH = 16, 17


def test_attaches_to_a_child():
    child = os.fork()
    if child == 0:
        time.sleep(5)
        os._exit(0)
    libc = ctypes.CDLL(None, use_errno=True)
    failed = libc.ptrace(PTRACE_ATTACH, child, None, None)
    error = ctypes.get_errno()
    os.waitpid(child, 0) if not failed else None
    libc.ptrace(PTRACE_DETACH, child, None, None)
    os.kill(child, 9)
    os.waitpid(child, 0)
    if failed:
        raise OSError(error, os.strerror(error))
