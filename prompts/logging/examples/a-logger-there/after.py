import logging

log = logging.getLogger("a")


def f(x):
    log.error("failed %s", x)
    log.debug("100%")
