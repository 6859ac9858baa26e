# why: a descriptor of process 1 could be opened again by its name, the one that tells the judge the end too
# rule: tests/failed
# says: PermissionError
import os


def test_opens_the_descriptors_of_process_one():
    for name in os.listdir("/proc/1/fd"):
        os.write(os.open(f"/proc/1/fd/{name}", os.O_WRONLY), b"time")
