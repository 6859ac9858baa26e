"""M."""


def one(a):
    """One.

    :param a: A.
    """


def two(b):
    # why
    """Old."""
    return b
