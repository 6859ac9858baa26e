"""Accounts."""


class Account:
    """Money."""

    def __init__(self, owner: str, pin_token: str, balance: int = 0) -> None:
        self._owner = owner
        self.pin_token = pin_token
        self.balance = balance

    @property
    def owner(self) -> str:
        return self._owner

    def close(self):
        self.balance = 0
