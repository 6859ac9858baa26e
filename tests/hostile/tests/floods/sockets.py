# why: what waits in the buffer of a socket is the kernel's memory, 200 KiB for each of thousands
# rule: tests/memory
# open: the kernel counts it to nobody; should memory run out, the sandbox is the first to die
import resource
import socket


def test_fills_buffers():
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    held = []
    for _ in range(1500):
        near, far = socket.socketpair()
        near.setblocking(False)
        held += [near, far]
        for _ in range(10):
            try:
                near.send(bytes(100_000))
            except BlockingIOError:
                break
    assert len(held) == 3000
