# why: /proc/PID/root leads into whatever file system that process sees
# rule: tests/failed
# says: PermissionError
import os


def test_walks_through_the_root_of_process_one():
    assert os.listdir("/proc/1/root/proc")
