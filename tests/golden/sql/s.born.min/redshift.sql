-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(COUNT(CASE WHEN "s"."born" < CAST('1900-01-01' AS DATE) THEN 1 END), 0) AS "m0"
FROM "shop"."s" AS "s"
