-- a numeric NaN, which DuckDB has not, is within no bounds
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN (
          "t"."amount" < 0.01 OR "t"."amount" = CAST('NaN' AS NUMERIC)
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
