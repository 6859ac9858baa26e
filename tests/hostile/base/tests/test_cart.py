"""A cart holds items and adds them up."""

import pytest

from shop.cart import Cart, Item


def test_total_adds_up(cart: Cart) -> None:
    assert cart.total() == 1690


def test_total_of_nothing() -> None:
    assert Cart().total() == 0


def test_a_voucher_makes_it_cheaper(cart: Cart) -> None:
    cart.voucher = 10
    assert cart.total() == 1521
    assert cart.total() < 1690


def test_an_item_can_be_removed(cart: Cart) -> None:
    cart.remove("tea")
    assert [item.name for item in cart.items] == ["cup"]


def test_no_count_is_refused(cart: Cart) -> None:
    with pytest.raises(ValueError, match="count"):
        cart.add(Item("pot", 100, 0))
