# why: without the process that keeps the time nothing would end the run
# contained: the run ends as always and nothing is left of it
import os
import signal


def test_kills_process_one():
    for number in (signal.SIGKILL, signal.SIGSTOP, signal.SIGTERM, signal.SIGSEGV, signal.SIGALRM):
        os.kill(1, number)
    if os.fork() == 0:
        os.kill(1, signal.SIGKILL)
        os._exit(0)
