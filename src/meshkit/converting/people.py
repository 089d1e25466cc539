"""Who answers for a product and who may read it: native `owner` and `access` to ODCS, and back."""

from __future__ import annotations

from typing import Any

from meshkit.converting.document import Value, copied, mapping_of, mappings_of, put_custom, text_of

_MAIL = "mailto:"


def write_owner(odcs: dict[str, Any], rest: dict[str, Any]) -> None:
    """Take the owner out of a native document."""
    owner = rest.get("owner")
    if not isinstance(owner, dict):
        return
    del rest["owner"]
    kept = copied(owner)
    team, contact, slack = (text_of(owner, k) for k in ("team", "contact", "slack"))
    if team:
        odcs["team"] = {"name": team}
    support = [{"channel": contact, "url": _MAIL + contact, "tool": "email"}] if contact else []
    support += [{"channel": slack, "tool": "slack"}] if slack else []
    if support:
        odcs["support"] = support
    if read_owner(copied(odcs), None).get("owner", {}) != {k: v for k, v in kept.items() if v is not None}:
        put_custom(odcs, "owner", kept)


def read_owner(rest: dict[str, Any], own: Value) -> dict[str, Any]:
    """Take who answers out of a contract: the team or the member who owns it, a mail address and a channel."""
    owner: dict[str, Any] = {}
    team = rest.get("team")
    members = mappings_of(team, "members") if isinstance(team, dict) else mappings_of(rest, "team")
    name = text_of(team, "name") if isinstance(team, dict) else None
    if not name:
        found = next((m for m in members if str(m.get("role", "")).casefold() == "owner" and not m.get("dateOut")), {})
        name = text_of(found, "username")
    if name:
        owner["team"] = name
    for item in mappings_of(rest, "support"):
        url, channel = item.get("url"), item.get("channel")
        if isinstance(url, str) and url.startswith(_MAIL) and "contact" not in owner:
            owner["contact"] = item.pop("url").removeprefix(_MAIL)
            item.pop("channel", None) if channel == owner["contact"] else None
            item.pop("tool", None) if item.get("tool") == "email" else None
        elif (
            isinstance(channel, str)
            and (item.get("tool") == "slack" or channel.startswith("#"))
            and "slack" not in owner
        ):
            owner["slack"] = item.pop("channel")
            item.pop("tool", None)
    if isinstance(own, dict):
        owner = own
    return {"owner": owner} if owner else {}


def write_access(odcs: dict[str, Any], rest: dict[str, Any]) -> None:
    """Take the roles that read and write out of a native document; whatever else access says is kept as it is."""
    access = mapping_of(rest, "access")
    roles = []
    for key in ("read", "write"):
        rules = access.get(key)
        if isinstance(rules, list) and rules and all(_is_role(r) for r in rules):
            roles += [{"role": r["role"], "access": key} for r in rules]
            del access[key]
    if roles:
        odcs["roles"] = roles


def _is_role(rule: Value) -> bool:
    return isinstance(rule, dict) and set(rule) == {"role"} and isinstance(rule["role"], str) and bool(rule["role"])


def read_access(rest: dict[str, Any], own: Value) -> dict[str, Any]:
    """Take the roles out of a contract, as native access."""
    access: dict[str, Any] = {}
    for item in mappings_of(rest, "roles"):
        kind = item.get("access") or "read"
        if kind in ("read", "write") and isinstance(item.get("role"), str):
            access.setdefault(kind, []).append({"role": item.pop("role")})
            item.pop("access", None)
    if isinstance(own, dict):
        access |= own
    return {"access": access} if access else {}
