SELECT
  count() AS "n",
  COALESCE(countIf(coalesce(NOT (
    "s"."size" IS NULL
  ) AND NOT "s"."size" > 0, FALSE)), 0) AS "m0"
FROM "shop"."s" AS "s"
