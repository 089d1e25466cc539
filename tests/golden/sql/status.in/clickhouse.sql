SELECT
  count() AS "n",
  COALESCE(countIf(coalesce(NOT (
    "t"."status" IN ('PAID', 'O''PEN')
  ), FALSE)), 0) AS "m0"
FROM "shop"."t" AS "t"
