"""Scores for people and for programs, and the page that explains them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from meshkit.model.score import GroupScore, MeshScore, Practice, ProductScore, ScoreItem, ScorePart
from meshkit.report.text import Paint


def score_as_dict(found: MeshScore) -> dict[str, Any]:
    """Return scores as values that JSON can hold; docs/scores.md tells each key."""
    return {
        "mesh": _group(found.mesh),
        "domains": [_group(d) for d in found.domains],
        "products": [_product(p) for p in found.products],
        "practices": [_practice(p) for p in found.practices],
        "not_executable": list(found.not_executable),
    }


def _group(group: GroupScore) -> dict[str, Any]:
    return {
        "name": group.name, "score": round(group.score, 1), "badge": str(group.badge), "products": group.products,
        "unproven": group.unproven, "failing": group.failing,
    }  # fmt: skip


def _product(product: ProductScore) -> dict[str, Any]:
    return {
        "id": product.product,
        "version": product.version,
        "domain": product.domain,
        "owner": product.owner or None,
        "is_current": product.is_current,
        "score": round(product.score, 1),
        "of": product.of,
        "badge": str(product.badge),
        "badge_text": badge_text(product),
        "problem": product.problem or None,
        "unknown": list(product.unknown),
        "parts": [_part(p) for p in product.parts],
    }


def _part(part: ScorePart) -> dict[str, Any]:
    points = None if part.points is None else round(part.points, 2)
    return {"name": part.name, "points": points, "of": part.of, "items": [_item(i) for i in part.items]}


def _item(item: ScoreItem) -> dict[str, Any]:
    share = None if item.share is None else round(item.share, 4)
    return {
        "name": item.name,
        "weight": item.weight,
        "share": share,
        "why": item.why or None,
        "remedy": item.remedy or None,
    }


def _practice(practice: Practice) -> dict[str, Any]:
    value = None if practice.value is None else round(practice.value, 4)
    return {
        "id": practice.id,
        "name": practice.name,
        "measure": practice.measure,
        "value": value,
        "seen": practice.seen,
    }


def badge_text(found: ProductScore | GroupScore) -> str:
    """Return the line for a README or a wiki: the score, its badge, and how much of it is known."""
    name = found.product if isinstance(found, ProductScore) else found.name
    known = f", {found.of} of 100 points known" if isinstance(found, ProductScore) and found.of < 100 else ""
    return f"{name}: {found.score:.1f}/100 ({found.badge}{known})"


def render_score(found: MeshScore, paint: Paint, *, is_detailed: bool) -> str:
    """Render the order of domains and products; with the parts of each product where they are asked for."""
    lines = [
        f"{paint('mesh', 'name')}  {found.mesh.score:.1f} of 100, {found.mesh.badge}, {_count(found.mesh.products, 'product')}",
        "",
    ]
    lines += _order([(d.name, d.score, str(d.badge), _count(d.products, "product")) for d in found.domains], paint)
    lines += ["", *_order([(p.product, p.score, str(p.badge), _beside(p)) for p in found.products], paint)]
    if is_detailed:
        for product in found.products:
            lines += ["", *_detailed(product, paint)]
    if found.practices and not is_detailed:
        lines += ["", "best practices of the mesh", *_practices(found, paint)]
    if found.not_executable:
        lines += ["", f"not executable, and so in no score: {', '.join(found.not_executable)}"]
    lines += ["", *_next(found, paint, is_detailed=is_detailed)]
    return "\n".join(lines) + "\n"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _order(rows: list[tuple[str, float, str, str]], paint: Paint) -> Iterator[str]:
    width = max((len(r[0]) for r in rows), default=0)
    for place, (name, score, badge, beside) in enumerate(rows, 1):
        yield f"{place:>3}  {paint(name, 'name')}{' ' * (width - len(name))}  {score:5.1f}  {badge:<8}  {beside}".rstrip()


def _beside(product: ProductScore) -> str:
    if product.problem:
        return product.problem
    other = "" if product.is_current else "; not the current version, in no mean"
    return f"{product.owner or 'no team'}; {product.of} of 100 points known{other}"


def _detailed(product: ProductScore, paint: Paint) -> Iterator[str]:
    yield f"{paint(product.product, 'name')} {product.version}: {product.score:.1f} of 100, {product.badge}"
    if product.problem:
        yield f"  {product.problem}; run: meshkit lint"
    earned = sum(p.points or 0.0 for p in product.parts)
    for part in product.parts:
        points = "unknown" if part.points is None else f"{part.points:5.2f}"
        yield f"  {part.name:<16} {points:>7} of {part.of}"
        for item in part.items:
            if item.why:
                told = "left out" if item.share is None else f"{item.share:.0%}"
                yield f"    {item.name} ({told}): {item.why}{'; ' + item.remedy if item.remedy else ''}"
    if product.parts:
        yield f"  {earned:.2f} points of {product.of} that are known = {product.score:.1f} of 100"


def _practices(found: MeshScore, paint: Paint) -> Iterator[str]:
    for one in found.practices:
        value = "unknown" if one.value is None else f"{one.value:.0%}"
        yield f"  {value:>7}  {one.name} {paint(f'({one.seen})', 'faint')}"


def _next(found: MeshScore, paint: Paint, *, is_detailed: bool) -> Iterator[str]:
    if found.mesh.unproven:
        yield paint(f"{_count(found.mesh.unproven, 'product')} without a run; next: meshkit score PATH --run", "faint")
    if not is_detailed:
        yield paint("next: meshkit score PATH --product ID", "faint")
