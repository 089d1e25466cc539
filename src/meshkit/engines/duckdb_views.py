"""DuckDB's views over files, and what they turn out to hold."""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping
from pathlib import Path

import duckdb

from meshkit.engines.sources import Source
from meshkit.errors import SourceError
from meshkit.model.names import fold
from meshkit.model.relation import Relation, SeenColumn, SeenTable

_PARTITION = re.compile(r"([^/\\=]+)=[^/\\]*(?=[/\\])")
_LONGEST_HEADER = 1_000_000
_SIGNATURES = """
SELECT count(*) AS files, min(file_name) AS example
FROM (
    SELECT file_name, string_agg(concat_ws(' ', name, duckdb_type, type, num_children), ',' ORDER BY position) AS signature
    FROM (SELECT *, row_number() OVER () AS position FROM parquet_schema(?))
    GROUP BY file_name
) GROUP BY signature ORDER BY files DESC, example
"""


def view_of(
    database: duckdb.DuckDBPyConnection, relation: Relation, source: Source, attached: Mapping[str, str]
) -> str:
    """Return the SELECT that reads a source as it is: text formats as text, all others in their own types.

    Raises:
        SourceError: A database file has no such table.
    """
    if source.format == "table":
        return f"SELECT * FROM {table_name(database, source, attached)}"
    files = "[" + ", ".join(_text(f) for f in source.files) + "]"
    options = ""
    if source.is_partitioned:
        options += ", hive_partitioning=true" + _partition_types(relation, source)
    if source.format == "parquet":
        if is_mixed(database, source):
            options += ", union_by_name=true"
        return f"SELECT * FROM read_parquet({files}{options})"
    if source.format == "csv":
        return f"SELECT * FROM read_csv({files}{_csv_options(relation, source)}{options})"
    if len(source.files) > 1:
        options += ", union_by_name=true"
    if not relation.types:
        return f"SELECT * FROM read_json({files}, sample_size=-1{options})"
    keys = database.execute(
        f"SELECT DISTINCT unnest(json_keys(json)) FROM read_json_objects({files}, format='auto')"
    ).fetchall()
    folded = {fold(k[0]): k[0] for k in sorted(keys)}
    for name, _ in relation.types:
        folded.setdefault(fold(name), "")
    columns = ", ".join(f"{_text(k)}: 'JSON'" for k in folded.values() if k)
    if (
        not columns
        and not database.execute(f"SELECT count(*) FROM read_json_objects({files}, format='auto')").fetchone()[0]
    ):
        nothing = ", ".join(f"NULL::JSON AS {_name(name)}" for name, _ in relation.types)
        return f"SELECT {nothing} WHERE false"
    if not columns:
        raise SourceError(
            f"'{relation.location}' holds no objects", "write one JSON object per line, or one array of objects"
        )
    return f"SELECT * FROM read_json({files}, columns={{{columns}}}, format='auto'{options})"


def parquet_scan(relation: Relation, source: Source, file: str, *, is_mixed: bool) -> str:
    """Return the SELECT that reads one file of a parquet source as its view does, its last word a condition.

    Args:
        relation: What is read.
        source: Where it is.
        file: One of its files.
        is_mixed: Whether its files differ in their columns.
    """
    options = ", hive_partitioning=true" + _partition_types(relation, source) if source.is_partitioned else ""
    if is_mixed:
        files = ", ".join(_text(f) for f in source.files)
        return f"SELECT * FROM read_parquet([{files}], union_by_name=true{options}) WHERE filename = {_text(file)}"
    return f"SELECT * FROM read_parquet({_text(file)}{options}) WHERE true"


def part_of(relation: Relation, source: Source, paths: tuple[str, ...], file_column: str) -> str | None:
    """Return the SELECT that reads some files of a source as its view does, with each row's file in one more column.

    None where reading some files could differ from reading all: where DuckDB looks into all to find out how.
    """
    files = "[" + ", ".join(_text(f) for f in paths) + "]"
    options = f", filename={_text(file_column)}"
    if source.is_partitioned:
        options += ", hive_partitioning=true" + _partition_types(relation, source)
    if source.format == "parquet":
        return f"SELECT * FROM read_parquet({files}{options})"
    if source.format != "csv":
        return None
    read_as = _csv_options(relation, source)
    return f"SELECT * FROM read_csv({files}{read_as}{options})" if "auto_detect=false" in read_as else None


def describe(database: duckdb.DuckDBPyConnection, view: str, source: Source) -> SeenTable:
    """Return a view's columns. Over several parquet files each file's own schema is looked at, not only the first's."""
    rows = database.execute(f"DESCRIBE {view}").fetchall()
    columns = [SeenColumn(r[0], r[1]) for r in rows]
    if source.format == "parquet" and len(source.files) > 1:
        columns = _across_files(database, source, columns)
    files = len(source.files) if source.format != "table" else 0
    return SeenTable(columns=tuple(columns), format=source.format, files=files, newest=source.newest)


def _across_files(database: duckdb.DuckDBPyConnection, source: Source, columns: list[SeenColumn]) -> list[SeenColumn]:
    signatures = _signatures(database, source)
    if len(signatures) == 1:
        return columns
    lacking = {fold(c.name): 0 for c in columns}
    types: dict[str, dict[str, None]] = {fold(c.name): {} for c in columns}
    partitions = {fold(p) for p in _PARTITION.findall(source.files[0])}
    for count, example in signatures:
        own = {
            fold(r[0]): r[1] for r in database.execute("DESCRIBE SELECT * FROM read_parquet(?)", [example]).fetchall()
        }
        for name in lacking:
            if name in own:
                types[name][own[name]] = None
            elif name not in partitions:
                lacking[name] += count
    seen = []
    for column in columns:
        name = fold(column.name)
        kinds = tuple(types[name]) or (column.type,)
        others = tuple(k for k in kinds if k != column.type)
        seen.append(SeenColumn(column.name, column.type, lacking[name], others))
    return seen


def is_mixed(database: duckdb.DuckDBPyConnection, source: Source) -> bool:
    """Tell whether the files of a parquet source differ in their columns."""
    return len(source.files) > 1 and len(_signatures(database, source)) > 1


def _signatures(database: duckdb.DuckDBPyConnection, source: Source) -> list[tuple[int, str]]:
    """Return how many files share each schema, with one file of each, the commonest first."""
    found: list[tuple[int, str]] = database.execute(_SIGNATURES, [list(source.files)]).fetchall()
    return found


def partition_names(source: Source) -> frozenset[str]:
    """Return the folded names of columns whose values stand in the names of folders."""
    return frozenset(fold(name) for file in source.files for name in _PARTITION.findall(file))


def _partition_types(relation: Relation, source: Source) -> str:
    """Keep partition values that are declared as text from being read as numbers or dates.

    Of a CSV all declared ones are read as text, like its other columns: the view over it parses them.
    """
    names = {fold(p) for p in _PARTITION.findall(source.files[0])}
    texts = [
        name
        for name, declared in relation.types
        if fold(name) in names
        and (declared.lower().startswith(("string", "text", "varchar")) or (source.format == "csv" and declared))
    ]
    return f", hive_types={{{', '.join(f'{_text(n)}: VARCHAR' for n in texts)}}}" if texts else ""


def table_name(database: duckdb.DuckDBPyConnection, source: Source, attached: Mapping[str, str]) -> str:
    """Return the whole name of a source's table, quoted.

    Args:
        database: The connection.
        source: What is read.
        attached: Path of a database file -> its name here.

    Raises:
        SourceError: There is no such table, or several could be meant.
    """
    catalog = attached[source.files[0]]
    schema, name = source.table
    query = "SELECT schema_name, table_name FROM duckdb_tables() WHERE database_name = ? UNION ALL " \
            "SELECT schema_name, view_name FROM duckdb_views() WHERE database_name = ? AND NOT internal"  # fmt: skip
    tables = database.execute(query, [catalog, catalog]).fetchall()
    known = ", ".join(f"{s}.{t}" for s, t in tables[:12]) or "none"
    if not name:
        if len(tables) != 1:
            raise SourceError("the database file holds several tables" if tables else "the database file holds no table",
                              f"name one: FILE#schema.table, of {known}")  # fmt: skip
        schema, name = tables[0]
    elif (fold(schema), fold(name)) not in {(fold(s), fold(t)) for s, t in tables}:
        raise SourceError(f"the database file has no table '{schema}.{name}'", f"known: {known}")
    return quoted(catalog, schema, name)


def quoted(*parts: str) -> str:
    """Return the whole name of what is called so, its outermost part first."""
    return ".".join(_name(part) for part in parts)


def _csv_options(relation: Relation, source: Source) -> str:
    """Return how to read CSV: as text, and by its own header where that can be made out.

    DuckDB's guess also weighs the rows. Where some have too few or too many values it takes the whole line for one
    column, and the error would name missing columns instead of the line.
    """
    given = f", encoding={_text(relation.encoding)}" if relation.encoding else ""
    by_name = given + (", union_by_name=true" if len(source.files) > 1 else "")
    if relation.delimiter:
        by_name += f", delim={_text(relation.delimiter)}"
    if not relation.types:
        return f", header=true, sample_size=-1{by_name}"
    declared = {fold(name) for name, _ in relation.types}
    headers = {_header(file, declared, relation) for file in source.files} if not source.extension else {None}
    header = headers.pop() if len(headers) == 1 else None
    if header is None:
        return f", header=true, all_varchar=true{by_name}"
    delimiter, names = header
    columns = ", ".join(f"{_text(name)}: 'VARCHAR'" for name in names)
    return f", auto_detect=false, header=true, delim={_text(delimiter)}, quote='\"', escape='\"', columns={{{columns}}}{given}"


def _header(file: str, declared: set[str], relation: Relation) -> tuple[str, tuple[str, ...]] | None:
    """Return the delimiter by which a file's header names most declared columns, and its names; None = cannot tell."""
    if file.endswith((".gz", ".zst")) or len(relation.delimiter) > 1:
        return None
    with Path(file).open(encoding=relation.encoding or "utf-8-sig", errors="replace", newline="") as lines:
        line = lines.readline(_LONGEST_HEADER)
    if line.count('"') % 2:
        return None  # a quoted name goes on in the next line
    best: tuple[int, str, list[str]] = (0, "", [])
    for delimiter in relation.delimiter or ",;\t|":
        names = [name.strip() for name in next(csv.reader([line], delimiter=delimiter), [])]
        best = max(best, (len(declared & {fold(n) for n in names}), delimiter, names), key=lambda found: found[0])
    found, delimiter, names = best
    is_plain = len({fold(n) for n in names}) == len(names) and all(names) and "\ufffd" not in line
    return (delimiter, tuple(names)) if is_plain and (found > 1 or len(names) == 1 == found) else None


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
