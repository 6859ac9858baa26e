"""Points."""

from dataclasses import KW_ONLY, dataclass, field


@dataclass
class Point:
    """A point."""

    unit = "m"

    # where it is
    x: float
    y: int = 0  # up
    _: KW_ONLY
    tags: list = field(default_factory=list)
    name: str | None = None
    seen: dict[str, int] = field(default_factory=dict, init=False)
    count: int = field(default=0, init=False)
    _size: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.y < 0:
            raise ValueError(f"below: {self.y}")
        self._size = len(self.tags)

    def __repr__(self):
        return f"Point(x={self.x!r}, y={self.y!r}, tags={self.tags!r}, name={self.name!r})"

    def __eq__(self, other):
        if not isinstance(other, Point):
            return NotImplemented
        return (self.x, self.y) == (other.x, other.y)

    def add(self, tag):
        self.tags.append(tag)
