"""The fixtures of `orders.py` and `stores.py`, for every test beside it."""

from __future__ import annotations

from tests.store.orders import folder, plain
from tests.store.stores import engine, new_place, place, store

__all__ = ["engine", "folder", "new_place", "place", "plain", "store"]
