# why: whatever was read could be sent away
# rule: tests/failed
# says: Network is unreachable
import socket


def test_connects():
    socket.create_connection(("192.0.2.1", 443), timeout=2)
