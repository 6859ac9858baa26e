"""A lamp."""

import sys

COLOR_SEP = ":"

# What it can show.
LAMP_OFF = 0
LAMP_RED = 1  # stop
LAMP_GREEN = 1 << 1
LAMP_404 = 404
LAMP_ALL = LAMP_RED | LAMP_GREEN

VERBOSE = False


def show(state=LAMP_OFF):
    return state == LAMP_ALL
