"""Models."""

from datetime import date
from typing import Any

from sqlalchemy import JSON
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column


class Base(DeclarativeBase):
    """What all tables share."""


class User(Base):
    __tablename__ = "user"

    id: Mapped[int] = mapped_column(primary_key=True)
    user_name: Mapped[str]
    born: Mapped[date | None]
    tags: Mapped[Any] = mapped_column(JSON)
    class_: Mapped[float | None]
    address: Mapped[Any] = mapped_column(JSON)
