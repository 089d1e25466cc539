SELECT
  count() AS "n",
  COALESCE(countIf(coalesce("s"."size" < -128 OR "s"."size" > 127, FALSE)), 0) AS "m0"
FROM "shop"."s" AS "s"
