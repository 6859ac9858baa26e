from functools import total_ordering


@total_ordering
class V:
    def __init__(self, major, minor, note):
        self.major = major
        self.minor = minor
        self.note = note

    def __eq__(self, other):
        return (self.major, self.minor) == (other.major, other.minor)

    def __lt__(self, other):
        if not isinstance(other, V):
            return NotImplemented
        return (self.major, self.minor) < (other.major, other.minor)
