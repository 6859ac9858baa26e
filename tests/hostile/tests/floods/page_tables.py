# why: a page of zeros costs nothing but its place in a table, 4 KiB for each 2 MiB that are read
# rule: tests/memory
import ctypes
import mmap
import time

MAP_NORESERVE = 0x4000
STEP, LENGTH = 2 << 20, 1 << 40
MADV_NOHUGEPAGE = 15


def test_reads_one_byte_of_each_table():
    libc = ctypes.CDLL(None, use_errno=True)
    libc.mmap.restype = ctypes.c_void_p
    libc.mmap.argtypes = (ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long)
    libc.madvise.argtypes = (ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int)
    flags = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE
    start = libc.mmap(None, LENGTH, mmap.PROT_READ, flags, -1, 0)
    libc.madvise(start, LENGTH, MADV_NOHUGEPAGE)
    for place in range(start, start + LENGTH, STEP):
        assert ctypes.string_at(place, 1) == b"\0"
    time.sleep(60)
