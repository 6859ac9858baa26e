"""Accounts, a ledger of what moved between them, and interest."""

from bank.account import Account, InsufficientFundsError
from bank.interest import compound, monthly
from bank.ledger import Entry, Ledger

__all__ = ["Account", "Entry", "InsufficientFundsError", "Ledger", "compound", "monthly"]
