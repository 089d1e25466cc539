-- NaN equals itself and is greater than any other float, as in DuckDB
SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        isNaN("t"."weight")
        OR (
          "t"."weight" < CAST('0', 'Float64')
          OR (
            isNaN(CAST('0', 'Float64')) AND NOT isNaN("t"."weight")
          )
        ),
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
