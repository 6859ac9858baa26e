# why: a machine whose table of processes is full can start no program to end it
# rule: tests/processes, tests/memory, tests/timeout
import contextlib
import os


def test_forks():
    while True:
        with contextlib.suppress(OSError):
            os.fork()
