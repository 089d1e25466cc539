"""Resources: the list of products, and the texts of contracts, policies and recorded runs, for the present caller."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ResourceNotFoundError

import meshkit
from meshkit_mcp.budgets import clean, clean_lines, fence
from meshkit_mcp.desk import Desk

MOST = 100_000
"""Characters of a resource, about 25,000 tokens."""
_LIST = 500


class Resources:
    """Registers and reads them.

    Args:
        desk: The mesh.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def register(self, server: MCPServer[Any]) -> None:
        """Offer them."""
        add = server.resource
        add("mesh://products", title="Data products", mime_type="text/plain")(self.products)
        add("mesh://products/{id}/contract", title="A data product's contract", mime_type="application/yaml")(
            self.contract
        )
        add("mesh://policies/{id}", title="A policy", mime_type="text/plain")(self.policy)
        add("mesh://runs/{id}", title="A recorded run", mime_type="text/plain")(self.run)

    async def products(self) -> str:
        """The data products that you may know of; search_data_products finds them by words."""

        def work(view: meshkit.View) -> str:
            found = view.search("", limit=_LIST)
            more = f" The first {_LIST:,}: search_data_products finds the others." if found.more else ""
            products = [view.product(f"{h.product}@{h.version}") for h in found.hits]
            return _cut(
                f"{len(products):,} products.{more}",
                (
                    f"{p.id} {p.version} {p.status}: {view.hide(h.description, p)}"
                    for p, h in zip(products, found.hits, strict=True)
                ),
            )

        return await self._read("mesh://products", work)

    async def contract(self, id: str) -> str:  # noqa: A002  # the name in the URI
        """The contract of a data product, as its owner wrote it."""

        def work(view: meshkit.View) -> str:
            text = clean_lines(view.source(view.product(id)))
            cut = (
                f" {len(text) - MOST:,} characters are cut: get_schema gives columns in pages."
                if len(text) > MOST
                else ""
            )
            return fence(f"The contract as its owner wrote it.{cut}", [text[:MOST]], comment="# ")

        return await self._read(f"mesh://products/{id}/contract", work)

    async def policy(self, id: str) -> str:  # noqa: A002
        """A policy of the mesh: its prose, and the rules that a machine judges."""

        def work(view: meshkit.View) -> str:
            policy = next((p for p in view.policies if p.id == id), None)
            if policy is None:
                raise meshkit.UsageError(f"unknown policy '{id[:80]}'")
            return _cut(f"A policy of {len(policy.rules):,} rules.", map(view.hide, _policy_lines(policy)))

        return await self._read(f"mesh://policies/{id}", work)

    async def run(self, id: str) -> str:  # noqa: A002
        """What came of the data products in a recorded run: verdicts with counts, never rows."""

        def work(view: meshkit.View) -> str:
            found = view.run(id)
            return _cut(f"A run of {len(found):,} products that you may know of.", map(view.hide, _run_lines(found)))

        return await self._read(f"mesh://runs/{id}", work)

    async def _read(self, uri: str, work: Callable[[meshkit.View], str]) -> str:
        """Read a resource; what may not be known of is not there, in the same words."""
        try:
            return await self._desk.work(work)
        except meshkit.MeshkitError as error:
            raise ResourceNotFoundError(
                f"Unknown resource: {clean(uri)}; search_data_products and mesh://products name what there is"
            ) from error


def _cut(summary: str, lines: Iterable[str]) -> str:
    """Return lines within the budget, and say so where some are left out."""
    kept: list[str] = []
    used, left = 0, 0
    for line in map(clean, lines):
        used += len(line)
        if used > MOST:
            left += 1
        else:
            kept.append(line)
    cut = f" {left:,} lines are left out." if left else ""
    return fence(summary + cut, kept)


def _policy_lines(policy: meshkit.Policy) -> Iterable[str]:
    mandatory = ", mandatory" if policy.mandatory else ""
    domain = f", of domain {policy.domain}" if policy.domain else ""
    yield f"{policy.id}, {policy.section or 'built in'}{mandatory}{domain}"
    yield from policy.prose.splitlines()
    if policy.why_not:
        yield f"no machine judges it: {policy.why_not}"
    for rule in policy.rules:
        asked = rule.sql or rule.python or f"{rule.require}{f' when {rule.when}' if rule.when else ''}"
        yield f"rule {rule.id}, {rule.severity}, at {', '.join(rule.enforce)}: {asked}"
        if rule.remedy:
            yield f"  remedy: {rule.remedy}"


def _run_lines(found: Iterable[meshkit.PastProductRun]) -> Iterable[str]:
    for one in found:
        yield f"{one.product} {one.version}: {one.outcome or one.run.state}, {one.run.started:%Y-%m-%d %H:%M} UTC, rows {one.rows}"
        for v in one.verdicts:
            yield f"  {v.outcome} {v.severity} {v.check_id}: {v.message} ({v.place})"
