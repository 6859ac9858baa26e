# why: AF_VSOCK belongs to no network namespace: it reaches the host of a virtual machine
# rule: tests/failed
# says: Address family not supported
import socket


def test_calls_the_host():
    socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM).close()
