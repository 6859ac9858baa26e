# why: shared pages stay when the process that wrote them lets them go, and count as nobody's
# rule: tests/memory
# open: the kernel counts such pages to nobody; should memory run out, the sandbox is the first to die
import mmap


def test_takes_memory_without_holding_it():
    held = []
    for _ in range(5):
        memory = mmap.mmap(-1, 100 << 20)
        for place in range(0, 100 << 20, mmap.PAGESIZE):
            memory[place] = 1
            if place % (1 << 20) == 0:
                memory.madvise(mmap.MADV_DONTNEED)
        memory.madvise(mmap.MADV_DONTNEED)
        held.append(memory)
    assert all(memory[0] == 1 for memory in held)
