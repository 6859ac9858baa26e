# why: who waits for the end of the output waits for everyone who holds it open
# contained: no process is left, and nobody waits for it
import os
import signal
import time


def test_leaves_a_deaf_child():
    if os.fork() == 0:
        os.setsid()
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
            signal.signal(number, signal.SIG_IGN)
        time.sleep(60)
        os._exit(0)
