# why: the namespace of another process is entered by its file in /proc
# rule: tests/failed
# says: PermissionError
import os


def test_opens_the_namespace_of_process_one():
    os.close(os.open("/proc/1/ns/mnt", os.O_RDONLY))
