"""Tools that explain a product: where it comes from, how it is, what a change of it would break, what a check means."""

from __future__ import annotations

from typing import Annotated, Literal

from mcp.types import CallToolResult
from pydantic import Field

import meshkit
from meshkit_mcp.answers_explain import CheckAnswer, HealthAnswer, LineageAnswer, ProposalAnswer
from meshkit_mcp.describe_explain import (
    check_called,
    describe_check,
    describe_health,
    describe_lineage,
    describe_proposal,
    visible_in,
)
from meshkit_mcp.desk import Desk
from meshkit_mcp.tools_find import Name, ProductId


class Explain:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._index: tuple[meshkit.Mesh, meshkit.LineageIndex] | None = None

    async def get_lineage(
        self, product: ProductId, column: Name = "", direction: Literal["up", "down", "both"] = "both",
        depth: Annotated[int, Field(ge=1, le=10)] = 3,
    ) -> Annotated[CallToolResult, LineageAnswer]:  # fmt: skip
        """Show what a data product, or one column, is made from (up) and who reads it (down). Use before changing it."""

        def work(view: meshkit.View) -> LineageAnswer:
            found = meshkit.lineage(
                view.mesh, view.product(product).id, column=column or None, direction=direction, depth=depth,
                visible=visible_in(view), index=self._index_of(view.mesh),
            )  # fmt: skip
            return describe_lineage(view, found)

        return await self._desk.answer(work)

    async def get_health(
        self, product: ProductId, days: Annotated[int, Field(ge=1, le=365)] = 30
    ) -> Annotated[CallToolResult, HealthAnswer]:
        """Say how a data product was in its last recorded run: checks not passed, promises kept, trend. Runs nothing.

        Where it is stale or never checked, use run_checks.
        """

        def work(view: meshkit.View) -> HealthAnswer:
            found = view.product(product)
            return describe_health(view, found, meshkit.condition(view.mesh, found.id, now=view.now, days=days))

        return await self._desk.answer(work)

    async def check_contract_change(
        self,
        product: ProductId,
        text: Annotated[str, Field(max_length=262_144, description="the whole new contract")],
        beside: Annotated[bool, Field(description="the old version stays")] = False,
    ) -> Annotated[CallToolResult, ProposalAnswer]:
        """Judge a new text of a data product's contract against the one that readers have: what breaks whom, which version it needs.

        Writes nothing.
        """

        def work(view: meshkit.View) -> ProposalAnswer:
            found = view.product(product)
            view.look_at(text)  # in a process with limits: what does not end there is never read in this one
            judged = meshkit.judge_change(
                view.mesh, found.id, text, beside=beside, now=view.now, visible=visible_in(view),
                index=self._index_of(view.mesh),
            )  # fmt: skip
            return describe_proposal(view, found, judged, text)

        return await self._desk.answer(work, self._desk.runs)

    async def explain_check(
        self,
        product: ProductId,
        check: Annotated[Name, Field(description="its id, or an end of it")],
        dialect: Annotated[Name, Field(description="postgres, spark, snowflake, ...")] = "duckdb",
    ) -> Annotated[CallToolResult, CheckAnswer]:
        """Say what one check asserts, in a sentence and as SQL in a dialect. get_data_product lists checks."""

        def work(view: meshkit.View) -> CheckAnswer:
            found = view.product(product)
            return describe_check(view, found, check_called(found, check), dialect)

        return await self._desk.answer(work)

    def _index_of(self, mesh: meshkit.Mesh) -> meshkit.LineageIndex:
        """Return who reads whom in a mesh, kept as long as the mesh is; it is the same for all callers."""
        kept = self._index
        if kept is None or kept[0] is not mesh:
            kept = self._index = (mesh, meshkit.LineageIndex(mesh))
        return kept[1]
