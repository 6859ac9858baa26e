from fastapi import APIRouter, HTTPException
from models import Item


router = APIRouter(prefix="/items", tags=["items"])
_items: dict[int, Item] = {}


@router.get("/")
def list_items() -> list[Item]:
    """Return all items."""
    return list(_items.values())


@router.post("/", status_code=201)
def create_item(item: Item) -> Item:
    """Keep a new item."""
    _items[max(_items, default=0) + 1] = item
    return item


@router.get("/{item_id}")
def read_item(item_id: int) -> Item:
    """Return one item."""
    if item_id not in _items:
        raise HTTPException(status_code=404, detail="item not found")
    return _items[item_id]


@router.put("/{item_id}")
def update_item(item_id: int, item: Item) -> Item:
    """Replace one item."""
    if item_id not in _items:
        raise HTTPException(status_code=404, detail="item not found")
    _items[item_id] = item
    return item


@router.delete("/{item_id}", status_code=204)
def delete_item(item_id: int) -> None:
    """Remove one item."""
    if _items.pop(item_id, None) is None:
        raise HTTPException(status_code=404, detail="item not found")
