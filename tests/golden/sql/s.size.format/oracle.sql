-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(SUM(CASE WHEN "s"."size" < -128 OR "s"."size" > 127 THEN 1 ELSE 0 END), 0) AS "m0"
FROM "shop"."s" "s"
