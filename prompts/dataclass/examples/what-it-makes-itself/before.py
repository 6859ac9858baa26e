"""Money."""


class B:
    def __init__(self, owner: str, balance: int = 0) -> None:
        self.owner = owner
        self.balance = balance

    def __repr__(self):
        return f"{type(self).__name__}(owner={self.owner!r}, balance={self.balance!r})"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, B):
            return NotImplemented
        return (self.owner, self.balance) == (other.owner, other.balance)
