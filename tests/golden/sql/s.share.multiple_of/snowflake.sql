-- x / y is a division of floats
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN "s"."share" = CAST('NaN' AS DOUBLE)
        OR ABS((
          CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
        )) > CAST('1e299' AS DOUBLE)
        OR ABS(
          (
            CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
          ) - ROUND((
            CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
          ))
        ) > (
          CAST('1e-9' AS DOUBLE) + ABS((
            CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
          )) * CAST('4.5e-16' AS DOUBLE)
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
