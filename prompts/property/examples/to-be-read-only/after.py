class Account:
    def __init__(self, owner: str, balance: int = 0) -> None:
        self.owner = owner
        self._balance: int = balance

    def deposit(self, amount: int, other: "Account") -> None:
        self._balance += amount
        print(self.balance, other.balance)

    @property
    def balance(self) -> int:
        return self._balance
