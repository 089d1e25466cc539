"""`meshkit list`, `show`, `sql`, `schema` and `explain`: what is there, and what it means."""

from __future__ import annotations

import json
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from meshkit.cli.console import painter, write


class PlainFormat(StrEnum):
    """How an answer is written."""

    TEXT = "text"
    JSON = "json"


class SchemaName(StrEnum):
    """What a JSON Schema is of."""

    PRODUCT = "product"
    ORGANIZATION = "organization"
    PLATFORM = "platform"
    GOVERNANCE = "governance"
    WAIVERS = "waivers"
    PRINCIPALS = "principals"
    SETTINGS = "settings"
    REPORT = "report"
    COMPLIANCE = "compliance"
    HISTORY = "history"
    STORE = "store"


MeshPath = Annotated[Path, typer.Option("--mesh", help="The mesh folder, or one contract.", metavar="PATH")]
FormatOption = Annotated[PlainFormat, typer.Option("--format", help="text, or json for programs.")]


def list_products(
    path: Annotated[Path, typer.Argument(help="A mesh folder, or one contract.")] = Path(),
    domain: Annotated[str | None, typer.Option(help="Only products of this domain.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many.", min=1)] = None,
    offset: Annotated[int, typer.Option(help="Leave out the first so many.", min=0)] = 0,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """List products: id, version, status, owner and how many checks."""
    from meshkit.mesh import load
    from meshkit.report.product import product_as_row, render_list

    mesh = load(path)
    chosen = [p for p in mesh.products if domain is None or p.head.domain == domain]
    page = chosen[offset : offset + limit if limit else None]
    rows = [product_as_row(p.id, p.contract, len(p.checks)) for p in page]
    if format_ is PlainFormat.JSON:
        write(json.dumps({"total": len(chosen), "products": rows}, indent=2, ensure_ascii=False) + "\n", None)
    else:
        write(render_list(rows, len(chosen), painter(None)), None)


def show(
    product: Annotated[str, typer.Argument(help="domain.name, domain.name@version, or a name that is unique.")],
    mesh: MeshPath = Path(),
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Show one product: what it is, who owns it, its columns, promises and checks."""
    from meshkit.mesh import load
    from meshkit.report.product import product_as_dict, render_product

    found = load(mesh).product(product)
    if format_ is PlainFormat.JSON:
        write(
            json.dumps(product_as_dict(found.id, found.contract, found.checks), indent=2, ensure_ascii=False) + "\n",
            None,
        )
    else:
        write(render_product(found.id, found.contract, found.checks, found.source.file, painter(None)), None)


def sql(
    product: Annotated[str, typer.Argument(help="domain.name, or a name that is unique.")],
    check: Annotated[str | None, typer.Argument(help="A check's id, or its end.")] = None,
    mesh: MeshPath = Path(),
    dialect: Annotated[
        str | None,
        typer.Option(
            help="In whose words: postgres, spark, snowflake, ...; none = the engine's, or duckdb.", metavar="NAME"
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Name each rewrite in a comment: what DuckDB has, and what stands for it.")
    ] = False,
    engine: Annotated[
        str | None,
        typer.Option(
            help="As for check: the tables there, by their names and types as it has them. It is connected to.",
            metavar="URL",
        ),
    ] = None,
    env: Annotated[
        str | None, typer.Option(help="An environment of meshkit.yaml; its engine is connected to.", metavar="NAME")
    ] = None,
    format_: FormatOption = PlainFormat.TEXT,
) -> None:
    """Print the SQL that answers a check, or all checks of a product; a check that cannot be said there gives its reason.

    Examples: meshkit sql flights tailnum.references --mesh sample_data/flights

    meshkit sql sales.sales_orders --mesh sample_data/retail --dialect postgres --explain

    meshkit sql sales.sales_orders --engine postgresql://reader@db.internal/shop
    """
    from meshkit.mesh import load

    found = load(mesh).product(product).sql(check, dialect=dialect, with_rewrites=explain, engine=engine, env=env)
    if format_ is PlainFormat.JSON:
        write(json.dumps(found, indent=2, ensure_ascii=False) + "\n", None)
        return
    parts = [
        f"-- {check_id}\n{text}{'' if text.rpartition(chr(10))[2].startswith('--') else ';'}"
        for check_id, text in found.items()
    ]
    write("\n\n".join(parts) + "\n", None)


def schema(
    what: Annotated[SchemaName, typer.Argument(help="What the schema is of.")] = SchemaName.PRODUCT,
    output: Annotated[Path | None, typer.Option(help="Write it to this file.", metavar="FILE")] = None,
) -> None:
    """Write the JSON Schema of a file that users write, so that editors complete and check it, or of a report.

    report is what meshkit check writes with --format json, compliance what meshkit govern does; history and store are what
    meshkit history and meshkit store do.

    In an editor with a YAML language server, put this on a contract's first line:
    # yaml-language-server: $schema=product.schema.json
    """
    from meshkit.report.compliance_json import compliance_schema
    from meshkit.report.history import history_schema
    from meshkit.report.json import report_schema
    from meshkit.report.store import store_schema
    from meshkit.schemas import form_schema

    reports = {
        SchemaName.REPORT: report_schema,
        SchemaName.COMPLIANCE: compliance_schema,
        SchemaName.HISTORY: history_schema,
        SchemaName.STORE: store_schema,
    }
    found = reports[what]() if what in reports else form_schema(str(what))
    write(json.dumps(found, indent=2, ensure_ascii=False) + "\n", output)


def explain(
    code: Annotated[str | None, typer.Argument(help="A code such as MK102; none lists all.")] = None,
) -> None:
    """Say more about a code: what it means, and what to do."""
    from meshkit.model.codes import explain_code, list_codes

    write(explain_code(code) if code else list_codes(), None)
