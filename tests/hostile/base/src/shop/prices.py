"""Prices in cents, and what is done to them."""

from __future__ import annotations

Price = int
TAX_PERCENT = 19


def discounted(price: Price, percent: int) -> Price:
    """Return a price less a discount."""
    if not 0 <= percent <= 100:
        raise ValueError("a discount is between 0 and 100 percent")
    return price - price * percent // 100


def taxed(price: Price) -> Price:
    """Return a price with its tax."""
    return price + price * TAX_PERCENT // 100


def shown(price: Price) -> str:
    """Return a price as people read it."""
    return f"{price // 100}.{price % 100:02d} EUR"
