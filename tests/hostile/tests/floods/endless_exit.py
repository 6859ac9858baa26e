# why: Python runs what was registered for its end after pytest has said its last word
# rule: tests/timeout
import atexit
import time

atexit.register(time.sleep, 3600)


def test_passes():
    pass
