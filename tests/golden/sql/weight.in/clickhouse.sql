-- NaN equals itself and is greater than any other float, as in DuckDB
SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        isNaN("t"."weight")
        OR NOT (
          (
            "t"."weight" = CAST('1', 'Float64')
            OR (
              isNaN("t"."weight") AND isNaN(CAST('1', 'Float64'))
            )
          )
          OR (
            "t"."weight" = CAST('2.5', 'Float64')
            OR (
              isNaN("t"."weight") AND isNaN(CAST('2.5', 'Float64'))
            )
          )
        ),
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
