# why: a System V segment stays when every process has let it go
# rule: tests/memory
import ctypes
import time


def test_takes_segments():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.shmat.restype = ctypes.c_void_p
    libc.shmat.argtypes = (ctypes.c_int, ctypes.c_void_p, ctypes.c_int)
    libc.shmdt.argtypes = (ctypes.c_void_p,)
    for _ in range(10):
        place = libc.shmat(libc.shmget(0, 100 << 20, 0o1600), None, 0)
        ctypes.memset(place, 1, 100 << 20)
        libc.shmdt(place)
    time.sleep(60)
