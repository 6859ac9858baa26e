"""M."""

import logging

logger = logging.getLogger(__name__)


def f(x, y):
    logger.debug("start")
    logger.debug("%s %s", x, y)
    logger.debug("%s is %r, 5%%", x, y)
    logger.debug("got %s of %s", x, y)
    logger.debug("%s", x)
    print(x, file=open("a"))
    logger.debug("a b: %s", x)
    logger.debug("%s", f'{x:>3}')
