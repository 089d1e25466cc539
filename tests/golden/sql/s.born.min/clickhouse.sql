SELECT
  count() AS "n",
  COALESCE(countIf(coalesce("s"."born" < toDate32('1900-01-01'), FALSE)), 0) AS "m0"
FROM "shop"."s" AS "s"
