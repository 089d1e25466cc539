"""Scans as users ask for them: which columns of a mesh look like personal data in a sample of their rows."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from typing import NamedTuple

from meshkit import placing
from meshkit.engines.base import Settings
from meshkit.engines.duckdb import DuckDB
from meshkit.errors import EngineError, UsageError
from meshkit.mesh import Mesh
from meshkit.model.contract import Status
from meshkit.model.problem import Problem
from meshkit.model.profile import Suspect
from meshkit.model.relation import Relation
from meshkit.model.table import Severity, Table
from meshkit.product import Product
from meshkit.run.suspects import scan_table, unmarked

ROWS = 10_000
"""How many rows of a table are looked at, where nobody says otherwise."""

Progress = Callable[[str, int, int], None]
"""Called with the product at work, products scanned, and products in all."""
_LOOK = "meshkit check tells more"


class Suspects(NamedTuple):
    """What a scan found.

    Attributes:
        found: (product id, version) -> (table, column) -> what its values look like.
        problems: What could not be scanned, and why.
    """

    found: Mapping[tuple[str, str], Mapping[tuple[str, str], Suspect]] = {}
    problems: tuple[Problem, ...] = ()


def scan_suspects(
    mesh: Mesh,
    products: Sequence[str] = (),
    *,
    rows: int = ROWS,
    env: str | None = None,
    progress: Progress | None = None,
) -> Suspects:
    """Look for personal data that nobody marked, in a sample of each table that DuckDB reads.

    The engine counts which values have the form of an e-mail address, an IBAN, a card number, ...; no value leaves it. What is
    not scanned, such as the table of another engine or a file that is missing, is told as a problem.

    Args:
        mesh: What `load` returned.
        products: Ids of the products; none = every version that is not retired. One whose contract has errors is left out.
        rows: At most so many rows of each table are looked at.
        env: The environment of `meshkit.yaml` whose data is meant; none = the default one, or none.
        progress: Told how far it is.

    Raises:
        UsageError: A product or the environment is not known, or `rows` is below 1.
        ContractError: `meshkit.yaml` has errors.

    Example:
        >>> import meshkit
        >>> scan_suspects(meshkit.load("sample_data/retail"), ["sales.sales_orders"]).problems
        ()
    """
    if rows < 1:
        raise UsageError(f"a sample cannot have {rows} rows", "give 1 or more")
    chosen = [mesh.product(p) for p in dict.fromkeys(products)] or [
        p for p in mesh.products if p.status is not Status.RETIRED
    ]
    placement = placing.placed(mesh.settings, env, None, os.environ).placement
    found: dict[tuple[str, str], Mapping[tuple[str, str], Suspect]] = {}
    problems: list[Problem] = []
    judged = [p for p in chosen if not p.is_stopped]
    for done, product in enumerate(judged):
        if progress:
            progress(product.id, done, len(judged))
        namespace = mesh.target(product, placement=placement).namespace
        tables = [(t, namespace.own(t)) for t in product.contract.tables if unmarked(t)]
        seen = _Scan(product, rows, namespace.variables.hide)
        seen.scan(tables)
        problems += seen.problems
        if seen.suspects:
            found[product.head.product_id, product.version] = seen.suspects
    return Suspects(found, tuple(problems))


class _Scan:
    """The scan of one product's tables.

    Attributes:
        suspects: (table, column) -> what its values look like.
        problems: What could not be scanned.
    """

    def __init__(self, product: Product, rows: int, hide: Callable[[str], str]) -> None:
        self._product = product
        self._rows = rows
        self._hide = hide
        self.suspects: dict[tuple[str, str], Suspect] = {}
        self.problems: list[Problem] = []

    def scan(self, tables: Sequence[tuple[Table, Relation]]) -> None:
        """Scan some tables, each with where it is."""
        for table, relation in tables:
            if relation.engine:
                self._miss(table, "only files and DuckDB tables are sampled", "sample a copy, or mark its columns")
        here = [(t, r) for t, r in tables if not r.engine]
        if not here:
            return
        with closing(DuckDB().open([r for _, r in here], {}, Settings())) as session:
            for table, relation in here:
                try:
                    scanned = scan_table(session, relation, table, self._rows)
                except EngineError as error:
                    self._miss(table, f"{error.code} {self._hide(error.what)}")
                    continue
                self.suspects |= {(table.name, column): hit for column, hit in scanned.suspects.items()}
                if scanned.lacking:
                    self._miss(table, f"its data has no column {_listed(scanned.lacking)}")

    def _miss(self, table: Table, reason: str, hint: str = _LOOK) -> None:
        message = f"{self._product.id}: table '{table.name}' is not scanned for personal data: {reason}"
        at = self._product.source.place(table.pointer or ("schema",))
        self.problems.append(
            Problem(code="MK437", severity=Severity.WARNING, message=message, hint=hint, place=at,
                    product=self._product.head.product_id)
        )  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(f"'{n}'" for n in names[:5])
    return f"{shown} and {len(names) - 5} more" if len(names) > 5 else shown
