# why: a signal that may be ignored ends nobody
# rule: tests/timeout
import contextlib
import signal


def test_hears_nothing():
    for number in range(1, 65):
        with contextlib.suppress(OSError, ValueError):
            signal.signal(number, signal.SIG_IGN)
    while True:
        pass
