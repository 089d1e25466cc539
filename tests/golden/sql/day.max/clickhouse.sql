SELECT
  count() AS "n",
  COALESCE(countIf(coalesce("t"."day" > toDate32('2026-11-22'), FALSE)), 0) AS "m0"
FROM "shop"."t" AS "t"
