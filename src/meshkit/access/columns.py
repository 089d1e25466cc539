"""How a reader sees each column of a product: clear, masked, or not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from meshkit.access.rules import matches
from meshkit.errors import Place
from meshkit.model.access import Grant, Principal, SeenAs, Sight
from meshkit.model.contract import Contract
from meshkit.model.governance import AccessControlForm
from meshkit.model.table import Column, Pointer, Table

MASKS: Mapping[str, str] = {"email": "hash", "phone": "hash", "name": "hash"}
"""How a category of personal data is masked where the contract does not say; all others show nothing."""


def columns_seen(
    principal: Principal,
    contract: Contract,
    place: Callable[[Pointer], Place | None],
    guard: AccessControlForm | None,
    grants: Sequence[Grant],
) -> tuple[SeenAs, ...]:
    """Return how a principal who may read a product sees its columns.

    Args:
        principal: Who reads.
        contract: Of the product.
        place: Where a pointer leads in its file.
        guard: How its domain guards its products.
        grants: Those that hold, of this principal and product.
    """
    seer = _Seer(principal, contract, place, guard, grants)
    return tuple(seer.seen(table, column) for table in contract.tables for column in table.columns)


class _Seer:
    def __init__(
        self,
        principal: Principal,
        contract: Contract,
        place: Callable[[Pointer], Place | None],
        guard: AccessControlForm | None,
        grants: Sequence[Grant],
    ) -> None:
        self.place = place
        self.granted = {name.casefold() for g in grants if g.approved for name in g.columns}
        self.listed = {name.casefold() for name in (guard.pii_fields if guard else ())}
        self.guarded = {name.casefold() for name in (guard.approval_required if guard else ())}
        self.is_unmasked = any(matches(rule, principal) for rule in contract.access.unmask)

    def seen(self, table: Table, column: Column) -> SeenAs:
        parts = [column, *_parts(column)]
        place = self.place(column.pointer)
        if not self._is_granted(table, column):
            if any(self._names(p) & self.guarded for p in parts):
                return _withheld(table, column, "column.approval", "its domain asks for an approval of its own", place)
            if any(p.classification.strip().lower() == "restricted" for p in parts):
                return _withheld(table, column, "column.restricted", "it is restricted", place)
        personal = [p for p in parts if p.is_pii or self._names(p) & self.listed]
        if not personal or self.is_unmasked:
            return SeenAs(table=table.name, column=column.called, place=place)
        first = personal[0]
        mask = (first.mask or MASKS.get(first.pii_category.lower(), "null")) if first is column else "null"
        return SeenAs(
            table=table.name, column=column.called, sight=Sight.MASKED, mask=mask, code="column.personal",
            reason=f"it holds personal data{f' ({first.pii_category})' if first.pii_category else ''}", place=place,
        )  # fmt: skip

    def _is_granted(self, table: Table, column: Column) -> bool:
        names = self._names(column)
        return bool((names | {f"{table.name.casefold()}.{name}" for name in names}) & self.granted)

    @staticmethod
    def _names(column: Column) -> set[str]:
        return {column.name.casefold(), column.called.casefold()}


def _withheld(table: Table, column: Column, code: str, reason: str, place: Place | None) -> SeenAs:
    return SeenAs(table=table.name, column=column.called, sight=Sight.WITHHELD, code=code, reason=reason, place=place)


def _parts(column: Column) -> Iterator[Column]:
    for _, part in column.parts:
        yield part
        yield from _parts(part)
