# why: an abstract socket is no file, so no mount hides it
# rule: tests/failed
# says: ConnectionRefusedError
# without a jail: succeeds
import os
import socket


def test_connects_to_an_abstract_socket():
    with socket.socket(socket.AF_UNIX) as client:
        client.connect("\0" + os.environ["ABSTRACT"])
