"""`meshkit lint` over 1,000 ODCS contracts against parsing the same files, as a ratio in one run.

Once over the standard's published examples, again and again under other ids; once over made-up contracts of 30 columns,
each with a query and five patterns, which are parsed and tried too.

Run with `make bench`. Nothing is cached; each pair is measured in turn (A B A B ...), and medians are compared.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from house import MESHKIT, PARSE, ratio

EXAMPLES = sorted((Path(__file__).parents[1] / "tests" / "data" / "standards" / "odcs").rglob("*.yaml"))
TYPES = (
    ("string", "varchar(40)", "logicalTypeOptions: {maxLength: 40, pattern: '^[a-z]+$'}"),
    ("integer", "bigint", "logicalTypeOptions: {minimum: 0, format: i64}"),
    ("number", "decimal(12,2)", "quality: [{metric: nullValues, mustBeLessThan: 5, unit: percent}]"),
    ("date", "date", "partitioned: false"),
    ("timestamp", "timestamp", "required: true"),
    ("boolean", "boolean", "classification: internal"),
)


def contract(number: int, properties: int = 30) -> str:
    """Return a contract of `properties` columns with what people write about them."""
    lines = [
        "apiVersion: v3.1.0", "kind: DataContract", f"id: contract-{number}", f"name: product_{number}", "version: 1.2.3",
        f"domain: domain_{number % 20}", "status: active", "description:", f"  purpose: Product number {number}.",
        "team:", "  name: some-team", "servers:", "- server: files", "  type: local", f"  path: data/product_{number}.parquet",
        "  format: parquet", "schema:", f"- name: table_{number}", "  physicalType: table", "  properties:",
    ]  # fmt: skip
    for i in range(properties):
        logical, physical, more = TYPES[i % len(TYPES)]
        lines += [f"  - name: column_{i}", f"    logicalType: {logical}", f"    physicalType: {physical}",
                  f"    description: Column {i} of product {number}.", f"    {more}"]  # fmt: skip
    lines += [
        "  quality:", "  - metric: rowCount", "    mustBeGreaterThan: 0", "  - type: sql", "    name: none_negative",
        "    query: SELECT count(*) FROM {object} WHERE column_1 < 0", "    mustBe: 0",
        "slaProperties:", "- property: latency", "  value: 1", "  unit: d", "  element: column_4",
    ]  # fmt: skip
    return "\n".join(lines) + "\n"


def published(number: int) -> str:
    """Return one of the standard's examples under an id and a name of its own."""
    text = EXAMPLES[number % len(EXAMPLES)].read_text()
    text = re.sub(r'^"?id"?: .*$', f"id: c{number}", text, flags=re.MULTILINE)
    return re.sub(r"^name: .*$", f"name: n{number}", text, flags=re.MULTILINE)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--contracts", type=int, default=1_000)
    chosen = parser.parse_args()
    for kind, make in (("published", published), ("made-up", contract)):
        with tempfile.TemporaryDirectory() as folder:
            for number in range(chosen.contracts):
                (Path(folder) / f"product_{number}.yaml").write_text(make(number))
            name = f"lint {chosen.contracts:,} ODCS contracts, {kind} / parse (C loader)"
            lint, parse = [*MESHKIT, "lint", folder], [sys.executable, "-c", PARSE, folder]
            ratio(name, lint, parse, chosen.runs, "<= 2", MESHKIT_CACHE="off")


if __name__ == "__main__":
    main()
