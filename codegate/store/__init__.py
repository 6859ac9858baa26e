"""The working state beside a repository, in one SQLite file. Nothing that is read from it is trusted."""

from codegate.store.database import StoreError
from codegate.store.records import Kept, Pending, Undo
from codegate.store.store import Store

__all__ = ["Kept", "Pending", "Store", "StoreError", "Undo"]
