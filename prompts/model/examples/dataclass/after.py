"""Models."""

from dataclasses import dataclass
from datetime import date
from typing import Any


@dataclass
class Address:
    city: str
    zip: Any | None = None


@dataclass
class User:
    id: int
    user_name: str
    tags: list[str]
    born: date | None = None
    class_: float | None = None
    address: Address | None = None
