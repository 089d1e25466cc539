"""Reports of `meshkit check --format json`, as runs: what a machine that is gone has left."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path, PurePath
from typing import Any

from meshkit.errors import StoreError
from meshkit.model.history import Imported, RunKind, RunState
from meshkit.model.metric import Observed
from meshkit.model.run import Outcome, Scope
from meshkit.model.table import Severity
from meshkit.store.link import Link, clean, finite, moment, stamp
from meshkit.store.runs import BEGIN, METRIC, PRODUCT, VERDICT, metric_of, metric_values, reached

_MOST_BYTES = 1 << 30
_WHERE = re.compile(r"; where .*", re.DOTALL)
_DIGEST = re.compile(r"[0-9a-f]{16}")
_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_Values = dict[str, Any]


def import_report(link: Link, path: Path, environment: str | None) -> Imported:
    """Take in a report, by the id of its run, or by what it says where it has none.

    Args:
        link: The store.
        path: The report.
        environment: In which it was made, where it does not say so itself.

    Raises:
        StoreError: MK417, it is no such report.
    """
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise ValueError("it is larger than 1 GiB")
        report = json.loads(path.read_bytes())
        run = _run(report, environment)
        products = [_product(run, n, product, report) for n, product in enumerate(report["products"])]
        verdicts = [row for product in report["products"] for row in _verdicts(run, product)]
        metrics = [row for product in report["products"] for row in _metrics(run, product)]
    except OSError as error:
        raise _refusal(path, (error.strerror or "unknown error").lower()) from error
    except (KeyError, TypeError, AttributeError, ValueError, ArithmeticError, RecursionError) as error:
        raise _refusal(path, "it is no report of meshkit check --format json") from error
    if len({(v["product"], v["version"], v["check_id"]) for v in verdicts}) < len(verdicts):
        raise _refusal(path, "it names a check twice")
    if len({(p["product"], p["version"]) for p in products}) < len(products):
        raise _refusal(path, "it names a product twice")
    if len({tuple(list(m.values())[1:6]) for m in metrics}) < len(metrics):
        raise _refusal(path, "it names a metric twice")
    with link.writing() as work:
        if work.rows("SELECT 1 FROM runs WHERE id = :id", {"id": run["id"]}):
            return Imported(0, 1)
        work.execute(BEGIN, run)
        work.many(PRODUCT, products)
        work.many(VERDICT, verdicts)
        work.many(METRIC, metrics)
    return Imported(1, 0)


def _refusal(path: Path, reason: str) -> StoreError:
    hint = "give RUN.json, or the folder of an export"
    return StoreError(f"'{path}' cannot be imported: {reason}", hint, code="MK417")


def _run(report: Mapping[str, Any], environment: str | None) -> _Values:
    given = report.get("run_id")
    run_id = given if given is not None else _id_of(report)
    if not isinstance(run_id, str) or not _UUID.fullmatch(run_id):
        raise ValueError("run_id")
    slice_ = Scope.PARTIAL if report.get("slice") else Scope.FULL
    return {
        "id": run_id,
        "kind": str(RunKind.INCREMENTAL if report.get("incremental") else RunKind.CHECK),
        "scope": str(Scope(report.get("scope") or slice_)),
        "state": str(RunState.INTERRUPTED if report["interrupted"] else RunState.ENDED),
        "outcome": str(Outcome(report["outcome"])),
        "started": stamp(_time(report["started_at"])),
        "ended": stamp(_time(report["finished_at"])),
        "clock": stamp(_time(report["clock"])) if report.get("clock") else None,
        "meshkit_version": _text(report["meshkit_version"]),
        "environment": _text_or_none(report["environment"]) if "environment" in report else environment,
        **dict.fromkeys(("revision", "host", "pid", "engine", "actor")),
    }


def _id_of(report: Mapping[str, Any]) -> str:
    """Return a UUID of version 8, which is a hash of the report."""
    text = json.dumps(report, sort_keys=True, separators=(",", ":"))
    number = int(hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32], 16)
    number = number & ~(15 << 76) & ~(3 << 62) | 8 << 76 | 2 << 62
    hexadecimal = f"{number:032x}"
    return "-".join(hexadecimal[a:b] for a, b in ((0, 8), (8, 12), (12, 16), (16, 20), (20, 32)))


def _product(run: _Values, position: int, product: Mapping[str, Any], report: Mapping[str, Any]) -> _Values:
    is_own = run["scope"] != Scope.OTHER and not report["interrupted"]
    tried = ((c["table"], c["kind"], c["outcome"], c["message"]) for c in product["checks"])
    return {
        "run_id": run["id"],
        "product": _text(product["id"]),
        "version": _text(product["version"]),
        "position": position,
        "started": run["started"],
        "status": _text(product["status"]),
        "owner": _text_or_none(product["owner"]),
        "table_rows": _count(product["rows"]),
        "outcome": str(Outcome(product["outcome"])),
        "reached": reached(tried) if is_own else None,
    }


def _verdicts(run: _Values, product: Mapping[str, Any]) -> Iterator[_Values]:
    for position, check in enumerate(product["checks"]):
        place = check["place"]
        yield {
            "run_id": run["id"],
            "product": _text(product["id"]),
            "version": _text(product["version"]),
            "check_id": _text(check["id"]),
            "position": position,
            "kind": _text(check["kind"]),
            "table_name": _text(check["table"]),
            "column_name": _text_or_none(check["column"]),
            "severity": str(Severity(check["severity"])),
            "outcome": str(Outcome(check["outcome"])),
            "bad": _count(check["bad"]),
            "total": _count(check["total"]),
            "value": _number(check["value"]),
            "unit": _text(check["unit"]),
            "threshold": _text(check["threshold"]),
            "message": _WHERE.sub("; where ...", _text(check["message"])),
            "place": f"{_inside(_text(place['file']))}:{_count(place['line'])}:{_count(place['column'])}",
            "definition": _definition(check.get("definition")),
        }


def _metrics(run: _Values, product: Mapping[str, Any]) -> Iterator[_Values]:
    """Read what was measured, as `meshkit check` would have recorded it; reports of an older meshkit have none."""
    for seen in product.get("metrics", ()):
        shape = seen["distribution"]
        if shape is not None:
            counts = [(counted["value"], counted["rows"]) for counted in shape["counts"]]
            shape = {**shape, "counts": counts, "note": shape["note"] or ""}
        found = Observed(
            name=_text(seen["name"]),
            product=_text(product["id"]),
            table=_text_or_none(seen["table"]) or "",
            column=_text_or_none(seen["column"]) or "",
            value=seen["value"],
            unit=seen["unit"],
            distribution=shape,
            drift=seen["drift"],
            unavailable=_text_or_none(seen["unavailable"]) or "",
            slice=_text_or_none(seen["slice"]) or "",
        )
        kept = metric_of(found.product, _text(product["version"]), found)
        if kept is not None:
            yield metric_values(run["id"], kept)


def _inside(file: str) -> str:
    path = PurePath(file)
    return path.name if path.is_absolute() or ".." in path.parts else path.as_posix()


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a text is asked for")
    return clean(value)


def _text_or_none(value: Any) -> str | None:
    return None if value is None else _text(value)


def _definition(value: Any) -> str | None:
    if value is not None and not (isinstance(value, str) and _DIGEST.fullmatch(value)):
        raise ValueError("a digest is asked for")
    return value


def _count(value: Any) -> int | None:
    if value is not None and (not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 1 << 63):
        raise ValueError("a count is asked for")
    return value


def _number(value: Any) -> float | None:
    if value is not None and (not isinstance(value, (int, float)) or isinstance(value, bool)):
        raise TypeError("a number is asked for")
    return finite(value)


def _time(text: str) -> datetime:
    found = moment(text)
    if found.tzinfo is None:
        raise ValueError("a time with a zone is asked for")
    return found
