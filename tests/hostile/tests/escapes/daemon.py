# why: a process that outlives the run can wait for the approval
# contained: no process is left
import contextlib
import os
import time


def test_leaves_a_daemon():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            for descriptor in range(64):
                with contextlib.suppress(OSError):
                    os.close(descriptor)
            time.sleep(60)
        os._exit(0)
    os.wait()
