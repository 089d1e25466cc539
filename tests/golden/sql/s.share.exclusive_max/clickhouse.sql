-- NaN equals itself and is greater than any other float, as in DuckDB
SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        isNaN("s"."share")
        OR (
          NOT (
            "s"."share" IS NULL
          )
          AND NOT (
            "s"."share" < CAST('1', 'Float64')
            OR (
              isNaN(CAST('1', 'Float64')) AND NOT isNaN("s"."share")
            )
          )
        ),
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
