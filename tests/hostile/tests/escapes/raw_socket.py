# why: raw packets carry any address
# rule: tests/failed
# says: PermissionError
import socket


def test_makes_a_raw_socket():
    socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_ICMP).close()
