"""Completions of arguments: ids, domains, columns, purposes and policies, of what the present caller may see."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mcp.server import MCPServer
from mcp.types import (
    Completion,
    CompletionArgument,
    CompletionContext,
    PromptReference,
    ResourceTemplateReference,
)

import meshkit
from meshkit_mcp.budgets import clean
from meshkit_mcp.desk import Desk

MOST = 100
"""Values of one answer, as the protocol has it."""
_PRODUCTS = "mesh://products/{id}/contract"
_POLICIES = "mesh://policies/{id}"


def register(server: MCPServer[Any], desk: Desk) -> None:
    """Offer completions."""

    async def complete(
        ref: PromptReference | ResourceTemplateReference,
        argument: CompletionArgument,
        context: CompletionContext | None,
    ) -> Completion:
        kind = _kind(ref, argument.name)
        product = ((context.arguments if context else None) or {}).get("product", "")
        known = _KNOWN.get(kind)
        if known is None:
            return Completion(values=[])

        def work(view: meshkit.View) -> Completion:
            return _completion(known(view, argument.value, product), argument.value)

        try:
            return await desk.work(work)
        except meshkit.MeshkitError:
            return Completion(values=[])

    server.completion()(complete)  # type: ignore[no-untyped-call]  # the SDK leaves it without types


def _kind(ref: PromptReference | ResourceTemplateReference, name: str) -> str:
    if isinstance(ref, ResourceTemplateReference):
        return {_PRODUCTS: "product", _POLICIES: "policy"}.get(str(ref.uri), "")
    return name


def _completion(known: Iterable[str], written: str) -> Completion:
    """Return the values that begin so, and then those that have it anywhere."""
    wanted = written.casefold()
    fitting = {k for k in known if wanted in k.casefold()}
    ordered = sorted(fitting, key=lambda k: (not k.casefold().startswith(wanted), k))
    return Completion(values=[clean(k) for k in ordered[:MOST]], has_more=len(ordered) > MOST)


def _columns(view: meshkit.View, product: str) -> Iterable[str]:
    return (c.called for t in view.product(product).contract.tables for c in t.columns) if product else ()


def _purposes(view: meshkit.View, product: str) -> Iterable[str]:
    return view.product(product).contract.access.purposes if product else view.principal.purposes


def _versions(view: meshkit.View, product: str) -> Iterable[str]:
    return (p.version for p in view.versions(view.product(product))) if product else ()


_KNOWN: Mapping[str, Callable[[meshkit.View, str, str], Iterable[str]]] = {
    "product": lambda view, written, _: (p.id for p in view.containing(written, MOST + 1)),
    "domain": lambda view, *_: view.domains,
    "policy": lambda view, *_: (p.id for p in view.policies),
    "purpose": lambda view, _, product: _purposes(view, product),
    "column": lambda view, _, product: _columns(view, product),
    "version": lambda view, _, product: _versions(view, product),
}
"""What may be written for an argument, by its name: of the view, what is written, and the product that was chosen before."""
