"""Tools that find products, read them, and say what one may do with them. They read contracts alone, no data."""

from __future__ import annotations

from typing import Annotated, Literal

from mcp.types import CallToolResult
from pydantic import Field

import meshkit
from meshkit_mcp.answers_find import AccessAnswer, ProductAnswer, ProductList, SchemaAnswer
from meshkit_mcp.describe_find import describe_access, describe_product, describe_schema, product_list
from meshkit_mcp.desk import Desk, Page

Name = Annotated[str, Field(max_length=300)]
ProductId = Annotated[Name, Field(description="domain.name, domain.name@version, or a unique name")]
Cursor = Annotated[str, Field(max_length=100, description="next_cursor of the page before")]


class Find:
    """See the module."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def search_data_products(
        self, text: Name = "", domain: Name = "", tag: Name = "", limit: Annotated[int, Field(ge=1, le=100)] = 20,
        cursor: Cursor = "",
    ) -> Annotated[CallToolResult, ProductList]:  # fmt: skip
        """Find data products by words in names, columns, tags, descriptions and owners; no words lists all. Start here.

        Use get_data_product to read one.
        """

        def work(view: meshkit.View) -> ProductList:
            page = Page(cursor, tool="search", text=text, domain=domain, tag=tag)
            found = view.search(text, domain=domain, tag=tag, limit=page.start + limit)
            return product_list(view, found, page)

        return await self._desk.answer(work)

    async def get_data_product(self, product: ProductId) -> Annotated[CallToolResult, ProductAnswer]:
        """Read what a data product is and promises: owner, classification, inputs, service levels, checks.

        Use get_schema for its columns, run_checks to learn whether it keeps its promises.
        """
        return await self._desk.answer(lambda view: describe_product(view, view.product(product)))

    async def get_schema(
        self, product: ProductId, table: Name = "", cursor: Cursor = ""
    ) -> Annotated[CallToolResult, SchemaAnswer]:
        """Read a data product's columns: types, meaning, keys, personal data, constraints. Use before writing SQL."""

        def work(view: meshkit.View) -> SchemaAnswer:
            page = Page(cursor, tool="schema", product=product, table=table)
            return describe_schema(view, view.product(product), table, page)

        return await self._desk.answer(work)

    async def check_access(
        self,
        product: ProductId,
        purpose: Name = "",
        columns: Annotated[list[Name], Field(max_length=200, description="empty: all")] = [],  # noqa: B006  # pydantic copies it
        action: Literal["read", "publish"] = "read",
    ) -> Annotated[CallToolResult, AccessAnswer]:
        """Say whether you may read (or publish) a data product for a purpose, why, and which columns you would see how.

        A dry run: use it before you query or request access.
        """
        return await self._desk.answer(
            lambda view: describe_access(
                view, view.product(product), view.decide(product, action, purpose=purpose, columns=columns)
            )
        )
