-- x / y is a division of floats
-- ROUND of a float takes halves away from zero
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN "s"."share" = CAST('NaN' AS DOUBLE PRECISION)
        OR ABS(
          (
            CAST("s"."share" AS DOUBLE PRECISION) / CAST(CAST('0.1' AS DOUBLE PRECISION) AS DOUBLE PRECISION)
          )
        ) > CAST('1e299' AS DOUBLE PRECISION)
        OR ABS(
          (
            CAST("s"."share" AS DOUBLE PRECISION) / CAST(CAST('0.1' AS DOUBLE PRECISION) AS DOUBLE PRECISION)
          ) - CASE
            WHEN ABS(
              (
                (
                  CAST("s"."share" AS DOUBLE PRECISION) / CAST(CAST('0.1' AS DOUBLE PRECISION) AS DOUBLE PRECISION)
                )
              ) - TRUNC(
                (
                  (
                    CAST("s"."share" AS DOUBLE PRECISION) / CAST(CAST('0.1' AS DOUBLE PRECISION) AS DOUBLE PRECISION)
                  )
                )
              )
            ) >= 0.5
            THEN TRUNC(
              (
                (
                  CAST("s"."share" AS DOUBLE PRECISION) / CAST(CAST('0.1' AS DOUBLE PRECISION) AS DOUBLE PRECISION)
                )
              )
            ) + SIGN(
              (
                (
                  CAST("s"."share" AS DOUBLE PRECISION) / CAST(CAST('0.1' AS DOUBLE PRECISION) AS DOUBLE PRECISION)
                )
              )
            )
            ELSE TRUNC(
              (
                (
                  CAST("s"."share" AS DOUBLE PRECISION) / CAST(CAST('0.1' AS DOUBLE PRECISION) AS DOUBLE PRECISION)
                )
              )
            )
          END
        ) > (
          CAST('1e-9' AS DOUBLE PRECISION) + ABS(
            (
              CAST("s"."share" AS DOUBLE PRECISION) / CAST(CAST('0.1' AS DOUBLE PRECISION) AS DOUBLE PRECISION)
            )
          ) * CAST('4.5e-16' AS DOUBLE PRECISION)
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
