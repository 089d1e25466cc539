"""Draws the cost curves as one SVG: time against rows, checks and products, each axis by powers of ten."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

WIDTH, HEIGHT = 960, 330
PANEL_WIDTH, PANEL_HEIGHT, TOP, FIRST_LEFT, STEP = 236, 210, 60, 56, 308
AXES = {"rows": "rows in one table", "checks": "checks on 1M rows", "products": "small products in one mesh"}
SERIES = {"meshkit": "ours", "naive statement": "other"}
STYLE = """
  text { font: 12px system-ui, sans-serif; fill: #444b53; }
  .title { font-size: 13px; font-weight: 600; fill: #1d2329; }
  .grid { stroke: #d9dee3; stroke-width: 1; }
  .ours { stroke: #0b63b5; fill: #0b63b5; } .other { stroke: #b3541e; fill: #b3541e; }
  path { fill: none !important; stroke-width: 2; } text.ours, text.other { stroke: none; font-weight: 600; }
  .paper { fill: #ffffff; }
  @media (prefers-color-scheme: dark) {
    text { fill: #b8c0c8; } .title { fill: #eef1f4; } .grid { stroke: #343b43; } .paper { fill: #14181d; }
    .ours { stroke: #6db3f2; fill: #6db3f2; } .other { stroke: #f0995f; fill: #f0995f; }
  }
"""
Values = Sequence[tuple[float, float]]
Scale = Callable[[float], float]


def short(number: float) -> str:
    """Return a power of ten as people write it: 0.1, 10, 1k, 100M."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:g}{letter}"
    return f"{number:g}"


def decades(values: Iterable[float]) -> range:
    """Return the exponents of ten that enclose the values."""
    known = list(values)
    low, high = math.floor(math.log10(min(known)) + 1e-9), math.ceil(math.log10(max(known)) - 1e-9)
    return range(low, max(high, low + 1) + 1)


def panel(axis: str, curves: Mapping[str, Values], left: int, times: range) -> list[str]:
    """Return one panel; all panels share their scale of time."""
    powers = decades(x for values in curves.values() for x, _ in values)
    bottom, right = TOP + PANEL_HEIGHT, left + PANEL_WIDTH

    def across(x: float) -> float:
        return left + (math.log10(x) - powers[0]) / (powers[-1] - powers[0]) * PANEL_WIDTH

    def up(seconds: float) -> float:
        return bottom - (math.log10(seconds) - times[0]) / (times[-1] - times[0]) * PANEL_HEIGHT

    drawn = [f'<text class="title" x="{left}" y="{TOP - 28}">time by {axis}</text>']
    for power in times:
        y = up(10.0**power)
        drawn.append(f'<line class="grid" x1="{left}" y1="{y:.1f}" x2="{right}" y2="{y:.1f}"/>')
        drawn.append(f'<text x="{left - 8}" y="{y + 4:.1f}" text-anchor="end">{short(10.0**power)} s</text>')
    for power in powers:
        x = across(10.0**power)
        drawn.append(f'<line class="grid" x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}"/>')
        drawn.append(f'<text x="{x:.1f}" y="{bottom + 18}" text-anchor="middle">{short(10.0**power)}</text>')
    drawn.append(f'<text x="{left + PANEL_WIDTH / 2}" y="{bottom + 38}" text-anchor="middle">{AXES[axis]}</text>')
    return drawn + [line for name, values in curves.items() for line in curve(name, curves, values, across, up)]


def curve(name: str, curves: Mapping[str, Values], values: Values, across: Scale, up: Scale) -> list[str]:
    """Return one curve with its points, their values on hover, and its name beside the end that is free."""
    kind, points = SERIES[name], [(across(x), up(y)) for x, y in values]
    drawn = [f'<path class="{kind}" d="M{" L".join(f"{x:.1f},{y:.1f}" for x, y in points)}"/>']
    for (x, y), (count, seconds) in zip(points, values, strict=True):
        told = f"{name}: {count:,} in {seconds:.2f} s"
        drawn.append(f'<circle class="{kind}" cx="{x:.1f}" cy="{y:.1f}" r="3.5"><title>{told}</title></circle>')
    # A rising line leaves room above its last point, and below its first one.
    if all(values[-1][1] >= other[-1][1] for other in curves.values()):
        x, y = points[-1]
        drawn.append(f'<text class="{kind}" x="{x - 8:.1f}" y="{y - 8:.1f}" text-anchor="end">{name}</text>')
    else:
        x, y = points[0]
        drawn.append(f'<text class="{kind}" x="{x + 8:.1f}" y="{y + 20:.1f}">{name}</text>')
    return drawn


def draw(points: Sequence[Mapping[str, object]], caption: str) -> str:
    """Return the picture of all curves that have two points or more."""
    found: dict[str, dict[str, list[tuple[float, float]]]] = {axis: {} for axis in AXES}
    for point in points:
        values = found[str(point["axis"])].setdefault(str(point["series"]), [])
        values.append((float(str(point["x"])), float(str(point["seconds"]))))
    times = decades(seconds for curves in found.values() for values in curves.values() for _, seconds in values)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{caption}">',
        f"<title>{caption}</title>",
        f"<style>{STYLE}</style>",
        f'<rect class="paper" width="{WIDTH}" height="{HEIGHT}" rx="6"/>',
    ]
    for index, (axis, curves) in enumerate(found.items()):
        ordered = {name: sorted(curves[name]) for name in SERIES if len(curves.get(name, ())) > 1}
        if ordered:
            lines += panel(axis, ordered, FIRST_LEFT + index * STEP, times)
    return "\n".join([*lines, "</svg>"]) + "\n"
