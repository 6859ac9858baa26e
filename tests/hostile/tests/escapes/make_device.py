# why: a device node of one's own is the machine's disk or its memory
# rule: tests/failed
# says: PermissionError
import os
import stat


def test_makes_the_disk():
    os.mknod("disk", stat.S_IFBLK | 0o600, os.makedev(259, 0))
