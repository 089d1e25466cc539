"""Writes the figures of a results file into docs/: the table of benchmarks.md and the picture of the cost curves.

Usage: engine_page.py [RESULTS.json]
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path

from checking.chart import draw

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "benchmarks" / "results" / "engine.json"
PAGE, PICTURE = ROOT / "docs" / "benchmarks.md", ROOT / "docs" / "engine-curves.svg"
START, END = "<!-- figures: start, written by benchmarks/engine_page.py -->", "<!-- figures: end -->"
CAPTION = (
    "Time of meshkit check and of one naive SQL statement against rows, checks and products, on scales of powers of ten"
)


def rows(results: dict) -> Iterator[str]:
    """Return the lines of the table."""
    yield "| case | against | meshkit | other | ratio | goal | peak MiB | other MiB | date |"
    yield "|---|---|--:|--:|--:|---|--:|--:|---|"
    for case in results["cases"].values():
        for line in case["lines"]:
            goal = line["goal"]
            met = "" if goal is None else f"<= {goal:g}, {'met' if line['ratio'] <= goal else 'missed'}"
            other = "" if line["other_seconds"] is None else f"{line['other_seconds']:.2f} s"
            peak = "" if line["other_peak_mib"] is None else f"{line['other_peak_mib']:.0f}"
            yield (
                f"| {line['case']} | {line['against']} | {line['seconds']:.2f} s | {other} | {line['ratio']:.2f} "
                f"| {met} | {line['peak_mib']:.0f} | {peak} | {case['date']} |"
            )


def main() -> None:
    """Write the page and the picture anew."""
    results = json.loads((Path(sys.argv[1]) if len(sys.argv) > 1 else RESULTS).read_text())
    versions = {name: version for case in results["cases"].values() for name, version in case["versions"].items()}
    told = ", ".join(f"{name} {version}" for name, version in sorted(versions.items()))
    text = "\n".join([START, "", f"{results['machine']}; {told}.", "", *rows(results), "", END])
    before, _, rest = PAGE.read_text().partition(START)
    PAGE.write_text(before + text + rest.partition(END)[2])
    PICTURE.write_text(draw([point for case in results["cases"].values() for point in case["points"]], CAPTION))


if __name__ == "__main__":
    main()
