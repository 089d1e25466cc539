-- x / y is a division of floats
-- NaN is greater than all numbers, and equals itself
-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN IS_NAN("s"."share")
        OR (
          IS_NAN(ABS((
            CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
          )))
          OR ABS((
            CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
          )) > CAST('1e299' AS DOUBLE)
        )
        OR (
          (
            IS_NAN(
              ABS(
                (
                  CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
                ) - ROUND((
                  CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
                ), 0)
              )
            )
            AND NOT IS_NAN(
              (
                CAST('1e-9' AS DOUBLE) + ABS((
                  CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
                )) * CAST('4.5e-16' AS DOUBLE)
              )
            )
          )
          OR ABS(
            (
              CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
            ) - ROUND((
              CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
            ), 0)
          ) > (
            CAST('1e-9' AS DOUBLE) + ABS((
              CAST("s"."share" AS DOUBLE) / CAST(CAST('0.1' AS DOUBLE) AS DOUBLE)
            )) * CAST('4.5e-16' AS DOUBLE)
          )
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
