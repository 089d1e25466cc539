SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce("t"."status" = 'PAID' AND "t"."amount" > toDecimal128('99.00', 2), FALSE)
    ),
    0
  ) AS "m0",
  COALESCE(countIf(coalesce("t"."status" = 'PAID', FALSE)), 0) AS "m1"
FROM "shop"."t" AS "t"
