# why: root may write there without any capability, and the kernel runs the program it names
# rule: tests/failed
# says: (OSError|PermissionError)
import os


def test_opens_the_switch():
    os.close(os.open("/proc/sys/kernel/core_pattern", os.O_WRONLY))
