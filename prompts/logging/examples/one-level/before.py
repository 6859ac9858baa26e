"""M."""

import sys


def f(x, y):
    print("start")
    print(x, y)
    print(f"{x} is {y!r}, 5%")
    print("got %s of %s" % (x, y), file=sys.stderr)
    print(x)
    print(x, file=open("a"))
    print("a b:", x)
    print(f"{x:>3}")
