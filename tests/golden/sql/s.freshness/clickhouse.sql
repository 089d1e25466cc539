SELECT
  count() AS "n",
  toDateTime64(
    maxOrNull(CASE WHEN "s"."born" <= toDate32('2026-11-22') THEN "s"."born" END),
    6,
    'UTC'
  ) AS "m0"
FROM "shop"."s" AS "s"
