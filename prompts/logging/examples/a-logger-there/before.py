import logging

log = logging.getLogger("a")


def f(x):
    print("failed", x)
    print("100%")
