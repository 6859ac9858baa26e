"""What may go wrong in a shop."""


class ShopError(ValueError):
    """Something is wrong with an order."""


class SoldOutError(ShopError):
    """Sold out."""


class PriceError(ShopError):
    """Price."""
