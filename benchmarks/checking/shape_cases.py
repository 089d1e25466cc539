"""Cases that vary the shape of the work: many columns, many checks, long lists, random keys, many products, TPC-H."""

from __future__ import annotations

from collections.abc import Iterator

from checking import contracts, tpch
from checking.bench import Bench
from checking.data import write
from checking.measure import Command
from checking.sizes import LISTED_VALUES, WIDE_COLUMNS

MILLION = 1_000_000
NUMBER_COLUMNS = 20
WIDE_TYPES = ("integer", "string", '"decimal(12,2)"', "float")
NAIVE = "naive statement"
PATIENCE_SECONDS = 60  # what takes longer runs once


def wide(bench: Bench) -> None:
    """100 columns x 1M rows, each of which must not be NULL."""
    folder, work = bench.cache.rows("wide", MILLION), bench.cache.work("wide")
    fields = [f"{{name: c{k}, type: {WIDE_TYPES[k % 4]}, constraints: [not_null]}}" for k in range(WIDE_COLUMNS)]
    ours = bench.meshkit(write(work / "wide.yaml", contracts.product("wide", f"{folder}/wide.parquet", fields)))
    counts = ", ".join(f'count(*) - count(c{k}) AS "c{k}.not_null"' for k in range(WIDE_COLUMNS))
    others = {NAIVE: bench.statement(work, f"{contracts.SETTINGS}SELECT {counts} FROM '{folder}/wide.parquet';\n")}
    bench.verify(ours, {f"c{k}.not_null": MILLION // 1000 for k in range(WIDE_COLUMNS)}, others)
    bench.compare("100 columns x 1M, null checks", ours, others)


def bounds(checks: int) -> Iterator[tuple[str, str, str, str]]:
    """Return the checks over 20 columns of numbers, spread evenly: column, name, constraint, condition of a bad row."""
    if checks < NUMBER_COLUMNS:
        columns, each = range(0, NUMBER_COLUMNS, NUMBER_COLUMNS // checks), 1
    else:
        columns, each = range(NUMBER_COLUMNS), checks // NUMBER_COLUMNS
    for column in columns:
        for j in range(each):
            low, step = j % 2 == 0, j // 2
            kind, bound = ("min", step) if low else ("max", 999 - step)
            name = kind if step == 0 else f"{kind}_{step + 1}"
            yield f"c{column}", f"c{column}.{name}", f"{kind}: {bound}", f"c{column} {'<' if low else '>'} {bound}"


def many_checks(bench: Bench) -> None:
    """10, 100 and 1,000 checks on one table of 1M rows."""
    folder, contenders = bench.cache.rows("numbers", MILLION), {}
    for checks in (10, 100, 1_000):
        work = bench.cache.work(f"checks-{checks}")
        found = list(bounds(checks))
        fields = [
            f"{{name: c{k}, type: integer, constraints: [{', '.join(rule for c, _, rule, _ in found if c == f'c{k}')}]}}"
            for k in range(NUMBER_COLUMNS)
        ]
        ours = bench.meshkit(
            write(work / "numbers.yaml", contracts.product("numbers", f"{folder}/numbers.parquet", fields))
        )
        counts = [(name, condition) for _, name, _, condition in found]
        naive = bench.statement(work, contracts.fused(f"'{folder}/numbers.parquet'", counts))
        by_hand = bench.counted_by(naive)
        bench.verify(ours, {name: by_hand[name] for name, _ in counts}, {NAIVE: naive})
        contenders[checks] = (ours, naive)
    few = contenders[10][0]
    for checks, (ours, naive) in contenders.items():
        others: dict[str, Command] = {NAIVE: naive} | ({"meshkit, 10 checks": few} if checks == 1_000 else {})
        figures = bench.compare(f"{checks:,} checks on 1M rows", ours, others, {"meshkit, 10 checks": 5.0})
        bench.point("checks", checks, figures)


def in_list(bench: Bench) -> None:
    """A list of 200,000 accepted values over 1M rows."""
    folder, work = bench.cache.rows("listed", MILLION), bench.cache.work("listed")
    values = [f"K{number:06}" for number in range(LISTED_VALUES)]
    fields = [f"{{name: code, type: string, constraints: [in: [{', '.join(values)}]]}}"]
    ours = bench.meshkit(write(work / "listed.yaml", contracts.product("listed", f"{folder}/listed.parquet", fields)))
    literals = ", ".join(f"'{value}'" for value in values)
    # DuckDB 2.0 joins with the list of `WHERE code IN`; with `NOT IN`, or in an aggregate, it compares each row with each value.
    table = f"'{folder}/listed.parquet'"
    good = f"SELECT count(*) FROM {table} WHERE code IN ({literals})"
    naive = f'{contracts.SETTINGS}SELECT (SELECT count(code) FROM {table}) - ({good}) AS "code.in";\n'
    others = {NAIVE: bench.statement(work, naive)}
    took = bench.verify(ours, {"code.in": MILLION // 1000}, others)
    bench.compare("200,000-value list, 1M rows", ours, others, runs=1 if took > PATIENCE_SECONDS else None)


def random_key(bench: Bench, rows: int, memory_mib: int, label: str, runs: int) -> None:
    """A random key of 128 bits, unique under a budget of memory."""
    folder, work = bench.cache.rows("key", rows), bench.cache.work(f"key-{rows}")
    location = f"{folder}/key.parquet"
    contract = contracts.product("key", location, ["{name: id, type: string, constraints: [not_null, unique]}"])
    ours = bench.meshkit(write(work / "key.yaml", contract), "--memory", f"{memory_mib}MiB")
    naive = (
        f"{contracts.SETTINGS}SET memory_limit = '{memory_mib}MiB';\nSET temp_directory = '{work}/spill';\n"
        f"""SELECT count(*) - count(id) AS "id.not_null" FROM '{location}';\n"""
        f"""SELECT coalesce(sum(k - 1), 0)::BIGINT AS "id.unique" FROM
            (SELECT count(*) AS k FROM '{location}' WHERE id IS NOT NULL GROUP BY id HAVING count(*) > 1);\n"""
    )
    others = {NAIVE: bench.statement(work, naive)}
    bench.verify(ours, {"id.unique": 3, "id.not_null": 0}, {})
    case = f"{label} random keys, {memory_mib} MiB"
    figures = bench.compare(case, ours, others, runs=runs)
    bench.peak_within(case, figures["meshkit"], memory_mib)


def key(bench: Bench) -> None:
    """A random 128-bit key at 10M rows."""
    random_key(bench, 10 * MILLION, 512, "10M", bench.runs)


def key_100m(bench: Bench) -> None:
    """A random 128-bit key at 100M rows."""
    random_key(bench, 100 * MILLION, 2048, "100M", 1)


def products(bench: Bench) -> None:
    """10, 100 and 1,000 small products in one mesh."""
    most = 1_000
    folder = bench.cache.rows("mesh", most)
    for count in (10, 100, most):
        work = bench.cache.work(f"mesh-{count}")
        naive = contracts.SETTINGS
        for number in range(count):
            name, location = f"product_{number}", f"{folder}/data/product_{number}.parquet"
            fields = [
                "{name: id, type: integer, constraints: [not_null, unique]}",
                "{name: name, type: string, constraints: [not_null, in: [n0, n1, n2, n3, n4, n5, n6]]}",
                "{name: amount, type: integer, constraints: [min: 0, max: 99]}",
            ]
            write(work / f"{name}.yaml", contracts.product(name, location, fields))
            naive += f"""SELECT count(*) - count(id) AS "{name}.id.not_null", count(*) - count(name) AS "{name}.name.not_null",
                count(id) - count(DISTINCT id) AS "{name}.id.unique", count_if(amount < 0) AS "{name}.amount.min",
                count_if(name NOT IN ('n0', 'n1', 'n2', 'n3', 'n4', 'n5', 'n6')) AS "{name}.name.in",
                count_if(amount > 99) AS "{name}.amount.max", count(*) AS "{name}.row_count" FROM '{location}';\n"""
        ours, others = bench.meshkit(work), {NAIVE: bench.statement(bench.cache.work(f"mesh-{count}-sql"), naive)}
        expected = {}
        for number in range(count):
            at = f"product_{number}"
            expected |= {f"{at}.id.unique": 0, f"{at}.name.in": 0, f"{at}.amount.min": 1, f"{at}.row_count": 100}
        bench.verify(ours, expected, others)
        case = f"{count:,} small products"
        figures = bench.compare(case, ours, others)
        if count == most:
            bench.time_within(case, figures["meshkit"], 0.010 * count, "10 ms a product")
        bench.point("products", count, figures)


def lineitem(bench: Bench) -> None:
    """TPC-H lineitem at scale factor 10: 60M rows."""
    folder, work = tpch.data(bench.cache), bench.cache.work("tpch")
    bench.versions["tpchgen-cli"] = tpch.version(bench.cache)
    ours = bench.meshkit(write(work / "lineitem.yaml", tpch.contract(folder)))
    others = {NAIVE: bench.statement(work, tpch.naive(folder))}
    bench.verify(ours, tpch.expected(), others)
    bench.compare("TPC-H lineitem, 60M rows", ours, others, runs=1)
