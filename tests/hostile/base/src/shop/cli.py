"""The command line."""

from __future__ import annotations

import argparse
from pathlib import Path

from shop.prices import shown, taxed
from shop.store import load


def main() -> None:
    """Print what a cart costs."""
    parser = argparse.ArgumentParser(prog="shop")
    parser.add_argument("cart", type=Path)
    parser.add_argument("--tax", action="store_true")
    chosen = parser.parse_args()
    price = load(chosen.cart).total()
    print(shown(taxed(price) if chosen.tax else price))
