"""The tools: each reads the mesh anew, off the event loop, and answers within its budget."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

from anyio import CapacityLimiter, from_thread, to_thread
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import CallToolResult, TextContent
from pydantic import Field

import meshkit
from meshkit_mcp.answers import Answer, ProductAnswer, ProductList, RunAnswer
from meshkit_mcp.budgets import clean, fence
from meshkit_mcp.describe import describe_product, describe_run, list_products

RUNS_AT_ONCE = 2
PROGRESS_STEPS = 20
_REFUSED = "Refused. list_data_products gives every product's id, get_data_product the ids of its checks."

Name = Annotated[str, Field(max_length=300)]
ProductId = Annotated[Name, Field(description="domain.name, domain.name@version, or a name that only one product has.")]


class Tools:
    """The tools over one mesh. A method's docstring is what assistants read.

    Args:
        path: The mesh folder, or one contract.
        timeout_seconds: How long one statement of a run may take.
    """

    def __init__(self, path: Path, timeout_seconds: float) -> None:
        self._path = path
        self._timeout_seconds = timeout_seconds
        self._runs = CapacityLimiter(RUNS_AT_ONCE)

    async def list_data_products(
        self,
        domain: Annotated[Name | None, Field(description="Only products of this domain.")] = None,
        limit: Annotated[int, Field(ge=1, le=100)] = 20,
        offset: Annotated[int, Field(ge=0, description="Leave out the first so many.")] = 0,
    ) -> Annotated[CallToolResult, ProductList]:
        """Find data products: id, owner, how many checks, one line of description. Start here to learn ids.

        Reads contracts only, no data. For one product's columns and checks use get_data_product.
        """
        return await self._answer(lambda mesh: list_products(mesh, domain, limit, offset))

    async def get_data_product(self, product: ProductId) -> Annotated[CallToolResult, ProductAnswer]:
        """Read what one data product is and promises: owner, columns, checks, service levels, errors in its contract.

        Reads its contract only, no data. To learn whether the promises are kept use run_checks.
        """
        return await self._answer(lambda mesh: describe_product(mesh.product(product)))

    async def run_checks(
        self,
        ctx: Context[Any, Any],
        product: ProductId,
        check: Annotated[
            Name | None, Field(description="Only this check: its id, or an end of it such as amount.min.")
        ] = None,
    ) -> Annotated[CallToolResult, RunAnswer]:
        """Run the checks of one data product on its data as it is now, and judge each: a verdict with counts.

        May take minutes on large data: give check= where one answer is enough. Gives counts, never rows.
        An outcome of errored means that no answer was had: neither passed nor failed.
        """
        progress = _progress(ctx)

        def run(mesh: meshkit.Mesh) -> RunAnswer:
            found = mesh.product(product)
            result = mesh.check(
                products=[found.id],
                checks=[check] if check is not None else [],
                with_sql=False,
                timeout_seconds=self._timeout_seconds,
                confined=True,
                progress=progress,
            )
            return describe_run(found, result)

        return await self._answer(run, self._runs)

    async def _answer(
        self, work: Callable[[meshkit.Mesh], Answer], limiter: CapacityLimiter | None = None
    ) -> CallToolResult:
        """Read the mesh and work on it in a thread.

        Raises:
            ToolError: What meshkit refuses, with the way out; it may quote contracts.
        """
        try:
            answer = await to_thread.run_sync(lambda: work(meshkit.load(self._path)), limiter=limiter)
        except meshkit.MeshkitError as error:
            raise ToolError(fence(_REFUSED, [clean(str(error))])) from error
        text = fence(answer.summary(), answer.lines())
        return CallToolResult(
            content=[TextContent(type="text", text=text)], structured_content=answer.model_dump(mode="json")
        )


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
