"""Models."""

from datetime import date
from typing import Any

from pydantic import BaseModel, Field


class Address(BaseModel):
    city: str
    zip: Any | None = None


class User(BaseModel):
    id: int
    user_name: str = Field(alias="userName")
    tags: list[str]
    born: date | None = None
    class_: float | None = Field(default=None, alias="class")
    address: Address | None = None
