-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(
    COUNT(
      CASE
        WHEN "t"."weight" = CAST('NaN' AS DOUBLE PRECISION)
        OR "t"."weight" < CAST('0' AS DOUBLE PRECISION)
        THEN 1
      END
    ),
    0
  ) AS "m0"
FROM "shop"."t" AS "t"
