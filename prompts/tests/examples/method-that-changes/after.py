"""Tests."""

from bank import Account


def test_account_deposit():
    assert Account("a")


def test_account_deposit_more() -> None:
    it = Account("Ann", 1)
    it.deposit(5)
    assert vars(it) == {"owner": "Ann", "balance": 6}
    it = Account("Ann", 1)
    it.deposit(0)
    assert vars(it) == {"owner": "Ann", "balance": 1}
