# why: databases and development servers on loopback trust whoever connects
# rule: tests/failed
# says: ConnectionRefusedError
# without a jail: succeeds
import os
import socket


def test_connects_to_a_server_of_the_machine():
    socket.create_connection(("127.0.0.1", int(os.environ["TCP_PORT"])), timeout=2).close()
