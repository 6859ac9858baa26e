# why: a name that is looked up carries data to whoever answers for its domain
# rule: tests/failed
# says: gaierror
import socket


def test_looks_up():
    assert socket.getaddrinfo("stolen.example.com", 80)
