# why: shared pages are no process's own
# rule: tests/memory
import mmap
import time


def test_takes_shared_memory():
    held = [mmap.mmap(-1, 100 << 20) for _ in range(10)]
    for memory in held:
        for place in range(0, 100 << 20, mmap.PAGESIZE):
            memory[place] = 1
    time.sleep(60)
