from decimal import Decimal

import pytest

from bank import Account, InsufficientFundsError


def test_deposit_adds_to_the_balance():
    account = Account("Ada", Decimal("10.00"))
    account.deposit(Decimal("2.50"))
    assert account.balance == Decimal("12.50")


def test_withdraw_takes_from_the_balance():
    account = Account("Ada", Decimal("10.00"))
    account.withdraw(Decimal("2.50"))
    assert account.balance == Decimal("7.50")


def test_withdraw_refuses_more_than_there_is_and_takes_nothing():
    account = Account("Ada", Decimal("10.00"))
    with pytest.raises(InsufficientFundsError, match=r"Ada lacks 0\.01"):
        account.withdraw(Decimal("10.01"))
    assert account.balance == Decimal("10.00")


@pytest.mark.parametrize("amount", [Decimal(0), Decimal(-1)])
def test_amounts_must_be_more_than_zero(amount):
    account = Account("Ada", Decimal("10.00"))
    with pytest.raises(ValueError, match="more than zero"):
        account.deposit(amount)
    with pytest.raises(ValueError, match="more than zero"):
        account.withdraw(amount)


def test_an_account_cannot_start_below_zero():
    with pytest.raises(ValueError, match="below zero"):
        Account("Ada", Decimal(-1))
