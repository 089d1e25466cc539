"""A product as Markdown for its readers: README, SCHEMA, SLA and CHANGELOG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

from meshkit.export.escape import block, code, inline, paragraphs, shown_location, table
from meshkit.export.marker import MARKER
from meshkit.export.schema_page import schema_page
from meshkit.model.check import Check
from meshkit.model.contract import Contract, Promise, Status
from meshkit.model.names import version_key
from meshkit.model.units import format_number

_STATUS: Mapping[Status, str] = {
    Status.DRAFT: "draft: not promised yet",
    Status.BETA: "beta: may change without notice",
    Status.ACTIVE: "active",
    Status.DEPRECATED: "deprecated",
    Status.RETIRED: "retired: no longer served",
}
_READERS: Mapping[str, str] = {"csv": "read_csv", "json": "read_json", "jsonl": "read_json", "parquet": "read_parquet"}
_HEAD = f"<!-- {MARKER} --to markdown; change the contract, not this page. -->"


def markdown_pages(contract: Contract, checks: Sequence[Check], product_id: str) -> dict[str, str]:
    """Return the four pages of a product, by file name. They say what the contract says, and know no clock."""
    pages = {
        "README.md": _readme(contract, product_id),
        "SCHEMA.md": schema_page(contract),
        "SLA.md": _sla(contract, checks, product_id),
        "CHANGELOG.md": _changelog(contract),
    }
    return {name: "\n".join([_HEAD, "", *lines]).rstrip() + "\n" for name, lines in pages.items()}


def _readme(contract: Contract, product_id: str) -> list[str]:
    owner = contract.owner
    lines = [f"# {inline(contract.name)}", "", *paragraphs(contract.description), ""]
    facts = {
        "id": code(product_id),
        "version": inline(contract.version),
        "status": inline(_STATUS[contract.status]),
        "domain": inline(contract.domain),
        "owner": inline(owner.team),
        "contact": inline(" ".join(t for t in (owner.contact, owner.slack) if t)),
        "kind": inline(" ".join(t for t in (contract.cadence, contract.data_kind) if t)),
        "classification": inline(contract.classification),
        "personal data": "yes" if contract.has_personal_data else "no",
        "tags": inline(", ".join(contract.tags)),
    }
    lines += [*table(["", ""], [[k, v] for k, v in facts.items() if v]), ""]
    lines += ["[Columns](SCHEMA.md) · [promises](SLA.md) · [history](CHANGELOG.md)", ""]
    lines += _end_of_life(contract) + _how_to_read(contract, product_id)
    if contract.inputs:
        rows = [[code(name), code(shown_location(target))] for name, target in contract.inputs.items()]
        lines += ["## Inputs", "", *table(["name", "read from"], rows), ""]
    return lines + _access(contract)


def _end_of_life(contract: Contract) -> list[str]:
    ending = contract.deprecation
    if ending is None:
        return []
    said = [
        f"announced {ending.announced}" if ending.announced else "",
        f"served until {ending.until}" if ending.until else "",
    ]
    said.append(f"migration guide: {ending.migration_guide}" if ending.migration_guide else "")
    return ["## Deprecation", "", *(f"- {inline(s)}" for s in said if s), ""]


def _how_to_read(contract: Contract, product_id: str) -> list[str]:
    lines = ["## How to read it", ""]
    for one in contract.tables:
        if one.location:
            lines += [*block(_snippet(one.name, one.location, one.format), "sql"), ""]
    if contract.ports:
        rows = [
            [inline(p.name), inline(p.type), code(shown_location(p.location)), inline(p.description)]
            for p in contract.ports
        ]
        lines += [*table(["port", "type", "location", ""], rows), ""]
    return [
        *lines,
        "To see whether it keeps its promises:",
        "",
        *block(f"meshkit check . --product {product_id}", "sh"),
        "",
    ]


def _snippet(name: str, location: str, form: str) -> str:
    """Return a query of DuckDB that reads a table; the location is a text there, whatever it holds."""
    where = " ".join(shown_location(location).split())
    reader = next((r for ending, r in _READERS.items() if form == ending or where.endswith(f".{ending}")), "")
    path, _, inner = where.partition("#")
    if path.endswith((".duckdb", ".db")) and inner:
        return f"ATTACH {_quoted(path)} AS source (READ_ONLY);\nFROM source.{inner};"
    if not reader:
        return f"-- {name}\nFROM {_quoted(where)};"
    glob = {"read_csv": "csv", "read_json": "json"}.get(reader, "parquet")
    path = f"{where}**/*.{glob}" if where.endswith("/") else where
    return f"-- {' '.join(name.split())}\nFROM {reader}({_quoted(path)});"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _access(contract: Contract) -> list[str]:
    access = contract.access
    rows = [
        [verb, inline(", ".join(" of ".join(p for p in (f"role {r.role}" if r.role else "", f"domain {r.domain}" if r.domain else "") if p)
                                for r in rules))]
        for verb, rules in (("read", access.read), ("write", access.write), ("see unmasked", access.unmask))
        if rules
    ]  # fmt: skip
    rows += [["know of it", inline(access.discovery)]] if access.discovery else []
    rows += [["for", inline(", ".join(access.purposes))]] if access.purposes else []
    return ["## Access", "", *table(["", "who or what for"], rows), ""] if rows else []


def _sla(contract: Contract, checks: Sequence[Check], product_id: str) -> list[str]:
    lines = [f"# Promises of {inline(contract.name)} {inline(contract.version)}", ""]
    rows = _promises(contract)
    lines += [*table(["promise", "value", "severity", ""], rows), ""] if rows else ["No service level is promised.", ""]
    if checks:
        lines += [
            "## Checks",
            "",
            "Each promise about the data is a check. It is met when its value is in the range.",
            "",
        ]
        lines += table(
            ["check", "met when", "of", "severity", ""],
            [
                [
                    code(c.id.removeprefix(f"{product_id}.")),
                    f"{inline(str(c.threshold))}{'' if c.threshold.unit in ('ratio', 'number') else ' ' + c.threshold.unit}",
                    code(c.where),
                    str(c.severity),
                    inline(c.description or c.refusal or c.skip),
                ]
                for c in checks
            ],
        )
    return lines


def _promises(contract: Contract) -> list[list[str]]:
    sla, rows = contract.sla, []
    if sla.availability:
        rows.append(["availability", f"at least {_percent(sla.availability)}", "", ""])
    if sla.freshness and sla.freshness.max_age_hours is not None:
        by = f"by {code(sla.freshness.column)}" if sla.freshness.column else ""
        rows.append(
            ["freshness", f"at most {sla.freshness.max_age_hours:g} hours old", str(sla.freshness.severity), by]
        )
    if sla.freshness and sla.freshness.update_schedule:
        rows.append(["updated", code(sla.freshness.update_schedule), "", "cron, UTC"])
    if sla.completeness and sla.completeness.min_ratio:
        over = ", ".join(code(c) for c in sla.completeness.columns)
        value = f"at least {_percent(sla.completeness.min_ratio)} of the cells"
        rows.append(["completeness", value, str(sla.completeness.severity), f"over {over}" if over else ""])
    rows += [
        [f"rows of {code(t.name)}", inline(count.range), str(count.severity), inline(count.description)]
        for t in contract.tables
        if (count := t.row_count) is not None
    ]
    rows += [
        [inline(p.kind.replace("_", " ")), _limit(p), str(p.severity), inline(p.description)] for p in contract.promises
    ]
    if contract.retention_days is not None:
        rows.append(["retention", f"{contract.retention_days} days", "", ""])
    return rows


def _limit(promise: Promise) -> str:
    """Write a promise's limit: hours where it is a span of time, else the moment or time of day as it stands."""
    is_span = promise.kind in ("freshness", "retention", "frequency") and promise.limit
    return inline(f"{Decimal(promise.limit).normalize():f} hours" if is_span else promise.limit)


def _percent(ratio: str) -> str:
    return f"{format_number(Decimal(ratio) * 100)}%"


def _changelog(contract: Contract) -> list[str]:
    lines = [f"# Changes of {inline(contract.name)}", ""]
    entries = sorted(contract.changelog, key=lambda e: version_key(e.version), reverse=True)
    if not entries:
        lines += ["No changes are recorded.", ""]
    for entry in entries:
        lines += [f"## {inline(entry.version)}{f' ({inline(entry.date)})' if entry.date else ''}", ""]
        if entry.breaking is not None:
            lines += ["**Breaking.**" if entry.breaking else "Not breaking.", ""]
        lines += [*(f"- {''.join(paragraphs(' '.join(change.split())))}" for change in entry.changes), ""]
    return lines
