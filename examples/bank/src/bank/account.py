"""An account that holds an amount of money and never less than nothing."""

from __future__ import annotations

from decimal import Decimal


class InsufficientFundsError(Exception):
    """More was asked of an account than it holds."""

    def __init__(self, owner: str, missing: Decimal) -> None:
        super().__init__(f"the account of {owner} lacks {missing}")
        self.owner = owner
        self.missing = missing


class Account:
    """One person's money."""

    def __init__(self, owner: str, balance: Decimal = Decimal(0)) -> None:
        if balance < 0:
            raise ValueError("an account cannot start below zero")
        self.owner = owner
        self.balance = balance

    def deposit(self, amount: Decimal) -> None:
        if amount <= 0:
            raise ValueError("a deposit must be more than zero")
        self.balance += amount

    def withdraw(self, amount: Decimal) -> None:
        if amount <= 0:
            raise ValueError("a withdrawal must be more than zero")
        if amount > self.balance:
            raise InsufficientFundsError(self.owner, amount - self.balance)
        self.balance -= amount
