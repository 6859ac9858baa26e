"""Formats that f-strings cannot say as well."""


def report(pair, count, names):
    both = "%s and %s" % pair
    rounded = "%d of %s" % (count, len(names))
    joined = "%s(%s)" % (type(names).__name__, ", ".join(names))
    line = "%(first)s, %(second)r" % {"first": names[0], "second": names[1]}
    head = "{0}{0}{1}".format("=", count)
    return both, rounded, joined, line, head
