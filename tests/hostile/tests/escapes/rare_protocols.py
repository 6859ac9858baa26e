# why: asking for a protocol that nobody uses loads its code into the kernel, where it was seldom tried
# rule: tests/failed
# says: assert
import errno
import socket

SCTP, DCCP, UDP_LITE, L2TP = 132, 33, 136, 115
TIPC = 30
RARE = [
    (socket.AF_INET, socket.SOCK_SEQPACKET, SCTP),
    (socket.AF_INET6, socket.SOCK_STREAM, SCTP),
    (socket.AF_INET, 6, DCCP),
    (socket.AF_INET, socket.SOCK_DGRAM, UDP_LITE),
    (socket.AF_INET6, socket.SOCK_DGRAM, L2TP),
]


def refusal(call, *arguments):
    try:
        for made in call(*arguments) if call is socket.socketpair else [call(*arguments)]:
            made.close()
    except OSError as error:
        return error.errno
    return 0


def test_asks_for_them():
    refused = {refusal(socket.socket, *arguments) for arguments in RARE}
    pair = refusal(socket.socketpair, TIPC, socket.SOCK_STREAM)
    assert (refused, pair) != ({errno.EPROTONOSUPPORT}, errno.EAFNOSUPPORT)
