"""Accounts."""


class Account:
    """Money."""

    def __init__(self, owner: str, pin_token: str, balance: int = 0) -> None:
        self._owner = owner
        self.pin_token = pin_token
        self.balance = balance

    def __repr__(self) -> str:
        return f"{type(self).__name__}(owner={self.owner!r}, balance={self.balance!r})"

    @property
    def owner(self) -> str:
        return self._owner

    def close(self):
        self.balance = 0
