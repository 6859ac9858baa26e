class Item:
    name: str
