# why: process 1 runs as the same user and holds the descriptor that says how the run ended
# rule: tests/failed
# says: (PermissionError|Read-only file system)
import os


def test_opens_the_memory_of_process_one():
    os.close(os.open("/proc/1/mem", os.O_RDWR))
