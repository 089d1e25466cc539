"""Where tools, resources and prompts meet the mesh: a view of it for the present caller, work off the event loop, answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from anyio import CapacityLimiter, to_thread
from mcp.types import CallToolResult, TextContent

import meshkit
from meshkit_mcp.answers import Answer
from meshkit_mcp.budgets import clean, fence
from meshkit_mcp.callers import caller_of
from meshkit_mcp.cursors import seal, unseal
from meshkit_mcp.gate import refusal

Result = TypeVar("Result")
_REFUSED = "Refused. search_data_products finds products, get_data_product names the checks of one."
RUNS_AT_ONCE = 2
READINGS_AT_ONCE = 2
QUERIES_AT_ONCE = 4


class Desk:
    """What all tools share. It keeps no caller, and nothing that one caller was told.

    Args:
        watch: The mesh.
        timeout_seconds: How long one statement of a run may take.
        with_queries: Whether products may be queried.
    """

    def __init__(self, watch: meshkit.Watch, timeout_seconds: float, *, with_queries: bool = False) -> None:
        self.watch = watch
        self.timeout_seconds = timeout_seconds
        self.with_queries = with_queries
        self.runs = CapacityLimiter(RUNS_AT_ONCE)
        self.readings = CapacityLimiter(READINGS_AT_ONCE)
        self.queries = CapacityLimiter(QUERIES_AT_ONCE)

    def view(self) -> meshkit.View:
        """Return what the present caller may see of the mesh as it is now. To be called in a thread.

        Raises:
            MeshkitError: The mesh cannot be read, or does not know the caller any more.
        """
        mesh = self.watch.mesh()
        try:
            return meshkit.View(mesh, caller_of().principal)
        except meshkit.UsageError as error:  # its words name others
            raise meshkit.UsageError("the mesh does not know who asks", "ask its owner to add you") from error

    async def work(self, work: Callable[[meshkit.View], Result], limiter: CapacityLimiter | None = None) -> Result:
        """Work on the present caller's view in a thread."""
        return await to_thread.run_sync(lambda: work(self.view()), limiter=limiter)

    async def answer(
        self, work: Callable[[meshkit.View], Answer], limiter: CapacityLimiter | None = None
    ) -> CallToolResult:
        """Answer a call of a tool: what meshkit refuses is told with the way out; it may quote contracts, or the caller."""
        try:
            answer = await self.work(work, limiter)
        except meshkit.MeshkitError as error:
            return refusal(fence(_REFUSED, [clean(str(error))]))
        return CallToolResult(
            content=[TextContent(type="text", text=fence(answer.summary(), answer.lines()))],
            structured_content=answer.model_dump(mode="json"),
        )


class Page:
    """A page of a list: where it begins, by the cursor that was given, and the cursor of the next one.

    Args:
        cursor: What the caller gave; empty = the first page.
        question: The tool and its arguments, without the cursor.

    Raises:
        UsageError: The cursor is not of this caller and question.
    """

    def __init__(self, cursor: str, **question: Any) -> None:
        self._question = question
        self._caller = caller_of().id
        self.start = unseal(cursor, self._caller, question)

    def after(self, shown: int) -> str:
        """Return the cursor of the page that follows so many items of this one."""
        return seal(self.start + shown, self._caller, self._question)
