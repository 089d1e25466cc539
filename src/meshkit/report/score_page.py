"""The page that explains scores, written from the formula itself: docs/scores.md."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

_HEAD = """# Scores

Written by `make docs` from `policy/score.py`, `policy/lints.py` and `policy/practices.py`: the page cannot differ from the code.

`meshkit score [PATH]` says how good each product is as a product, best first, with what is missing and what to do;
in Python `meshkit.score(mesh, run=..., base=...)`.

```console
$ meshkit score sample_data/retail --run                      # products, domains, the mesh, its practices
$ meshkit score sample_data/retail --product sales.sales_orders   # each part: points, why not full, what to do
$ meshkit score . --run --against main --format json
```

## The formula

    share of a part    = sum(weight x share of item) / sum(weight), over its items that are known
    points of a part   = its points x its share
    score of a product = 100 x sum(points earned) / sum(points of parts that are known)
    score of a domain, and of the mesh = mean of its products, each in the version that its bare id means

What nobody knows is left out of both sums and named, never counted as good: no run, no published version to compare with, no
governance file, no requests for access. A waived violation costs nothing, and the waiver is shown by the compliance report.
A product whose contract has errors scores 0. Retired versions are not scored; other versions than the current one are shown, and
count in no mean. A share is a number from 0 to 1; where an item is a yes or a no, it is 1 or 0.
"""


def render_score_page(
    parts: list[dict[str, Any]], lost: Mapping[str, float], in_grace: float, badges: list[tuple[int, str]],
    lints: list[dict[str, Any]], practices: list[dict[str, Any]],
) -> str:  # fmt: skip
    """Render the page."""
    lines = [_HEAD, *_parts(parts, lost, in_grace), *_badges(badges), *_lints(lints), *_practices(practices), _JSON]
    return "\n".join(lines)


def _parts(parts: list[dict[str, Any]], lost: Mapping[str, float], in_grace: float) -> Iterator[str]:
    yield "## The parts\n\n| part | points | item | weight | what counts |\n|---|---|---|---|---|"
    for part in parts:
        for position, item in enumerate(part["items"]):
            head = (
                f"**{part['name']}**: {part['text'].lower()} ({part['practice']}) | {part['of']}"
                if not position
                else " | "
            )
            unknown = f"; left out: {item['unknown']}" if item["unknown"] else ""
            yield f"| {head} | {item['name']} | {item['weight']} | {item['text']}{unknown} |"
        if part["name"] == "governance":
            costs = ", ".join(f"{s} {share:g}" for s, share in lost.items())
            text = f"1 less what its gravest violation costs: {costs}, any in its time of grace {in_grace:g}, waived 0"
            yield f"| **governance**: {part['text'].lower()} ({part['practice']}) | {part['of']} | each policy | 1 | {text} |"
        elif not part["items"]:
            text = f"no violation; in its time of grace it costs {in_grace:g}, waived 0"
            yield f"| **{part['name']}**: {part['text']} ({part['practice']}) | {part['of']} | each lint | 1 | {text} |"
    yield f"| sum | {sum(p['of'] for p in parts)} | | | |\n"
    yield (
        "Policies that bind the product count; those without a rule are named as not executable, and those that need a run or "
        "requests are left out until there are any.\n"
    )


def _badges(badges: list[tuple[int, str]]) -> Iterator[str]:
    yield "## Badges\n"
    yield "; ".join(f"{name} from {least} on" for least, name in badges if least) + "."
    yield (
        "A product without a run is `unproven`. One with a check that failed or has no answer, or that a policy blocks, is `failing`. "
        "A domain or mesh with a product that was not run is `unproven`; with one that fails it is bronze at most. "
        "`badge_text` in JSON is the line for a README.\n"
    )


def _lints(lints: list[dict[str, Any]]) -> Iterator[str]:
    yield "## The lints\n"
    yield (
        "Anti-patterns, as policies in the form of all others, of severity warning. They never block, can be waived, and a domain may "
        "tighten them. Their numbers are changed under a global policy of that name:\n\n"
        "```yaml\ngovernance:\n  global_policies:\n    - name: centralised_ownership\n"
        "      params: {largest_share: 40%, least_products: 10}\n```\n\n"
        "| rule | against | fires unless | where | numbers |\n|---|---|---|---|---|"
    )
    for rule in lints:
        numbers = ", ".join(f"`{n}: {v}`" for n, v in rule["params"].items())
        where = f"`{rule['when']}`" if rule["when"] else "always"
        yield f"| `{rule['id']}` | {rule['pattern']} | `{rule['require']}` | {where} | {numbers} |"
    yield (
        "\n`shared_prefix` is the folder that a domain has for itself: up to the one that bears the domain's name, as in "
        "`s3://data-products/{domain}/`; without one, the first folder below the bucket, or below the mesh for local files. "
        "`holder` is the product whose files an input names by their location.\n"
    )


def _practices(practices: list[dict[str, Any]]) -> Iterator[str]:
    yield "## Best practices\n\nMeasured over the products of the mesh in their current versions.\n"
    yield "| id | practice | measure |\n|---|---|---|"
    for one in practices:
        yield f"| {one['id']} | {one['name']} | {one['measure']} |"
    yield ""


_JSON = """## JSON

`meshkit score --format json` is stable; new keys may come.

| key | holds |
|---|---|
| `mesh`, `domains[]` | `name`, `score` (one decimal), `badge`, `products`, `unproven` (without a run), `failing` |
| `products[]` | `id`, `version`, `domain`, `owner`, `is_current`, `score`, `of` (points known), `badge`, `badge_text`, `problem`, \
`unknown` (parts and `part.item`) |
| `products[].parts[]` | `name`, `points` (null = unknown), `of` |
| `products[].parts[].items[]` | `name`, `weight`, `share` (null = unknown), `why`, `remedy` |
| `practices[]` | `id`, `name`, `measure`, `value` (share, null = unknown), `seen` |
| `not_executable` | ids of policies without a rule |
"""
