SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        NOT (
          "s"."price" IS NULL
        ) AND NOT "s"."price" < toDecimal128('10.50', 2),
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
