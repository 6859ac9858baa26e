"""What is saved is loaded again."""

from pathlib import Path

import pytest

from shop.cart import Cart
from shop.store import load, save


@pytest.fixture(autouse=True)
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every test runs in a folder of its own."""
    monkeypatch.chdir(tmp_path)


def test_round_trip(cart: Cart) -> None:
    save(cart, Path("cart.json"))
    assert load(Path("cart.json")) == cart


class TestMissing:
    """A file that is not there."""

    def test_is_an_error(self) -> None:
        with pytest.raises(FileNotFoundError):
            load(Path("nowhere.json"))
