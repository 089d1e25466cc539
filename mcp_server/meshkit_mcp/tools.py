"""The table of all tools. A tool is one line here, and a method of its group."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import NamedTuple

from mcp.server.mcpserver.tools import Tool
from mcp.types import ToolAnnotations

from meshkit_mcp.callers import QUERY, READ, REQUEST
from meshkit_mcp.desk import Desk
from meshkit_mcp.schemas import terse
from meshkit_mcp.tools_ask import Ask
from meshkit_mcp.tools_explain import Explain
from meshkit_mcp.tools_find import Find
from meshkit_mcp.tools_judge import Judge

READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
ASKS = ToolAnnotations(read_only_hint=False, destructive_hint=False, idempotent_hint=True, open_world_hint=False)


class Offer(NamedTuple):
    """A tool that is offered.

    Attributes:
        group: The class that has it as a method, whose docstring is what assistants read; it is made with a `Desk`.
        name: Of the tool and the method.
        scope: What a caller must have, to see it and to call it.
    """

    group: type
    name: str
    title: str
    scope: str = READ
    annotations: ToolAnnotations = READS


QUERY_TOOL = "query_data_products"
"""The one tool that hands out rows; it is offered only where whoever starts the server says so."""

OFFERS = (
    Offer(Find, "search_data_products", "Find data products"),
    Offer(Find, "get_data_product", "Read a data product"),
    Offer(Find, "get_schema", "Read a data product's columns"),
    Offer(Find, "check_access", "Ask what you may do"),
    Offer(Explain, "get_lineage", "Trace a data product"),
    Offer(Explain, "get_health", "Read a data product's health"),
    Offer(Explain, "check_contract_change", "Judge a contract's change"),
    Offer(Explain, "explain_check", "Explain a check"),
    Offer(Judge, "validate_contract", "Validate a contract"),
    Offer(Judge, "check_governance", "Check policies"),
    Offer(Judge, "run_checks", "Run a data product's checks"),
    Offer(Ask, "request_access", "Request access", REQUEST, ASKS),
    Offer(Ask, QUERY_TOOL, "Query data products", QUERY),
)


def make_tools(desk: Desk) -> dict[str, Tool]:
    """Return the tools over a desk, in the table's order."""
    groups = {offer.group: offer.group(desk) for offer in OFFERS}
    offered = (offer for offer in OFFERS if desk.with_queries or offer.name != QUERY_TOOL)
    return {offer.name: _tool(getattr(groups[offer.group], offer.name), offer) for offer in offered}


def scopes() -> Mapping[str, str]:
    """Return the scope that each tool needs."""
    return {offer.name: offer.scope for offer in OFFERS}


def _tool(function: object, offer: Offer) -> Tool:
    assert callable(function)
    made = Tool.from_function(
        function, title=offer.title, description=inspect.getdoc(function), annotations=offer.annotations
    )
    made.parameters = terse(made.parameters)
    output = made.fn_metadata.output_schema
    made.fn_metadata.output_schema = terse(output, is_answer=True) if output else None
    return made
