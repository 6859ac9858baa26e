# why: a file that is memory counts neither as disk nor as a process's memory
# rule: tests/failed
# says: Function not implemented
# without a jail: succeeds
import os


def test_makes_a_file_of_memory():
    os.close(os.memfd_create("flood"))
