# why: an empty file costs the kernel's memory, which no bound on bytes counts
# rule: tests/failed
# says: No space left on device
import os


def test_makes_many_empty_files():
    for number in range(100_000):
        os.close(os.open(f"/var/tmp/{number}", os.O_CREAT | os.O_WRONLY))
