"""Tests."""

from bank import Account


def test_account_deposit():
    assert Account("a")
