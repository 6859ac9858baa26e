from decimal import Decimal

from bank import compound, monthly


def test_compound_interest_earns_interest():
    assert compound(Decimal("100.00"), Decimal("0.10"), 2) == Decimal("121.00")


def test_no_years_earn_nothing():
    assert compound(Decimal("100.00"), Decimal("0.10"), 0) == Decimal("100.00")


def test_half_a_cent_rounds_to_even():
    assert monthly(Decimal("1.50"), Decimal("0.04")) == Decimal("0.00")
    assert monthly(Decimal("4.50"), Decimal("0.04")) == Decimal("0.02")
