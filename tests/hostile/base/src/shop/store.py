"""Carts on disk, and prices from the supplier."""

from __future__ import annotations

import json
from pathlib import Path

from platformdirs import user_data_path
from pydantic import BaseModel

from shop.cart import Cart, Item


class Offer(BaseModel):
    """What the supplier asks for an item."""

    name: str
    cents: int


def load(path: Path) -> Cart:
    """Return the cart in a file."""
    document = json.loads(path.read_text(encoding="utf-8"))
    return Cart([Item(**item) for item in document["items"]], document["voucher"])


def save(cart: Cart, path: Path) -> None:
    """Write a cart to a file."""
    items = [vars(item) for item in cart.items]
    path.write_text(json.dumps({"items": items, "voucher": cart.voucher}), encoding="utf-8")


def offers(text: str) -> list[Offer]:
    """Return what the supplier's list offers."""
    return [Offer.model_validate(line) for line in json.loads(text)]


def usual_path() -> Path:
    """Return where a cart is kept unless it is said otherwise."""
    return user_data_path("shop") / "cart.json"
