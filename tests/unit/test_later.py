"""Rooms that are imported when they are first used."""

from __future__ import annotations

import sys

import pytest

from meshkit.later import Later

ROOM = "wave"  # a module of Python's own that nothing here imports


def test_a_room_is_imported_when_a_name_of_it_is_first_used(monkeypatch):
    monkeypatch.delitem(sys.modules, ROOM, raising=False)
    room = Later(ROOM)
    assert ROOM not in sys.modules
    assert room.WAVE_FORMAT_PCM == 1
    assert ROOM in sys.modules


def test_a_name_that_the_room_has_not_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = Later("math").nothing


def test_a_room_shows_its_name():
    assert repr(Later("meshkit.change.mesh_diff")) == "Later('meshkit.change.mesh_diff')"
