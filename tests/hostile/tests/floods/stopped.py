# why: a stopped process neither works nor ends
# rule: tests/timeout
import os
import signal


def test_stops():
    os.kill(os.getpid(), signal.SIGSTOP)
