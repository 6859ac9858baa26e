# why: a processor that runs two kinds of programs has two tables of calls, and a filter may know but one
# rule: tests/failed
# says: assert
import ctypes
import mmap
import os
import platform

UNSHARE = {"x86_64": 272, "aarch64": 97}[platform.machine()]
X32 = 0x40000000
CLONE_NEWUSER = 0x10000000
# push rbx; mov eax, 310 (unshare); mov ebx, CLONE_NEWUSER; int 0x80; pop rbx; ret
BY_INTERRUPT = b"\x53\xb8\x36\x01\x00\x00\xbb\x00\x00\x00\x10\xcd\x80\x5b\xc3"


def by_number():
    return ctypes.CDLL(None).syscall(ctypes.c_long(X32 | UNSHARE), ctypes.c_long(CLONE_NEWUSER))


def by_interrupt():
    memory = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    memory.write(BY_INTERRUPT)
    return ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(memory)))()


def test_calls_by_another_table():
    ended = []
    for call in (by_number, by_interrupt)[: 2 if platform.machine() == "x86_64" else 1]:
        child = os.fork()
        if child == 0:
            os._exit(0 if call() == 0 else 1)
        ended.append(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    assert 0 in ended
