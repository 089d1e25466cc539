-- COUNT_IF is written as SUM(CASE WHEN ...)
SELECT
  COUNT(*) AS "n",
  COALESCE(SUM(CASE WHEN LENGTH("t"."status") < 2 THEN 1 ELSE 0 END), 0) AS "m0"
FROM "shop"."t" "t"
