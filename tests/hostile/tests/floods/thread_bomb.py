# why: threads fill the table of processes, too
# rule: tests/processes, tests/failed
import threading
import time


def test_starts_threads():
    threading.stack_size(64 << 10)
    for _ in range(5000):
        threading.Thread(target=time.sleep, args=(60,), daemon=True).start()
    time.sleep(60)
