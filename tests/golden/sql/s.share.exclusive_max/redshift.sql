-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN "s"."share" = CAST('NaN' AS DOUBLE PRECISION)
        OR (
          NOT "s"."share" IS NULL AND NOT "s"."share" < CAST('1' AS DOUBLE PRECISION)
        )
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."s" AS "s"
