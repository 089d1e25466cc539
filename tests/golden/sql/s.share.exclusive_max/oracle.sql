-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    SUM(
      CASE
        WHEN "s"."share" = BINARY_DOUBLE_NAN
        OR (
          NOT "s"."share" IS NULL AND NOT "s"."share" < 1D
        )
        THEN 1
        ELSE 0
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" "s"
