# why: a named pipe in the checkout may have a service at its other end
# contained: nothing that is written arrives
import contextlib
import os


def test_writes_into_the_pipe():
    with contextlib.suppress(OSError):
        descriptor = os.open("pipe", os.O_RDWR | os.O_NONBLOCK)
        os.write(descriptor, b"was here")
