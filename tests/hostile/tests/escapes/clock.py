# why: the machine's clock is everyone's, and signatures expire by it
# rule: tests/failed
# says: PermissionError
import time


def test_sets_the_clock():
    time.clock_settime(time.CLOCK_REALTIME, time.time())
