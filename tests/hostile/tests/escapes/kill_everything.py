# why: `kill -9 -1` ends all that the user runs; in there nobody else is found
# rule: tests/failed
# says: ProcessLookupError
import os
import signal


def test_kills_all():
    os.kill(-1, signal.SIGKILL)
