# why: messages in queues are the kernel's own memory, and stay when every process has ended
# rule: tests/memory
import ctypes
import time

IPC_NOWAIT = 0o4000


def test_leaves_messages():
    libc = ctypes.CDLL(None, use_errno=True)
    message = ctypes.create_string_buffer(b"\1" + bytes(7) + bytes(8192))
    for _ in range(32000):
        queue = libc.msgget(0, 0o1600)
        assert queue >= 0
        while libc.msgsnd(queue, message, ctypes.c_size_t(8000), IPC_NOWAIT) == 0:
            pass
    time.sleep(60)
