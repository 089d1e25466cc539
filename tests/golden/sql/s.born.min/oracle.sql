-- COUNT_IF is written as COUNT(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(COUNT(CASE WHEN "s"."born" < DATE '1900-01-01' THEN 1 END), 0) AS "m0"
FROM "shop"."s" "s"
