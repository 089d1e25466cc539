-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN "s"."share" = BINARY_DOUBLE_NAN
        OR ABS((
          CAST("s"."share" AS BINARY_DOUBLE) / CAST(0.1D AS BINARY_DOUBLE)
        )) > 1e299D
        OR ABS(
          (
            CAST("s"."share" AS BINARY_DOUBLE) / CAST(0.1D AS BINARY_DOUBLE)
          ) - ROUND((
            CAST("s"."share" AS BINARY_DOUBLE) / CAST(0.1D AS BINARY_DOUBLE)
          ), 0)
        ) > (
          1e-9D + ABS((
            CAST("s"."share" AS BINARY_DOUBLE) / CAST(0.1D AS BINARY_DOUBLE)
          )) * 4.5e-16D
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" "s"
