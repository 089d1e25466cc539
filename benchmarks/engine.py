"""`meshkit check` as a whole process against SQL written by hand and against other tools: one table of ratios in one run.

Contenders run in turn (A B A B ...) with 2 threads, medians are compared, and peak memory is the process's own. Before
anything is timed, what each contender counts is held against the defects that were planted. Run with `make bench`.
"""

from __future__ import annotations

import argparse
import datetime
import json
import os
import platform
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from checking import orders_cases, peers, shape_cases
from checking.bench import HEADER, Bench
from checking.data import Cache, write_json
from checking.measure import ProcessError
from checking.truth import WrongAnswerError


@dataclass(frozen=True)
class Case:
    """One case, and what must be asked for to run it."""

    run: Callable[[Bench], None]
    needs: str = ""


CASES: Mapping[str, Case] = {
    "parquet": Case(orders_cases.parquet),
    "hive": Case(orders_cases.hive),
    "table": Case(orders_cases.table),
    "csv": Case(orders_cases.csv),
    "dense": Case(orders_cases.dense),
    "startup": Case(orders_cases.startup),
    "rows-1m": Case(orders_cases.rows_1m),
    "wide": Case(shape_cases.wide),
    "checks": Case(shape_cases.many_checks),
    "in-list": Case(shape_cases.in_list),
    "key": Case(shape_cases.key),
    "products": Case(shape_cases.products),
    "rows-100m": Case(orders_cases.rows_100m, needs="large"),
    "key-100m": Case(shape_cases.key_100m, needs="large"),
    "tpch": Case(shape_cases.lineitem, needs="large"),
    "soda": Case(peers.soda, needs="peers"),
    "datacontract-cli": Case(peers.datacontract, needs="peers"),
}
VERSIONS = "import duckdb, meshkit, numpy, pyarrow; print(duckdb.__version__, meshkit.__version__, numpy.__version__, pyarrow.__version__)"


def versions() -> dict[str, str]:
    """Return the versions of what is measured, asked of another process so that this one stays small."""
    told = subprocess.run([sys.executable, "-c", VERSIONS], capture_output=True, text=True, check=True).stdout.split()
    return {
        "python": platform.python_version(),
        **dict(zip(("duckdb", "meshkit", "numpy", "pyarrow"), told, strict=True)),
    }


def machine() -> str:
    """Return what the machine is, in words that hold no name or path."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{os.cpu_count()} cores, {memory:.0f} GiB, {platform.system()} {platform.machine()}"


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--only", metavar="NAME", action="append", choices=CASES, help=f"repeatable: {', '.join(CASES)}"
    )
    parser.add_argument("--runs", type=int, default=3, metavar="N", help="how often each contender runs (default: 3)")
    parser.add_argument(
        "--large", action="store_true", help="also 100M rows and TPC-H at scale factor 10 (15 GB of data)"
    )
    parser.add_argument("--peers", action="store_true", help="also Soda and datacontract-cli, installed on demand")
    data = Path(tempfile.gettempdir()) / "meshkit-bench"
    parser.add_argument("--data", type=Path, default=data, metavar="FOLDER", help="where data is made and kept")
    parser.add_argument(
        "--json", type=Path, metavar="FILE", help="write the figures there too; other cases of it are kept"
    )
    chosen = parser.parse_args()
    if chosen.runs < 1:
        parser.error("--runs must be at least 1")
    for name in chosen.only or ():
        if (needs := CASES[name].needs) and not getattr(chosen, needs):
            parser.error(f"--only {name} also needs --{needs}")
    return chosen


def keep(file: Path, name: str, bench: Bench) -> None:
    """Write the figures of one case into a file of results, beside those of other cases."""
    kept = json.loads(file.read_text()) if file.exists() else {"cases": {}}
    kept["machine"] = machine()
    case = {
        "date": datetime.datetime.now(datetime.UTC).date().isoformat(),
        "versions": bench.versions,
        **bench.as_json(),
    }
    kept["cases"] = {
        key: case if key == name else kept["cases"].get(key) for key in CASES if key == name or key in kept["cases"]
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    write_json(file, kept)


def main() -> int:
    """Run the cases and print the table; 1 if a case had no figures."""
    chosen = arguments()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that half-made data is removed and children end
    names = chosen.only or [name for name, case in CASES.items() if not case.needs or getattr(chosen, case.needs)]
    told = versions()
    print(f"{machine()}; {', '.join(f'{name} {version}' for name, version in told.items())}")
    print(HEADER, flush=True)
    failed = 0
    for name in names:
        bench = Bench(Cache(chosen.data.resolve()), chosen.runs, chosen.large, versions=dict(told))
        try:
            CASES[name].run(bench)
        except (ProcessError, WrongAnswerError, RuntimeError, OSError) as error:
            failed += 1
            print(f"{name}: no figures: {error}", flush=True)
            continue
        if chosen.json and bench.lines:
            keep(chosen.json, name, bench)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
