-- x / y is a division of floats
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN CASE WHEN "s"."share" IS NULL THEN NULL ELSE FALSE END
        OR ABS(
          (
            CAST("s"."share" AS REAL) / CAST(CAST(0.1 AS REAL) AS REAL)
          ) - MK_ROUND((
            CAST("s"."share" AS REAL) / CAST(CAST(0.1 AS REAL) AS REAL)
          ), 0)
        ) > (
          CAST(1e-9 AS REAL) + ABS((
            CAST("s"."share" AS REAL) / CAST(CAST(0.1 AS REAL) AS REAL)
          )) * CAST(4.5e-16 AS REAL)
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
