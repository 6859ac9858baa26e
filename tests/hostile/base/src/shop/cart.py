"""What a customer wants to buy."""

from __future__ import annotations

from dataclasses import dataclass, field

from shop.prices import Price, discounted


@dataclass(frozen=True)
class Item:
    """One line of a cart."""

    name: str
    price: Price
    count: int = 1


@dataclass
class Cart:
    """Items, and a voucher that makes them cheaper."""

    items: list[Item] = field(default_factory=list)
    voucher: int = 0

    def add(self, item: Item) -> None:
        """Put an item in; one without a count is refused."""
        if item.count < 1:
            raise ValueError("an item needs a count")
        self.items.append(item)

    def remove(self, name: str) -> None:
        """Take all items of that name out."""
        self.items = [item for item in self.items if item.name != name]

    def total(self) -> Price:
        """Return what the customer pays."""
        whole = sum(item.price * item.count for item in self.items)
        return discounted(whole, self.voucher)
