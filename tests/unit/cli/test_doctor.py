"""`meshkit doctor`: what meshkit.yaml names is reached as a check would reach it."""

from __future__ import annotations

import sqlite3

import pytest

from meshkit import doctoring


@pytest.fixture
def folder(tmp_path):
    sqlite3.connect(tmp_path / "shop.db").close()
    (tmp_path / "meshkit.yaml").write_text(
        "engines:\n"
        f"  light: {{url: 'sqlite:///{tmp_path}/shop.db'}}\n"
        "  away: {url: 'postgresql://reader@127.0.0.1:1/shop', password: {env: DOCTOR_PASSWORD}}\n"
        "environments:\n"
        "  prod: {engine: light}\n"
        "  dev: {location_prefix: data}\n",
        encoding="utf-8",
    )
    return tmp_path


def test_engines_and_environments_of_the_settings_are_reached(folder, monkeypatch):
    monkeypatch.setenv("DOCTOR_PASSWORD", "hunter2")
    found = {s.named: s for s in doctoring.examine(mesh=folder) if s.named}
    assert list(found) == ["engine light", "engine away", "environment prod", "environment dev"]
    assert (found["engine light"].missing, found["environment prod"].missing) == ("", "")
    assert found["environment prod"].version.startswith("sqlite 3.")
    assert "MK3" in found["engine away"].missing
    assert found["environment dev"].engine == "duckdb"
    assert "hunter2" not in str(found)


def test_a_secret_that_is_not_there_is_told(folder, monkeypatch):
    monkeypatch.delenv("DOCTOR_PASSWORD", raising=False)
    away = next(s for s in doctoring.examine(mesh=folder) if s.named == "engine away")
    assert "DOCTOR_PASSWORD" in away.missing + away.way_out


def test_settings_with_an_error_are_told_with_their_place(folder):
    (folder / "meshkit.yaml").write_text("engines:\n  shop: {ulr: 'sqlite:///x.db'}\n", encoding="utf-8")
    wrong = doctoring.examine(mesh=folder)[-1]
    assert "meshkit.yaml:2:" in wrong.missing
