# why: with the machine's network interfaces its neighbours can be reached
# rule: tests/failed
# says: assert
import socket


def test_sees_an_interface():
    assert [name for _, name in socket.if_nameindex()] != ["lo"]
