# why: TIOCSTI types for the person who is about to be asked
# rule: tests/failed
# says: Operation not permitted
import fcntl
import os
import termios


def test_types_into_a_terminal_of_its_own():
    child = os.fork()
    if child == 0:
        os.setsid()
        _, inner = os.openpty()
        fcntl.ioctl(inner, termios.TIOCSCTTY, 0)
        try:
            fcntl.ioctl(inner, termios.TIOCSTI, b"y")
        except OSError as error:
            os._exit(error.errno)
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if error := os.waitstatus_to_exitcode(status):
        raise OSError(error, os.strerror(error))
