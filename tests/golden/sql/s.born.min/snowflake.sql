-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(SUM(CASE WHEN "s"."born" < CAST('1900-01-01' AS DATE) THEN 1 ELSE 0 END), 0) AS "m0"
FROM "shop"."s" AS "s"
