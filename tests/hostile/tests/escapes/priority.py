# why: a program that takes precedence starves the rest of the machine
# rule: tests/failed
# says: (PermissionError|Permission denied|Operation not permitted)
import os


def test_goes_first():
    os.nice(-10)
