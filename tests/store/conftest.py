"""The fixtures of `stores.py`, for every test beside it."""

from __future__ import annotations

from tests.store.stores import engine, new_place, place, store

__all__ = ["engine", "new_place", "place", "store"]
