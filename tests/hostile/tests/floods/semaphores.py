# why: 32,000 sets of 32,000 semaphores are 65 GB of the kernel's own memory, and no process's
# rule: tests/memory
import ctypes
import time


def test_takes_semaphores():
    libc = ctypes.CDLL(None, use_errno=True)
    for _ in range(400):
        assert libc.semget(0, 32000, 0o1600) >= 0
    time.sleep(60)
