-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN "s"."share" = BINARY_DOUBLE_NAN
        OR (
          NOT "s"."share" IS NULL AND NOT "s"."share" < 1D
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" "s"
