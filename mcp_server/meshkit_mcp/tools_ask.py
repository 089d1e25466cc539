"""Tools that ask: for access, and for rows."""

from __future__ import annotations

from typing import Annotated, Any

from anyio import from_thread
from mcp.types import CallToolResult
from pydantic import Field

import meshkit
from meshkit_mcp.answers_ask import QueryColumn, RequestAnswer, RowsAnswer, TrustLine
from meshkit_mcp.budgets import clean, clean_lines
from meshkit_mcp.desk import Desk
from meshkit_mcp.tools_find import Name, ProductId

_MOST_ROWS = 200
_LIMITS = meshkit.Limits(timeout_seconds=20.0, max_rows=_MOST_ROWS, max_characters=20_000, max_cell=500)
_NEXT = {
    "granted": "You may read it now, for this purpose.",
    "pending": "Its owner decides; ask again later with the same arguments to see how far it is.",
    "approved": "A second person has to approve it; ask again later with the same arguments.",
    "denied": "The reasons say what to change.",
}


class Ask:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._sandbox = meshkit.Sandbox(warm=2, limits=_LIMITS) if desk.with_queries else None
        if self._sandbox is not None:
            self._sandbox.prepare()

    async def request_access(
        self,
        product: ProductId,
        purpose: Name,
        days: Annotated[int, Field(ge=1, le=3650)],
        columns: Annotated[list[Name], Field(max_length=200, description="withheld ones that are needed")] = [],  # noqa: B006  # pydantic copies it
        reason: Annotated[str, Field(max_length=1000, description="for who decides")] = "",
    ) -> Annotated[CallToolResult, RequestAnswer]:
        """Ask for access to a data product. Policies grant it at once, or a person decides. Use after check_access denies.

        The same request again tells its state.
        """

        def work(view: meshkit.View) -> RequestAnswer:
            view.product(product)
            try:
                made = meshkit.request_access(
                    view.mesh, view.principal, product, purpose=purpose, days=days, columns=columns, reason=reason
                )
            except meshkit.AccessError as error:
                raise _placed(view, error) from error
            return RequestAnswer(
                id=made.id, product=clean(made.product), state=str(made.state), until=made.until.isoformat(),
                reasons=[clean(f"{r.text}; {r.hint}" if r.hint else r.text) for r in made.reasons],
                next=_NEXT.get(str(made.state), ""), truncated=False, hint="",
            )  # fmt: skip

        return await self._desk.answer(work)

    async def query_data_products(
        self,
        sql: Annotated[str, Field(max_length=20_000, description="one DuckDB SELECT over domain.product names")],
        purpose: Name = "",
        max_rows: Annotated[int, Field(ge=1, le=_MOST_ROWS)] = 50,
    ) -> Annotated[CallToolResult, RowsAnswer]:
        """Answer one SELECT over data products, joined freely, with the rows and columns you may see.

        Personal data is masked, withheld columns are not there. trust says what is wrong with the data: repeat it with the answer.
        Aggregate in SQL. Read get_schema first.
        """

        def work(view: meshkit.View) -> RowsAnswer:
            try:
                found = meshkit.query(
                    view.mesh, sql, purpose=purpose, principal=view.principal, max_rows=max_rows, limits=_LIMITS,
                    sandbox=self._sandbox, stopped=_is_cancelled,
                )  # fmt: skip
            except meshkit.AccessError as error:
                raise _placed(view, error) from error
            return _rows(view, found)

        return await self._desk.answer(work, self._desk.queries)


def _is_cancelled() -> bool:
    """Raise what ends a cancelled call; else nobody is gone."""
    from_thread.check_cancelled()
    return False


def _placed(view: meshkit.View, error: meshkit.AccessError) -> meshkit.AccessError:
    """Return the error with its place as the caller may see it."""
    where = f" ({view.place(error.place)})" if error.place else ""
    return meshkit.AccessError(f"{error.what}{where}", error.hint, code=error.code)


def _rows(view: meshkit.View, found: meshkit.QueryAnswer) -> RowsAnswer:
    return RowsAnswer(
        columns=[
            QueryColumn(name=clean(c.name), type=clean(c.type), origins=[clean(o) for o in c.origins], mask=c.mask)
            for c in found.columns
        ],
        rows=[[_shown(value) for value in row] for row in found.rows],
        trust=[_trust(view, t) for t in found.trust],
        truncated=found.is_truncated,
        hint=found.hint,
    )


def _trust(view: meshkit.View, trust: Any) -> TrustLine:
    product = view.product(f"{trust.product.partition('@')[0]}@{trust.version}")
    return TrustLine(
        product=clean(trust.product),
        version=clean(trust.version),
        knowledge=trust.knowledge,
        checked_at=trust.checked_at.isoformat() if trust.checked_at else "",
        outcome=trust.outcome,
        issues=[clean(f"{i.outcome}: {i.text}") for i in trust.issues],
        freshness=clean(trust.freshness),
        masked={clean(c): m for c, m in trust.masked.items()},
        withheld=[clean(c) for c in trust.withheld],
        row_filter=clean(view.hide(trust.row_filter, product, is_sql=True)),
    )


def _shown(value: Any) -> Any:
    """Return a value without characters that nobody sees; its structure stays."""
    if isinstance(value, str):
        return clean_lines(value)
    if isinstance(value, list):
        return [_shown(v) for v in value]
    if isinstance(value, dict):
        found = {clean(k): _shown(v) for k, v in value.items()}
        return found if len(found) == len(value) else [[clean(k), _shown(v)] for k, v in value.items()]
    return value
