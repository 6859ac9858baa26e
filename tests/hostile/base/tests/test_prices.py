"""Prices are whole cents."""

import pytest

from shop.prices import discounted, shown, taxed


@pytest.mark.parametrize(
    ("price", "percent", "expected"),
    [
        (100, 0, 100),
        (100, 10, 90),
        (999, 50, 500),
        (100, 100, 0),
    ],
)
def test_discounted(price: int, percent: int, expected: int) -> None:
    assert discounted(price, percent) == expected


@pytest.mark.parametrize("percent", [-1, 101])
def test_a_discount_has_bounds(percent: int) -> None:
    with pytest.raises(ValueError, match="between"):
        discounted(100, percent)


def test_taxed() -> None:
    assert taxed(1000) == 1190


def test_tax_is_about_a_fifth() -> None:
    assert taxed(100_000) / 100_000 == pytest.approx(1.19, abs=1e-6)


def test_shown() -> None:
    assert shown(1205) == "12.05 EUR"
