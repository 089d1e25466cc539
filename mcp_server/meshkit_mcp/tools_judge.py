"""Tools that judge: contracts, policies, and data by its checks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from anyio import from_thread
from mcp.server.mcpserver import Context
from mcp.types import CallToolResult
from pydantic import Field

import meshkit
from meshkit_mcp.answers_judge import ContractAnswer, GovernanceAnswer, RunAnswer
from meshkit_mcp.describe_judge import describe_compliance, describe_pasted, describe_problems, describe_run
from meshkit_mcp.desk import Desk
from meshkit_mcp.tools_find import Name, ProductId

MOST_TEXT = 256 * 1024
PROGRESS_STEPS = 20


class Judge:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def validate_contract(
        self,
        product: Name = "",
        text: Annotated[str, Field(max_length=MOST_TEXT, description="a contract as YAML, in place of product")] = "",
    ) -> Annotated[CallToolResult, ContractAnswer]:
        """Find what is wrong with a contract, each with its place and fix: of a data product, or of YAML text you give.

        Reads no data. Use it on a draft until it is valid; a contract with errors is only seen by its text.
        """

        def work(view: meshkit.View) -> ContractAnswer:
            if bool(product) is bool(text):
                raise meshkit.UsageError("give one of product and text", "product= is an id, text= the YAML itself")
            return describe_pasted(view.look_at(text)) if text else describe_problems(view, view.product(product))

        return await self._desk.answer(work, self._desk.readings if text else None)

    async def check_governance(
        self, product: ProductId, at: Literal["pr", "publish", "query", "schedule"] = "schedule"
    ) -> Annotated[CallToolResult, GovernanceAnswer]:
        """Judge a data product by the mesh's policies: violations with places and remedies, waivers, what is unknown.

        Use at=publish to learn what would block it. Counts the last recorded run; run_checks does not change that.
        """

        def work(view: meshkit.View) -> GovernanceAnswer:
            found = view.product(product)
            return describe_compliance(view, found, view.govern(found, at))

        return await self._desk.answer(work)

    async def run_checks(
        self,
        ctx: Context[Any, Any],
        product: ProductId,
        check: Annotated[Name, Field(description="only this one: its id, or an end of it such as amount.min")] = "",
    ) -> Annotated[CallToolResult, RunAnswer]:
        """Run the checks of a data product on its data as it is now, and judge each: verdicts with counts, never rows.

        May take minutes on large data: give check= where one answer is enough. Errored means that no answer was had.
        """
        progress = _progress(ctx)

        def run(view: meshkit.View) -> RunAnswer:
            found = view.product(product)
            result = view.check(found, check, timeout_seconds=self._desk.timeout_seconds, progress=progress)
            return describe_run(view, found, result)

        return await self._desk.answer(run, self._desk.runs)


def _progress(ctx: Context[Any, Any]) -> Callable[[str, int, int], None]:
    """Return what a run calls from its thread: it tells the client a few steps, and ends a cancelled run."""
    told = 0

    def tell(_product: str, done: int, total: int) -> None:
        nonlocal told
        from_thread.check_cancelled()
        step = done * PROGRESS_STEPS // total if total else 0
        if step > told:
            told = step
            from_thread.run(ctx.report_progress, done, total, f"{done:,} of {total:,} checks")

    return tell
