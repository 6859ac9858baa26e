"""A service."""

from fastapi import FastAPI
from pydantic import BaseModel

app = FastAPI()


class Item(BaseModel):
    id: int


ITEMS: dict[int, Item] = {}
