SELECT
  count() AS "n",
  COALESCE(countIf(coalesce("t"."amount" < toDecimal128('0.01', 2), FALSE)), 0) AS "m0"
FROM "shop"."t" AS "t"
