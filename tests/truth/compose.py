"""Queries put together from parts at random: what they give is asked of DuckDB, and of the engine."""

from __future__ import annotations

import random
from collections.abc import Iterator

_TEXTS = """
"UPPER"
"Mixed Case"
"quo""te"
'abc'
lower("UPPER")
left("UPPER", 2)
substr("UPPER", 2, 2)
replace("UPPER", 'a', 'b')
trim("UPPER")
rtrim("UPPER")
"UPPER" || "Mixed Case"
concat("UPPER", "order")
split_part("UPPER", 'b', 1)
coalesce("UPPER", 'none')
regexp_extract("UPPER", 'b(.)', 1)
regexp_replace("UPPER", 'b', 'x', 'g')
reverse("UPPER")
right("UPPER", 1)
lpad("UPPER", 5, 'x')
nullif("UPPER", 'abc')
upper("UPPER")
md5("UPPER")
CAST(id AS VARCHAR)
CAST(price AS VARCHAR)
CAST(day AS VARCHAR)
strftime(seen, '%Y-%m-%d %H:%M:%S')
CASE WHEN flag THEN 'y' ELSE 'n' END
greatest("UPPER", "Mixed Case")
min("UPPER") OVER ()
"""
_NUMBERS = """
id
"order"
price
ratio
big
length("UPPER")
strpos("UPPER", 'b')
id * 2
"order" - id
"order" // 3
"order" % 3
price + 1
price * 2
abs("order")
round(price, 1)
round(ratio)
floor(price)
ceil(ratio)
sign("order")
price / nullif("order", 0)
price / "order"
id / 2
CAST(ratio AS INTEGER)
CAST(price AS INTEGER)
date_diff('day', day, seen)
date_diff('month', day, seen)
date_diff('week', day, seen)
date_diff('year', day, DATE '2026-01-01')
date_diff('hour', seen, TIMESTAMP '2026-01-01 00:30:00')
day - DATE '2000-01-01'
year(day)
extract(week FROM day)
dayofweek(day)
isodow(seen)
epoch(seen)
hour(seen)
quarter(day)
least("order", id)
greatest(price, id)
coalesce("order", 0)
nullif("order", 20)
CASE WHEN flag THEN 1 ELSE 0 END
row_number() OVER (ORDER BY id)
lag("order") OVER (ORDER BY id)
sum("order") OVER (ORDER BY id)
rank() OVER (ORDER BY "order")
sqrt(abs("order"))
minute(seen)
second(seen)
dayofyear(day)
-"order"
1.5
7.25 * id
CAST(flag AS INTEGER)
count(*) OVER (PARTITION BY "UPPER")
avg("order") OVER ()
"""
_MOMENTS = """
day
seen
seen_z
day + 7
day + INTERVAL 1 MONTH
seen - INTERVAL 3 HOUR
seen_z + INTERVAL 1 DAY
date_trunc('month', day)
date_trunc('week', seen)
date_trunc('hour', seen)
CAST(seen AS DATE)
CAST(seen_z AS DATE)
CAST(day AS TIMESTAMP)
CAST(seen_z AS TIMESTAMP)
now()
today()
now() - INTERVAL '20 years'
coalesce(day, DATE '1999-01-01')
max(day) OVER ()
greatest(day, DATE '1970-01-01')
"""
_CONDITIONS = """
flag
NOT flag
"UPPER" LIKE 'a%'
"UPPER" ILIKE 'A%'
regexp_matches("UPPER", 'b.')
"order" IN (10, 20)
"UPPER" NOT IN ('abc', 'x')
flag IS NULL
flag IS FALSE
"UPPER" IS DISTINCT FROM 'abc'
contains("UPPER", 'b')
starts_with("UPPER", 'A')
isnan(ratio)
ratio > 1
ratio = ratio
price BETWEEN 0 AND 3
day < seen
seen < seen_z
day = DATE '2000-02-29'
regexp_full_match("UPPER", '[a-z]+')
EXISTS (SELECT 1 FROM orders o WHERE o.id = odd.id AND o.qty > 2)
id IN (SELECT customer_id - 9 FROM orders)
"UPPER" < "Mixed Case"
ends_with("UPPER", 'c')
"UPPER" SIMILAR TO 'a.*'
ratio IS NOT NULL
ratio < price
seen BETWEEN day AND now()
"""
_COMPARISONS = ("=", "<>", "<", ">=", "IS DISTINCT FROM")
_AGGREGATES = ("min(", "max(", "count(", "count(DISTINCT ", "sum(", "avg(", "median(", "stddev(")
_OF_COMPARISONS, _OF_AGGREGATES = 0.5, 0.8


def queries(seed: int, count: int) -> Iterator[str]:
    """Yield each part by itself, then `count` queries of several parts; the same for the same seed."""
    chance = random.Random(seed)
    kinds = [part.strip().splitlines() for part in (_TEXTS, _NUMBERS, _MOMENTS, _CONDITIONS)]
    for part in (p for kind in kinds for p in kind):
        yield f"SELECT id, {part} AS v FROM odd ORDER BY id"
    plain = [[p for p in kind if "OVER" not in p] for kind in kinds]
    conditions = plain[-1]
    for _ in range(count):
        kind, draw = chance.choice(plain), chance.random()
        condition = chance.choice(conditions)
        if draw < _OF_COMPARISONS and kind is not conditions:
            left, right = chance.sample(kind, 2)
            joined = f"{chance.choice(('AND', 'OR'))} NOT ({condition})"
            yield f"SELECT count(*) AS v FROM odd WHERE {left} {chance.choice(_COMPARISONS)} {right} {joined}"
        elif draw < _OF_AGGREGATES and kind is not conditions:
            chosen = f"{chance.choice(_AGGREGATES)}{chance.choice(kind)})"
            kept = chance.choice(("", f" FILTER (WHERE {condition})"))
            yield f"SELECT {chosen}{kept} AS v FROM odd WHERE id <> 2"
        else:
            key = chance.choice(plain[0] + plain[1])
            yield f"SELECT count(*) AS n, count({chance.choice(kind)}) AS v, min({key}) AS lo FROM odd GROUP BY {key} ORDER BY 1, 2, 3"
