# why: it hears all that passes an interface
# rule: tests/failed
# says: Address family not supported
import socket


def test_listens_to_all():
    socket.socket(socket.AF_PACKET, socket.SOCK_RAW).close()
