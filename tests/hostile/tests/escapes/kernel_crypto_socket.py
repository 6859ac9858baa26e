# why: AF_ALG puts rarely tested code of the kernel in reach
# rule: tests/failed
# says: Address family not supported
import socket


def test_asks_the_kernel_to_encrypt():
    socket.socket(socket.AF_ALG, socket.SOCK_SEQPACKET).close()
