"""Interest, rounded to cents as banks round it: half to even."""

from decimal import ROUND_HALF_EVEN, Decimal

_CENT = Decimal("0.01")


def compound(principal, rate, years):
    amount = principal
    for _ in range(years):
        amount += (amount * rate).quantize(_CENT, ROUND_HALF_EVEN)
    return amount


def monthly(balance, rate):
    return (balance * rate / 12).quantize(_CENT, ROUND_HALF_EVEN)
