"""`Run`: a finished run as users hold it, in Python and in notebooks."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from meshkit.errors import ChecksFailedError
from meshkit.later import Later
from meshkit.model.problem import Problem
from meshkit.model.run import Outcome, ProductRun, RunResult, Verdict
from meshkit.model.table import Severity
from meshkit.report.json import run_as_dict, verdict_as_dict
from meshkit.report.metrics import metric_as_dict

if TYPE_CHECKING:
    import pyarrow as pa

    from meshkit.report import html
else:  # a run that is only reported needs neither
    pa, html = Later("pyarrow"), Later("meshkit.report.html")


class Run:
    """The verdicts of one run. Shows itself in notebooks."""

    def __init__(self, result: RunResult) -> None:
        self.result = result

    def __repr__(self) -> str:
        """Say how it ended."""
        return f"Run(outcome={str(self.outcome)!r}, verdicts={len(self.verdicts)}, missed={len(self.failed)})"

    @property
    def outcome(self) -> Outcome:
        """The worst outcome of all products."""
        return self.result.outcome

    @property
    def problems(self) -> tuple[Problem, ...]:
        """What is wrong in the contracts of the mesh."""
        return self.result.problems

    @property
    def products(self) -> tuple[ProductRun, ...]:
        """What came of each product."""
        return self.result.products

    @property
    def verdicts(self) -> tuple[Verdict, ...]:
        """One verdict per check, product by product."""
        return self.result.verdicts

    @property
    def failed(self) -> tuple[Verdict, ...]:
        """The verdicts of checks that failed, or had no answer."""
        return tuple(v for v in self.verdicts if v.outcome in (Outcome.FAILED, Outcome.ERRORED))

    def verdict(self, check_id: str) -> Verdict:
        """Return the verdict of one check.

        Raises:
            KeyError: There is none of that id.
        """
        return {v.id: v for v in self.verdicts}[check_id]

    def to_dict(self) -> Mapping[str, Any]:
        """Return the run as `meshkit check --format json` writes it."""
        return run_as_dict(self.result)

    def to_arrow(self) -> pa.Table:
        """Return one row per verdict: product, version, and the columns of the JSON report's checks, without samples.

        Shape: one row per check x 18 columns; `bad` and `total` are counts, `value` is in `unit`.
        """
        rows = []
        for product in self.products:
            for verdict in product.verdicts:
                entry = dict(verdict_as_dict(verdict))
                entry |= {
                    "place": str(verdict.place),
                    "value": None if entry["value"] is None else float(entry["value"]),
                    "why": "; ".join(verdict.why),
                    "product": product.id,
                    "version": product.version,
                }
                del entry["samples"]
                rows.append(entry)
        return pa.Table.from_pylist(rows, schema=_schema())

    def metrics(self) -> pa.Table:
        """Return one row per metric: product, version, and the columns of the JSON report's metrics.

        Shape: one row per metric x 13 columns; `value` is in `unit`, false as 0 and true as 1; `distribution` and `drift`
        are JSON texts.
        """
        rows = []
        for product in self.products:
            for metric in product.metrics:
                entry = metric_as_dict(metric)
                entry |= {"value": None if entry["value"] is None else float(entry["value"])}
                entry |= {key: json.dumps(entry[key]) if entry[key] else None for key in ("distribution", "drift")}
                rows.append(entry | {"product": product.id, "version": product.version})
        return pa.Table.from_pylist(rows, schema=_metric_schema())

    def raise_for_failures(self, at_or_above: Severity | str = Severity.ERROR) -> None:
        """Raise if a check errored, a product could not be read, or a check of that severity or above was missed.

        Raises:
            ChecksFailedError: Its message names the first few.
        """
        least = Severity(at_or_above).rank
        bad = [v for v in self.verdicts if v.outcome is Outcome.ERRORED or (v.is_missed and v.severity.rank >= least)]
        stopped = [p for p in self.products if p.outcome is Outcome.ERRORED and not p.verdicts]
        if bad or stopped:
            named = [f"{v.id} {v.outcome}" for v in bad] + [f"{p.id} could not be read" for p in stopped]
            more = f" and {len(named) - 5} more" if len(named) > 5 else ""
            raise ChecksFailedError(f"{len(named)} not met: {', '.join(named[:5])}{more}")

    def _repr_html_(self) -> str:
        return html.render_html(self.result)

    def _display_(self) -> Any:
        """Show itself in marimo, which takes the HTML as it is."""
        return _Html(self._repr_html_())


class _Html:
    """A piece of HTML by marimo's own protocol, so that marimo need not be imported here."""

    def __init__(self, text: str) -> None:
        self._text = text

    def _mime_(self) -> tuple[str, str]:
        return "text/html", self._text


@cache
def _schema() -> pa.Schema:
    return pa.schema(
        [("product", pa.string()), ("version", pa.string())]
        + [(n, pa.string()) for n in ("id", "kind", "table", "column", "severity", "outcome")]
        + [("bad", pa.int64()), ("total", pa.int64()), ("value", pa.float64())]
        + [(n, pa.string()) for n in ("unit", "threshold", "message", "sql", "place", "why")]
        + [("sliced", pa.bool_())]
    )


@cache
def _metric_schema() -> pa.Schema:
    return pa.schema(
        [(n, pa.string()) for n in ("product", "version", "id", "name", "table", "column")]
        + [("value", pa.float64()), ("unit", pa.string())]
        + [(n, pa.string()) for n in ("distribution", "drift", "unavailable")]
        + [("approximate", pa.bool_()), ("slice", pa.string())]
    )
