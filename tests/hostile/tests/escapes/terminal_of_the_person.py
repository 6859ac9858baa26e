# why: a terminal can be opened by its name, too
# rule: tests/failed
# says: FileNotFoundError
# without a jail: succeeds
import os


def test_writes_on_the_screen():
    descriptor = os.open(os.environ["TERMINAL"], os.O_WRONLY | os.O_NOCTTY)
    os.write(descriptor, b"\x1b]0;approved\x07")
