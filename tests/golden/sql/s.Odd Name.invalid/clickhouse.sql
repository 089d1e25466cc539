SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        NOT (
          "s"."Odd ""Name" IS NULL
        )
        AND NOT (
          "s"."Odd ""Name" IN ('a', 'b''c', 'back\\\\slash')
        ),
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
