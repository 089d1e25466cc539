"""Whom a rule of a contract names."""

from __future__ import annotations

from meshkit.model.access import Principal
from meshkit.model.contract import Rule


def matches(rule: Rule, principal: Principal) -> bool:
    """Tell whether a rule names a principal: by its role, by its domain, or where it has both, by both. An empty one names nobody.

    Example:
        >>> ann = Principal(id="ann", roles=("analyst",), domains=("finance",))
        >>> matches(Rule(role="analyst"), ann), matches(Rule(role="analyst", domain="sales"), ann), matches(Rule(), ann)
        (True, False, False)
    """
    if not principal.is_known or not (rule.role or rule.domain):
        return False
    is_role = not rule.role or rule.role in principal.roles
    return is_role and (not rule.domain or rule.domain in principal.domains)


def named(rule: Rule) -> str:
    """Say whom a rule names, in words."""
    parts = [f"role {rule.role}" if rule.role else "", f"domain {rule.domain}" if rule.domain else ""]
    return " of ".join(filter(None, parts)) or "nobody"
