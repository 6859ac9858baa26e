"""A lamp."""

import sys
from enum import IntEnum

COLOR_SEP = ":"


# What it can show.
class Lamp(IntEnum):
    """What a lamp can show."""

    OFF = 0
    RED = 1
    GREEN = 1 << 1
    LAMP_404 = 404
    ALL = RED | GREEN


LAMP_OFF = Lamp.OFF
LAMP_RED = Lamp.RED  # stop
LAMP_GREEN = Lamp.GREEN
LAMP_404 = Lamp.LAMP_404
LAMP_ALL = Lamp.ALL

VERBOSE = False


def show(state=LAMP_OFF):
    return state == LAMP_ALL
