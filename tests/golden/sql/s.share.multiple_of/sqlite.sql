-- a cast reads and rounds as DuckDB's does, by a function
-- x / y is a division of floats
-- NaN cannot be held: nothing is NaN
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN (
          "s"."share" <> "s"."share"
        )
        OR ABS((
          CAST("s"."share" AS REAL) / CAST(0.1 AS REAL)
        )) > MK_TO_FLOAT('1e299')
        OR ABS(
          (
            CAST("s"."share" AS REAL) / CAST(0.1 AS REAL)
          ) - MK_ROUND((
            CAST("s"."share" AS REAL) / CAST(0.1 AS REAL)
          ), 0)
        ) > (
          MK_TO_FLOAT('1e-9') + ABS((
            CAST("s"."share" AS REAL) / CAST(0.1 AS REAL)
          )) * MK_TO_FLOAT('4.5e-16')
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
