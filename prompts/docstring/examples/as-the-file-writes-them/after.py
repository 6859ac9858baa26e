"""M."""


def one(a):
    """One.

    :param a: A.
    """


def two(b):
    # why
    """Return it.

    :param b: Any value.
    :returns: The same.
    """
    return b
