"""A service."""

from fastapi import FastAPI, HTTPException
from pydantic import BaseModel

app = FastAPI()


class Item(BaseModel):
    id: int


ITEMS: dict[int, Item] = {}


@app.get("/items")
def list_items() -> list[Item]:
    """Return all items."""
    return list(ITEMS.values())


@app.post("/items", status_code=201)
def create_item(item: Item) -> Item:
    """Keep a new item."""
    ITEMS[item.id] = item
    return item


@app.get("/items/{item_id}")
def read_item(item_id: int) -> Item:
    """Return one item."""
    if item_id not in ITEMS:
        raise HTTPException(status_code=404, detail="item not found")
    return ITEMS[item_id]


@app.put("/items/{item_id}")
def update_item(item_id: int, item: Item) -> Item:
    """Replace one item."""
    if item_id not in ITEMS:
        raise HTTPException(status_code=404, detail="item not found")
    ITEMS[item_id] = item
    return item


@app.delete("/items/{item_id}", status_code=204)
def delete_item(item_id: int) -> None:
    """Remove one item."""
    if ITEMS.pop(item_id, None) is None:
        raise HTTPException(status_code=404, detail="item not found")
