"""Other tools with the same 15 checks in their own words, each in an environment of its own that is made on demand."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from checking import orders_cases
from checking.bench import Bench
from checking.data import run_quietly, write
from checking.measure import Command, run
from checking.truth import WrongAnswerError

FAILED_CHECKS = 8
SODA = ("soda-core", "soda-duckdb")
DATACONTRACT = ("datacontract-cli[duckdb]",)
ENTRIES = {
    "soda": "import sys; from soda_core.cli.cli import execute; sys.exit(execute())",
    "datacontract-cli": "import sys; from datacontract.cli import main; sys.exit(main())",
}
VIEWS = """
import duckdb, sys
database = duckdb.connect(sys.argv[1])
for name in ("orders", "customers"):
    database.execute(f"CREATE VIEW {name} AS FROM '{sys.argv[2]}/{name}.parquet'")
"""
SODA_SOURCE = """type: duckdb
name: shop
connection:
  database: {database}
  read_only: true
  configuration: {{threads: "2"}}
"""
SODA_CONTRACT = """dataset: shop/main/orders
variables:
  NOW: {default: "2026-11-22T12:00:00+00:00"}
checks:
  - schema: {allow_extra_columns: false}
  - row_count: {threshold: {must_be_greater_than: 0}}
  - freshness: {column: order_date, now_variable: NOW, threshold: {unit: day, must_be_less_than_or_equal: 30}}
  - metric:
      qualifier: product_count
      query: SELECT COUNT(*) FROM orders WHERE product_count < 1
      threshold: {must_be: 0}
  - metric:
      qualifier: ratio
      expression: SUM(total_amount) / SUM(product_count)
      threshold: {must_be_between: {greater_than_or_equal: 400, less_than_or_equal: 600}}
columns:
  - name: order_id
    data_type: VARCHAR
    checks:
      - missing:
      - duplicate:
      - invalid: {valid_format: {name: order id, regex: '^ORD-[0-9]{10}$'}}
  - name: customer_id
    data_type: VARCHAR
    checks:
      - missing:
      - invalid: {valid_reference_data: {dataset: shop/main/customers, column: id}}
  - name: order_date
    data_type: DATE
    checks:
      - missing:
  - name: total_amount
    data_type: DECIMAL
    checks:
      - invalid: {valid_min: 0}
  - name: status
    data_type: VARCHAR
    checks:
      - missing:
      - invalid: {valid_values: [PENDING, PAID, SHIPPED, CANCELLED]}
  - name: customer_segment
    data_type: VARCHAR
    checks:
      - missing: {threshold: {metric: percent, must_be_less_than: 5}}
  - name: product_count
    data_type: INTEGER
"""
ODCS_CONTRACT = """apiVersion: v3.0.2
kind: DataContract
id: orders
name: orders
version: 1.0.0
status: active
servers:
  - {server: files, type: local, path: "{folder}/{model}.parquet", format: parquet}
schema:
  - name: orders
    physicalType: table
    quality:
      - {type: sql, description: rows, query: SELECT COUNT(*) FROM orders, mustBeGreaterThan: 0}
      - {type: sql, description: freshness, mustBeLessThan: 31,
         query: "SELECT date_diff('day', MAX(order_date), DATE '2026-11-22') FROM orders"}
      - {type: sql, description: references, mustBe: 0,
         query: "SELECT COUNT(*) FROM orders o ANTI JOIN customers c ON c.id = o.customer_id WHERE o.customer_id IS NOT NULL"}
      - {type: sql, description: product_count, query: SELECT COUNT(*) FROM orders WHERE product_count < 1, mustBe: 0}
      - {type: sql, description: ratio, mustBeBetween: [400, 600],
         query: SELECT SUM(total_amount) / SUM(product_count) FROM orders}
    properties:
      - {name: order_id, logicalType: string, physicalType: varchar, required: true, unique: true,
         logicalTypeOptions: {pattern: '^ORD-[0-9]{10}$'}}
      - {name: customer_id, logicalType: string, physicalType: varchar, required: true}
      - {name: order_date, logicalType: date, physicalType: date, required: true}
      - {name: total_amount, logicalType: number, physicalType: "decimal(12,2)", logicalTypeOptions: {minimum: 0}}
      - name: status
        logicalType: string
        physicalType: varchar
        required: true
        quality:
          - {type: library, metric: invalidValues, arguments: {validValues: [PENDING, PAID, SHIPPED, CANCELLED]}, mustBe: 0}
      - name: customer_segment
        logicalType: string
        physicalType: varchar
        quality:
          - {type: library, metric: nullValues, unit: percent, mustBeLessThan: 5}
      - {name: product_count, logicalType: integer, physicalType: integer}
  - name: customers
    physicalType: table
    properties:
      - {name: id, logicalType: string, physicalType: varchar}
"""


def entry(bench: Bench, name: str, packages: tuple[str, ...]) -> tuple[str, ...]:
    """Return how the tool is started, from its own environment, and note its version."""
    try:
        python = str(bench.cache.environment(name, list(packages)) / "bin" / "python")
    except RuntimeError as error:
        raise RuntimeError(f"{name} cannot be installed here: {error}") from error
    distribution = packages[0].split("[")[0]
    ask = f"from importlib.metadata import version; print(version('{distribution}'), version('duckdb'))"
    told, duckdb = run(Command((python, "-c", ask))).output.split()
    bench.versions |= {name: told, f"duckdb of {name}": duckdb}
    print(f"{name} {told} with duckdb {duckdb}", file=sys.stderr)
    return (python, "-c", ENTRIES[name])


def compare(bench: Bench, name: str, tool: Command, goal: float) -> None:
    """Time the tool beside meshkit over the 10M rows."""
    ours, others = orders_cases.contenders(bench, "parquet", orders_cases.ROWS)
    bench.verify(ours, orders_cases.expected(bench, orders_cases.ROWS, others["naive statement"]), {})
    bench.compare("10M rows, parquet", ours, {name: tool}, {name: goal})


def soda(bench: Bench) -> None:
    """Soda over views of the same files."""
    start = entry(bench, "soda", SODA)
    folder, work = bench.cache.rows("orders", orders_cases.ROWS), bench.cache.work("soda")
    run_quietly([start[0], "-c", VIEWS, str(work / "views.duckdb"), str(folder)])
    source = write(work / "source.yml", SODA_SOURCE.format(database=work / "views.duckdb"))
    contract = write(work / "orders.yml", SODA_CONTRACT)
    arguments = (*start, "contract", "verify", "-ds", str(source), "-c", str(contract))
    tool = Command(arguments, work, {"SODA_CORE_TELEMETRY_ENABLED": "false"}, exit_codes=(1,))
    said = run(tool).output
    if said.count("FAILED") != FAILED_CHECKS or "Runtime Errors |  0" not in said:
        raise WrongAnswerError(f"Soda does not fail {FAILED_CHECKS} checks: {said[-600:]}")
    compare(bench, "soda", tool, 0.5)


def datacontract(bench: Bench) -> None:
    """datacontract-cli over the same files."""
    start = entry(bench, "datacontract-cli", DATACONTRACT)
    folder, work = bench.cache.rows("orders", orders_cases.ROWS), bench.cache.work("datacontract-cli")
    contract = write(work / "orders.yaml", ODCS_CONTRACT.replace("{folder}", str(folder)))
    result = work / "result.json"
    arguments = (*start, "test", str(contract), "--output", str(result), "--output-format", "json")
    tool = Command(arguments, work, exit_codes=(1,))
    run(tool)
    if failed_in(result) != FAILED_CHECKS:
        raise WrongAnswerError(f"datacontract-cli fails {failed_in(result)} checks, not {FAILED_CHECKS}")
    compare(bench, "datacontract-cli", tool, 0.33)


def failed_in(result: Path) -> int:
    """Return how many checks a result of datacontract-cli says have failed."""
    return sum(check["result"] == "failed" for check in json.loads(result.read_text())["checks"])
