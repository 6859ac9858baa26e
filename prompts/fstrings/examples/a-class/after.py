"""What a shop says."""

import logging


class Label:
    def __init__(self, name, price, tags):
        self.name = name
        self.price = price
        self.tags = tags

    def __str__(self):
        return f"{self.name} costs {self.price}"

    def long(self):
        rest = "{0} ({1})".format(", ".join(self.tags), len(self.tags))
        logging.info("shown: %s" % self.name)
        return "%-20s|%.2f|%s" % (self.name, self.price, rest)


def untouched(name):
    return "{}".format(name)
