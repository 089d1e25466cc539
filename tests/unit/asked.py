"""Asking for access and deciding about it, at a fixed time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import meshkit

NOW = datetime(2026, 11, 22, 6, tzinfo=UTC)


def ask(mesh, who="ann", product="sales.orders", **keys):
    values = {"purpose": "reporting", "days": 30, "now": NOW, **({"days": None} if "until" in keys else {}), **keys}
    return meshkit.request_access(mesh, who, product, **values)


def decide(mesh, request, verb, by, **keys):
    return meshkit.decide_request(mesh, request.id, verb, by=by, **{"now": NOW + timedelta(hours=1), **keys})


def may(mesh, who="ann", product="sales.orders", **keys):
    return meshkit.decide(
        mesh, who, product, **{"purpose": "reporting", "now": NOW + timedelta(hours=2), **keys}
    ).allowed


def log(mesh, who="gus"):
    return [(e.actor, e.action, e.subject) for e in meshkit.access_log(mesh, who)]
