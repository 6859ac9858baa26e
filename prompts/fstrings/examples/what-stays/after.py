"""Formats that f-strings cannot say as well."""


def report(pair, count, names):
    both = "%s and %s" % pair
    rounded = "%d of %s" % (count, len(names))
    joined = "%s(%s)" % (type(names).__name__, ", ".join(names))
    line = f"{names[0]}, {names[1]!r}"
    head = "{0}{0}{1}".format("=", count)
    return both, rounded, joined, line, head
