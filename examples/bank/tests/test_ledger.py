from datetime import date
from decimal import Decimal

import pytest

from bank import Account, InsufficientFundsError, Ledger

DAY = date(2026, 1, 31)


def test_a_transfer_moves_money_and_is_remembered():
    ada, ben, ledger = Account("Ada", Decimal(10)), Account("Ben"), Ledger()
    entry = ledger.transfer(ada, ben, Decimal(4), DAY, "lunch")
    assert (ada.balance, ben.balance) == (Decimal(6), Decimal(4))
    assert list(ledger) == [entry]
    assert entry.text == "lunch"


def test_a_refused_transfer_moves_nothing():
    ada, ben, ledger = Account("Ada", Decimal(10)), Account("Ben"), Ledger()
    with pytest.raises(InsufficientFundsError):
        ledger.transfer(ada, ben, Decimal(11), DAY)
    assert (ada.balance, ben.balance, len(ledger)) == (Decimal(10), Decimal(0), 0)


def test_a_balance_counts_what_came_and_went_until_a_day():
    ada, ben, ledger = Account("Ada", Decimal(10)), Account("Ben"), Ledger()
    ledger.transfer(ada, ben, Decimal(4), DAY)
    ledger.transfer(ben, ada, Decimal(1), date(2026, 2, 1))
    assert ledger.balance("Ben") == Decimal(3)
    assert ledger.balance("Ben", until=DAY) == Decimal(4)
    assert ledger.balance("Ada") == Decimal(-3)


def test_a_statement_names_only_its_owner_s_entries():
    ada, ben, cleo, ledger = Account("Ada", Decimal(10)), Account("Ben"), Account("Cleo"), Ledger()
    first = ledger.transfer(ada, ben, Decimal(4), DAY)
    ledger.transfer(ben, cleo, Decimal(1), DAY)
    assert ledger.statement("Ada") == [first]
