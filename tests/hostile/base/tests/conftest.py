"""What the tests share."""

import pytest

from shop.cart import Cart, Item


@pytest.fixture
def cart() -> Cart:
    """A cart with two kinds of items."""
    return Cart([Item("tea", 350, 2), Item("cup", 990)])
