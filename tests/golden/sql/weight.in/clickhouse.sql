-- NaN equals itself and is greater than any other float, as in DuckDB
SELECT
  count() AS "n",
  COALESCE(
    countIf(
      coalesce(
        isNaN("t"."weight")
        OR NOT (
          (
            isNaN("t"."weight") = isNaN(CAST('1', 'Float64'))
            AND if(isNaN("t"."weight"), 0, "t"."weight") + 0 = if(isNaN(CAST('1', 'Float64')), 0, CAST('1', 'Float64')) + 0
          )
          OR (
            isNaN("t"."weight") = isNaN(CAST('2.5', 'Float64'))
            AND if(isNaN("t"."weight"), 0, "t"."weight") + 0 = if(isNaN(CAST('2.5', 'Float64')), 0, CAST('2.5', 'Float64')) + 0
          )
        ),
        FALSE
      )
    ),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
