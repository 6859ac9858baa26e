# why: a loop can stand where no test has begun
# rule: tests/timeout
import time

time.sleep(3600)


def test_is_never_reached():
    pass
