"""What moved between accounts, in the order in which it moved."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from bank.account import Account


class Entry:
    """One movement of money."""

    def __init__(self, day: date, source: str, target: str, amount: Decimal, text: str = "") -> None:
        self.day = day
        self.source = source
        self.target = target
        self.amount = amount
        self.text = text


class Ledger:
    """Moves money between accounts and remembers every movement."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []

    def __len__(self) -> int:
        return len(self._entries)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries)

    def transfer(self, source: Account, target: Account, amount: Decimal, day: date, text: str = "") -> Entry:
        """Move `amount` from one account to another, or move nothing and raise."""
        if source is target:
            raise ValueError("source and target are the same account")
        source.withdraw(amount)
        target.deposit(amount)
        entry = Entry(day, source.owner, target.owner, amount, text)
        self._entries.append(entry)
        return entry

    def balance(self, owner: str, until: date | None = None) -> Decimal:
        total = Decimal(0)
        for entry in self._entries:
            if until is not None and entry.day > until:
                continue
            if entry.target == owner:
                total += entry.amount
            if entry.source == owner:
                total -= entry.amount
        return total

    def statement(self, owner: str) -> list[Entry]:
        return [entry for entry in self._entries if owner in (entry.source, entry.target)]
