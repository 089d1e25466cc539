"""Lineage for people, for programs, and as a Mermaid diagram."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from meshkit.model.lineage import ColumnEdge, Edge, End, Node, NodeKind, ProductLineage
from meshkit.report.access import Paint, plain
from meshkit.report.order import one_line

_UNSAFE = re.compile(r"[^A-Za-z0-9 _.,@/:*-]")


def lineage_as_dict(found: ProductLineage) -> dict[str, Any]:
    """Return the document that `--format json` writes."""
    return found.model_dump(mode="json")


def render_lineage(found: ProductLineage, paint: Paint = plain) -> str:
    """Render lineage: upstream, downstream, columns, and what cannot be told."""
    title = f"{paint(one_line(found.product), 'strong')} {one_line(found.version)}"
    lines = [f"{title}{f' · column {one_line(found.column)}' if found.column else ''}"]
    if str(found.direction) != "down":
        lines += ["", "made from", *(_nodes(found, up=True) or ["  nothing that its contract names"])]
    if str(found.direction) != "up":
        lines += ["", "read by", *(_nodes(found, up=False) or ["  no product of this mesh"])]
    if found.columns:
        lines += ["", "columns", *(f"  {_column(e)}" for e in found.columns)]
    if found.untold:
        lines += ["", "cannot be told", *(f"  {one_line(u.node)}: {one_line(u.what)}" for u in found.untold)]
    if found.cut:
        lines += ["", *(f"cut: {one_line(c)}" for c in found.cut)]
    return "\n".join(lines) + "\n"


def _nodes(found: ProductLineage, *, up: bool) -> list[str]:
    """Return a line for each node of a side, indented by its distance, with those that it is an edge to."""
    own = [n for n in found.nodes if (n.distance < 0 if up else n.distance > 0)]
    lines = []
    for node in sorted(own, key=lambda n: (abs(n.distance), n.id)):
        edges = [e for e in found.edges if (e.source if up else e.target) == node.id]
        ends = ", ".join(_end(e, up=up) for e in edges)
        lines.append(f"{'  ' * abs(node.distance)}{_name(node)} {'->' if up else '<-'} {ends}")
    return lines


def _end(edge: Edge, *, up: bool) -> str:
    return f"{one_line(edge.target if up else edge.source)} ({', '.join(edge.through)})"


def _name(node: Node) -> str:
    status = f" ({node.status})" if node.status not in ("", "active") else ""
    return f"{one_line(node.id)}{f' {one_line(node.version)}' if node.version else ''}{status}"


def _column(edge: ColumnEdge) -> str:
    return f"{_spot(edge.source)} -> {_spot(edge.target)} ({edge.effect})"


def _spot(end: End) -> str:
    where = f" {end.table}" if end.table and not end.node.endswith(f".{end.table}") else ""
    return one_line(f"{end.node}{where}{f'.{end.column}' if end.column else ''}")


def render_mermaid(found: ProductLineage) -> str:
    """Render the products, or for one column the columns, as a Mermaid flowchart; names are escaped."""
    if found.column:
        return _chart(sorted({_pair(e) for e in found.columns}))
    return _chart([(_label(found, e.source), _label(found, e.target), "") for e in found.edges])


def _pair(edge: ColumnEdge) -> tuple[str, str, str]:
    return _spot(edge.source), _spot(edge.target), str(edge.effect)


def _label(found: ProductLineage, node_id: str) -> str:
    node = next(n for n in found.nodes if n.id == node_id)
    return f"{node.id} {node.version}" if node.kind is NodeKind.PRODUCT else node.id


def _chart(edges: list[tuple[str, str, str]]) -> str:
    names = {name: f"n{number}" for number, name in enumerate(dict.fromkeys(n for e in edges for n in e[:2]))}
    return "\n".join(["flowchart LR", *_lines(edges, names)]) + "\n"


def _lines(edges: list[tuple[str, str, str]], names: dict[str, str]) -> Iterator[str]:
    for name, short in names.items():
        yield f'  {short}["{_escaped(name)}"]'
    for source, target, effect in edges:
        yield f"  {names[source]} -->{f'|{effect}|' if effect else ''} {names[target]}"


def _escaped(text: str) -> str:
    """Return a text as a label, in which no sign means anything to Mermaid or to a browser."""
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", one_line(text))
