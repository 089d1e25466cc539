"""Where products live in one run: in files, or in an engine, and by which names there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from meshkit.errors import ContractError
from meshkit.model.base import Document
from meshkit.model.locations import is_location
from meshkit.model.names import fold
from meshkit.model.server import Server, variable_name
from meshkit.model.table import Table

FILES = "duckdb"
"""The name of the embedded engine, which reads files."""

_PART = re.compile(r'\s*(?:"((?:[^"]|"")+)"|`([^`]+)`|([^\s".`]+))\s*')
_ABSOLUTE = re.compile(r"[/\\~]|[A-Za-z]:[/\\]|[A-Za-z][A-Za-z0-9+.-]*://")


def parse_dotted(text: str) -> tuple[str, ...]:
    """Take a table's name apart at its dots; a part that holds a dot or a blank stands in quotes.

    Raises:
        ContractError: MK111, it cannot be read.

    Example:
        >>> parse_dotted("analytics.orders_v2"), parse_dotted('shop."orders.2024"')
        (('analytics', 'orders_v2'), ('shop', 'orders.2024'))
    """
    parts: list[str] = []
    position = 0
    while True:
        found = _PART.match(text, position)
        if not found:
            break
        quoted, ticked, plain = found.groups()
        parts.append(quoted.replace('""', '"') if quoted else ticked or plain)
        position = found.end()
        if position == len(text):
            return tuple(parts)
        if text[position] != ".":
            break
        position += 1
    hint = (
        "write it like schema.table; a part with a dot or a blank stands in double quotes, like 'shop.\"orders.2024\"'"
    )
    raise ContractError(f"'{text}' is not the name of a table", hint, code="MK111")


def stated_name(table: Table) -> str:
    """Return the name that a contract gives its table on a server: ODCS `physicalName`, or a location of type `table`."""
    if table.physical_name:
        return table.physical_name
    return table.location if table.format == "table" and not is_location(table.location) else ""


def _stated_parts(table: Table) -> tuple[str, ...]:
    stated = stated_name(table)
    try:
        return parse_dotted(stated) if stated else (table.name,)
    except ContractError:  # a name with blanks, as it stands
        return (stated,)


class Located(NamedTuple):
    """Where a file is: a location, the folder that it starts from if it is relative, or why there is none."""

    location: str
    base: str
    unreadable: str = ""


class Placement(Document):
    """Where the tables of all contracts are.

    Attributes:
        engine: The name of the engine that holds them; empty or `duckdb` = files. Only where it is empty do the servers
            count that contracts name.
        schema_parts: Where tables are that are named by one word.
        tables: Folded `domain.product.table`, `domain.product` or table -> name in the engine. A product may be followed by
            `@version`.
        location_prefix: What stands before relative locations of files; empty = they start at their contract's file.
        base: The folder that a relative `location_prefix` or `database` starts from.
        database: A DuckDB file that holds the tables; then none is looked for elsewhere.
        servers: Servers of contracts that can be reached, by `variable_name` -> name of an engine; empty = the server itself,
            with credentials from the environment.
        ambient: Schemes of servers that find credentials by themselves.
    """

    engine: str = ""
    schema_parts: tuple[str, ...] = ()
    tables: Mapping[str, tuple[str, ...]] = {}
    location_prefix: str = ""
    base: str = ""
    database: str = ""
    servers: Mapping[str, str] = {}
    ambient: tuple[str, ...] = ()

    @property
    def is_files(self) -> bool:
        """Whether tables are read from files, unless a contract names a server."""
        return self.engine in ("", FILES)

    def parts_of(self, product_id: str, table: Table) -> tuple[str, ...]:
        """Return the name of a table in the engine, the outermost part first.

        Args:
            product_id: `domain.product`, with or without `@version`.
            table: Of that product.

        Example:
            >>> orders = Table(name="orders", names=("orders",))
            >>> Placement(engine="warehouse", schema_parts=("analytics",)).parts_of("sales.orders", orders)
            ('analytics', 'orders')
        """
        parts = self._listed(product_id, table) or _stated_parts(table)
        return (*self.schema_parts, *parts) if len(parts) == 1 else parts

    def _listed(self, product_id: str, table: Table) -> tuple[str, ...]:
        bare = product_id.partition("@")[0]
        product = fold(bare.rpartition(".")[2])
        is_named_so = product in (fold(name) for name in table.names)
        keys = [f"{i}.{table.name}" for i in (product_id, bare)]
        keys += [product_id, bare] if is_named_so else []
        found = (self.tables.get(fold(key)) for key in (*keys, table.name))
        return next((parts for parts in found if parts), ())

    def engine_of(self, server: Server) -> str:
        """Return the name of the engine that reaches a contract's server; empty = none does."""
        if self.engine:
            return ""
        name = variable_name(server.name)
        if self.servers.get(name):
            return self.servers[name]
        is_known = name in self.servers or server.scheme in self.ambient
        return server.key if is_known else ""

    def in_database(self, parts: tuple[str, ...]) -> Located:
        """Return where a table of the DuckDB file is."""
        if any("." in part or "#" in part for part in parts) or len(parts) > 2:
            return Located("", "", f"the name {'.'.join(parts)} cannot be looked up in a DuckDB file")
        return Located(f"{self.database}#{'.'.join(parts)}", self.base)

    def located(self, location: str, base: str) -> Located:
        """Put the prefix before a relative location.

        Args:
            location: As the contract has it.
            base: The folder that it starts from without a prefix.

        Example:
            >>> Placement(location_prefix="s3://lake/prod/").located("./orders/*.parquet", "/mesh").location
            's3://lake/prod/orders/*.parquet'
        """
        if not self.location_prefix or not location or _ABSOLUTE.match(location):
            return Located(location, base)
        prefix = self.location_prefix.rstrip("/")
        scheme, is_url, path = prefix.partition("://")
        if not is_url:
            return Located(f"{prefix}/{location.removeprefix('./')}", self.base)
        bucket, *segments = path.split("/")
        for segment in location.split("/"):
            if segment == "..":
                if not segments:
                    return Located("", "", f"'{location}' leads out of the location prefix")
                segments.pop()
            elif segment != ".":
                segments.append(segment)
        return Located(f"{scheme}://{'/'.join([bucket, *segments])}", "")
