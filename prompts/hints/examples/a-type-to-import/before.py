"""M."""


def join(parts, sep=","):
    return sep.join(str(part) for part in parts)
