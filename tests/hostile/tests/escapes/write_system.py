# why: a program of the system that is changed runs for everyone (here it would only get a new date)
# rule: tests/failed
# says: (Read-only file system|PermissionError)
import os
import shutil


def test_touches_a_program():
    found = os.stat(shutil.which("env"))
    os.utime(shutil.which("env"), ns=(found.st_atime_ns, found.st_mtime_ns))
