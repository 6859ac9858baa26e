class Account:
    def __init__(self, owner: str, balance: int = 0) -> None:
        self.owner = owner
        self.balance: int = balance

    def deposit(self, amount: int, other: "Account") -> None:
        self.balance += amount
        other.balance = self.balance
