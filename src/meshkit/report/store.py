"""What `meshkit store` answers, for people and for programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from meshkit.model.history import Imported, StoreInfo, StoreProblem
from meshkit.report.order import one_line
from meshkit.report.text import Paint


def render_info(info: StoreInfo, paint: Paint) -> str:
    """Render what a store is, and how many rows each table has."""
    width = max(len(name) for name in info.rows)
    numbers = max(len(f"{count:,}") for count in info.rows.values())
    span = f"from {info.oldest} to {info.newest}" if info.oldest else "no run yet"
    lines = [
        f"{paint(one_line(info.place), 'name')}  {info.engine}, version {info.version} of the tables, {span}",
        "",
        "rows by table:",
        *(f"{name:<{width}}  {count:>{numbers},}" for name, count in info.rows.items()),
        "",
        f"audit log ends in {info.audit_head}",
    ]
    return "\n".join(lines) + "\n"


def info_as_dict(info: StoreInfo) -> dict[str, Any]:
    """Return the same as values that JSON can hold."""
    return {
        "store": info.place,
        "engine": info.engine,
        "version": info.version,
        "rows": dict(info.rows),
        "oldest": info.oldest,
        "newest": info.newest,
        "audit_head": info.audit_head,
    }


def render_problems(place: str, problems: Sequence[StoreProblem], paint: Paint) -> str:
    """Render what is wrong in a store, one problem per line."""
    if not problems:
        return f"{paint(one_line(place), 'name')}  whole: files, tables, and the chain of the audit log\n"
    lines = [f"{paint(p.code, 'failed')} {one_line(p.what)}" for p in problems]
    return "\n".join([*lines, "", paint(f"next: meshkit explain {problems[0].code}", "faint")]) + "\n"


def problems_as_dict(place: str, problems: Sequence[StoreProblem]) -> dict[str, Any]:
    """Return the same as values that JSON can hold."""
    return {"store": place, "problems": [{"code": p.code, "message": p.what} for p in problems]}


class Pruned(NamedTuple):
    """What was removed: runs that began before a time, and requests for access that ended before it."""

    place: str
    before: str
    runs: int
    requests: int


def render_pruned(pruned: Pruned, paint: Paint) -> str:
    """Say how much was removed."""
    runs = "1 run" if pruned.runs == 1 else f"{pruned.runs:,} runs"
    requests = {0: "", 1: " and 1 request"}.get(pruned.requests, f" and {pruned.requests:,} requests")
    return (
        f"{paint(one_line(pruned.place), 'name')}  {runs}{requests} from before {pruned.before} removed; "
        "versions and the audit log are kept\n"
    )


def pruned_as_dict(pruned: Pruned) -> dict[str, Any]:
    """Return the same as values that JSON can hold."""
    return {"store": pruned.place, "before": pruned.before, "removed": pruned.runs, "requests": pruned.requests}


def render_exported(files: Sequence[str]) -> str:
    """Name the files that were written, one per line."""
    return "".join(f"{path}\n" for path in files)


def exported_as_dict(place: str, files: Sequence[str]) -> dict[str, Any]:
    """Return the same as values that JSON can hold."""
    return {"store": place, "files": list(files)}


def render_imported(taken: Sequence[tuple[str, Imported]]) -> str:
    """Say what came of each file."""
    lines = []
    for path, found in taken:
        lines.append(f"{path}: {found.added:,} added, {found.known:,} there already")
        lines += [f"  note: {one_line(note)}" for note in found.notes]
    return "\n".join(lines) + "\n"


def imported_as_dict(place: str, taken: Sequence[tuple[str, Imported]]) -> dict[str, Any]:
    """Return the same as values that JSON can hold."""
    files = [{"path": path, "added": i.added, "known": i.known, "notes": list(i.notes)} for path, i in taken]
    return {"store": place, "imported": files}


_TEXT: Mapping[str, Any] = {"type": "string"}
_NULLABLE_TEXT: Mapping[str, Any] = {"type": ["string", "null"]}
_COUNT: Mapping[str, Any] = {"type": "integer", "minimum": 0}


def store_schema() -> dict[str, Any]:
    """Return the JSON Schema of what each of `meshkit store`'s commands writes. Keys are only ever added."""
    problem = _closed("Problem", {"code": {"type": "string", "pattern": "^MK[0-9]{3}$"}, "message": _TEXT})
    texts = {"type": "array", "items": _TEXT}
    taken = _closed("Imported", {"path": _TEXT, "added": _COUNT, "known": _COUNT, "notes": texts})
    info = {
        "store": _TEXT,
        "engine": {"enum": ["sqlite", "postgresql"]},
        "version": _TEXT,
        "rows": {"type": "object", "additionalProperties": _COUNT, "description": "Table -> rows in it."},
        "oldest": _NULLABLE_TEXT,
        "newest": _NULLABLE_TEXT,
        "audit_head": {**_TEXT, "description": "Noted elsewhere, it proves that no entry was cut off."},
    }
    answers = {
        "info": info,
        "check": {"store": _TEXT, "problems": {"type": "array", "items": problem}},
        "prune": {"store": _TEXT, "before": {**_TEXT, "format": "date-time"}, "removed": _COUNT, "requests": _COUNT},
        "export": {"store": _TEXT, "files": texts},
        "import": {"store": _TEXT, "imported": {"type": "array", "items": taken}},
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "meshkit store --format json",
        "anyOf": [_closed(f"meshkit store {name}", properties) for name, properties in answers.items()],
    }


def _closed(title: str, properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "title": title,
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }
