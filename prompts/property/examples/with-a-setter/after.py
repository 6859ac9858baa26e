class Account:
    def __init__(self, owner: str, balance: int = 0) -> None:
        self.owner = owner
        self._balance: int = balance

    def deposit(self, amount: int, other: "Account") -> None:
        self.balance += amount
        other.balance = self.balance

    @property
    def balance(self) -> int:
        return self._balance

    @balance.setter
    def balance(self, value: int) -> None:
        self._balance = value
