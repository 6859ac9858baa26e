# why: what one process may not take, many take together
# rule: tests/memory
import os
import time


def test_takes_memory_in_parts():
    for _ in range(8):
        if os.fork() == 0:
            held = bytearray(os.urandom(1 << 20) * 100)
            time.sleep(60)
            assert held
    time.sleep(60)
