SELECT
  count() AS "n",
  COALESCE(countIf(coalesce("s"."born" > toDate32('2026-11-22'), FALSE)), 0) AS "m0"
FROM "shop"."s" AS "s"
