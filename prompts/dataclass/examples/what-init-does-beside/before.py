"""Points."""


class Point:
    """A point."""

    unit = "m"

    def __init__(self, x, y: int = 0, *, tags=[], name: str | None = None) -> None:
        # where it is
        self.x = x
        self.y = y  # up
        self._tags = tags
        self.name = name
        if self.y < 0:
            raise ValueError(f"below: {y}")
        self.seen: dict[str, int] = {}
        self.count = 0
        self._size = len(tags)

    def __repr__(self):
        return f"Point(x={self.x!r}, y={self.y!r}, tags={self._tags!r}, name={self.name!r})"

    def __eq__(self, other):
        if not isinstance(other, Point):
            return NotImplemented
        return (self.x, self.y) == (other.x, other.y)

    def add(self, tag):
        self._tags.append(tag)
