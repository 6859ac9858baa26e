# why: TIOCLINUX pastes on a text console what was selected there
# rule: tests/failed
# says: Operation not permitted
import fcntl
import os

TIOCLINUX = 0x541C


def test_pastes():
    outer, inner = os.openpty()
    try:
        fcntl.ioctl(inner, TIOCLINUX, b"\x03")
    finally:
        os.close(outer)
        os.close(inner)
