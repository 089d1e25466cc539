SELECT
  count() AS "n",
  toDateTime64(minOrNull("s"."loaded"), 6, 'UTC') AS "m0"
FROM "shop"."s" AS "s"
